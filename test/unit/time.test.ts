import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DomainError } from '#model/error.ts'
import { parseScaleTime, timeOfNanoseconds } from '#model/time.ts'

const now = new Date('2018-11-01T13:30:22.485Z')

test.each([
  ['2015-01-01T00:00:00Z', '2015-01-01T00:00:00.000000Z'],
  ['2015-01-01 00:00Z', '2015-01-01T00:00:00.000000Z'],
  ['2018-11-01T13:30:22.485611Z', '2018-11-01T13:30:22.485611Z'],
  ['2018-11-01T13:30:22.4856119Z', '2018-11-01T13:30:22.485611Z'],
  ['2018-11-01T13:30:22.5+02:00', '2018-11-01T11:30:22.500000Z'],
  ['2018-11-01T13:30:22-0530', '2018-11-01T19:00:22.000000Z'],
  ['2018-11-01T13:30-05', '2018-11-01T18:30:00.000000Z'],
  ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
  ['0050-02-28T00:00:00Z', '0050-02-28T00:00:00.000000Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
  ['2016-02-29T00:00:00Z', '2016-02-29T00:00:00.000000Z'],
  ['PT3H0M0S', '2018-11-01T10:30:22.485000Z'],
  ['PT0.5H', '2018-11-01T13:00:22.485000Z'],
  ['P1DT2H', '2018-10-31T11:30:22.485000Z'],
  ['PT0.000001S', '2018-11-01T13:30:22.484999Z'],
  ['P', '2018-11-01T13:30:22.485000Z'],
  ['PT', '2018-11-01T13:30:22.485000Z'],
])('%s is read as %s', (text, expected) => {
  expect(parseScaleTime(text, now)).toBe(expected)
})

test('a duration is counted back from a text with its microseconds kept', () => {
  expect(parseScaleTime('PT0.000002S', '2018-11-01T13:30:22.485611Z')).toBe('2018-11-01T13:30:22.485609Z')
})

test.each([
  'P1W',
  'P1M',
  'P1Y',
  'pt1h',
  'Pt1h',
  '-PT1H',
  'P-1D',
  'P1',
  'P1H',
  'PT1D',
  'PT.5H',
  'PT1,5H',
  'PT1S1H',
  'yesterday',
  '',
  '2016-01-01',
  '2016-01-01Z',
  '2016-01-01T00:00:00',
  '2016-01-01T00:00:00 00:00',
  '2016-01-01t00:00:00z',
  '2016-02-30T00:00:00Z',
  '2015-02-29T00:00:00Z',
  '2016-13-01T00:00:00Z',
  '2016-00-01T00:00:00Z',
  '2016-01-00T00:00:00Z',
  '2016-01-01T24:00:00Z',
  '2016-01-01T00:60:00Z',
  '2016-01-01T00:00:60Z',
  '2016-01-01T00:00:00+24:00',
  '2016-01-01T00:00:00+00:60',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '10000-01-01T00:00:00Z',
  '+02016-01-01T00:00:00Z',
  'P99999999D',
  ' 2016-01-01T00:00:00Z',
  '2016-01-01T00:00:00Z\n',
  '٢٠١٦-01-01T00:00:00Z',
  `PT${'9'.repeat(200)}S`,
])('%j is refused', (text) => {
  expect(() => parseScaleTime(text, now)).toThrow(DomainError)
})

test('a hostile text of a megabyte is refused at once', () => {
  const began = performance.now()
  for (const text of [`PT${'1'.repeat(1e6)}`, `P${'1.'.repeat(5e5)}`, `2016-01-01T00:00:00.${'1'.repeat(1e6)}Z`])
    expect(() => parseScaleTime(text, now)).toThrow(/neither a date/)
  expect(performance.now() - began).toBeLessThan(1000)
})

test('an instant that JavaScript writes is read back as itself', () => {
  const instant = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(instant, (date) => {
      expect(parseScaleTime(date.toISOString(), now)).toBe(date.toISOString().replace('Z', '000Z'))
    }),
  )
})

test('whatever the text, the answer is a time or a DomainError', () => {
  const piece = fc.constantFrom('P', 'T', '1', '0.5', 'H', 'D', 'M', 'S', '2016', '-', '01', ':', '+', 'Z', ' ', '.')
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(text, (each) => {
      try {
        expect(parseScaleTime(each, now)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }),
    { numRuns: 2000 },
  )
})

test.each([
  [0n, '1970-01-01T00:00:00.000000Z'],
  [1_764_000_000_123_456_789n, '2025-11-24T16:00:00.123456Z'],
  [-1n, '1969-12-31T23:59:59.999999Z'],
])('%d nanoseconds since 1970 are %s', (nanoseconds, text) => {
  expect(timeOfNanoseconds(nanoseconds)).toBe(text)
})
