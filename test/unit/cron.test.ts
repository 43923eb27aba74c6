import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextAfter, parseCron } from '#model/cron.ts'
import { badInput, DomainError } from '#model/error.ts'

const next = (spec: string, after: string) => nextAfter(parseCron(spec), new Date(after))?.toISOString() ?? null

test.each([
  // spec, after, next
  ['* * * * *', '2016-04-01T10:00:00.000Z', '2016-04-01T10:01:00.000Z'],
  ['* * * * *', '2016-04-01T10:00:59.999Z', '2016-04-01T10:01:00.000Z'],
  ['* * * * * * *', '2016-04-01T10:00:59.500Z', '2016-04-01T10:01:00.000Z'],
  ['*/2 * * * * * *', '2016-04-01T10:00:02.000Z', '2016-04-01T10:00:04.000Z'],
  ['0 0 1 1 *', '2016-04-01T00:00:00.000Z', '2017-01-01T00:00:00.000Z'],
  ['0 0 1 1 * 2030', '2016-04-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z'],
  ['59 23 31 12 *', '2016-12-31T23:59:00.000Z', '2017-12-31T23:59:00.000Z'],
  ['0 0 29 2 *', '2016-02-29T00:00:00.000Z', '2020-02-29T00:00:00.000Z'],
  ['15,45 8-10/2 * * *', '2016-04-01T08:45:00.000Z', '2016-04-01T10:15:00.000Z'],
  ['50/5 * * * *', '2016-04-01T08:50:00.000Z', '2016-04-01T08:55:00.000Z'],
  ['0 0 * jan-Mar MON', '2016-03-28T00:00:00.000Z', '2017-01-02T00:00:00.000Z'],
  ['0 0 * january,march friday', '2016-01-29T00:00:00.000Z', '2016-03-04T00:00:00.000Z'],
  ['0 0 ? * 7', '2016-04-01T00:00:00.000Z', '2016-04-03T00:00:00.000Z'],
  ['0 0 * * 5-7', '2016-04-02T00:00:00.000Z', '2016-04-03T00:00:00.000Z'],
  // Days of the month and of the week add up where both are given.
  ['0 0 13 * fri', '2016-04-08T00:00:00.000Z', '2016-04-13T00:00:00.000Z'],
  ['0 0 13 * fri', '2016-04-13T00:00:00.000Z', '2016-04-15T00:00:00.000Z'],
  ['0 0 L * *', '2016-02-01T00:00:00.000Z', '2016-02-29T00:00:00.000Z'],
  // 30 April 2016 is a Saturday, 1 May a Sunday, 31 July a Sunday.
  ['0 0 LW * *', '2016-04-01T00:00:00.000Z', '2016-04-29T00:00:00.000Z'],
  ['0 0 LW 7 *', '2016-04-01T00:00:00.000Z', '2016-07-29T00:00:00.000Z'],
  ['0 0 1W 5 *', '2016-04-01T00:00:00.000Z', '2016-05-02T00:00:00.000Z'],
  ['0 0 1W 10 *', '2016-04-01T00:00:00.000Z', '2016-10-03T00:00:00.000Z'],
  ['0 0 * * 5L', '2016-04-01T00:00:00.000Z', '2016-04-29T00:00:00.000Z'],
  ['0 0 * * MON#2', '2016-04-01T00:00:00.000Z', '2016-04-11T00:00:00.000Z'],
  ['0 0 * * 1#5', '2016-04-01T00:00:00.000Z', '2016-05-30T00:00:00.000Z'],
  ['@hourly', '2016-04-01T10:20:30.000Z', '2016-04-01T11:00:00.000Z'],
  ['@daily', '2016-04-01T10:20:30.000Z', '2016-04-02T00:00:00.000Z'],
  ['@weekly', '2016-04-01T10:20:30.000Z', '2016-04-03T00:00:00.000Z'],
  ['@monthly', '2016-04-01T10:20:30.000Z', '2016-05-01T00:00:00.000Z'],
  ['@yearly', '2016-04-01T10:20:30.000Z', '2017-01-01T00:00:00.000Z'],
  ['@annually', '2016-04-01T10:20:30.000Z', '2017-01-01T00:00:00.000Z'],
  ['0 0 30 2 *', '2016-04-01T00:00:00.000Z', null],
  ['0 0 1 1 * 2015', '2016-04-01T00:00:00.000Z', null],
])('%s after %s is %s', (spec, after, expected) => {
  expect(next(spec, after)).toBe(expected)
})

test.each([
  ['banana', 'missing field(s)'],
  ['', 'missing field(s)'],
  ['* * * *', 'missing field(s)'],
  ['@minutely', 'missing field(s)'],
  ['60 * * * *', "syntax error in minute field: '60'"],
  ['* 24 * * *', "syntax error in hour field: '24'"],
  ['* * 0 * *', "syntax error in day-of-month field: '0'"],
  ['* * * 13 *', "syntax error in month field: '13'"],
  ['* * * * 8', "syntax error in day-of-week field: '8'"],
  ['* * * * * 1969', "syntax error in year field: '1969'"],
  ['61 * * * * * *', "syntax error in second field: '61'"],
  ['1,x * * * *', "syntax error in minute field: 'x'"],
  ['30-10 * * * *', "syntax error in minute field: '30-10'"],
  ['1-2-3 * * * *', "syntax error in minute field: '1-2-3'"],
  ['?/2 * * * *', "syntax error in minute field: '?/2'"],
  ['* * * * 1#6', "syntax error in day-of-week field: '1#6'"],
  ['* * 32W * *', "syntax error in day-of-month field: '32W'"],
  [', * * * *', 'minute field: missing directive'],
  ['*/0 * * * *', 'invalid interval */0'],
  ['*/60 * * * *', 'invalid interval */60'],
])('refuses %j', (spec, reason) => {
  expect(() => parseCron(spec)).toThrow(badInput(`Invalid cron spec "${spec}": ${reason}`, { name: 'INVALID_JOB' }))
})

test('refuses a specification that would be slow to follow', () => {
  expect(() => parseCron(`${'1,'.repeat(100_000)}1 * * * *`)).toThrow(/: too long$/)
})

/** One field: what it says, and whether a value satisfies it, told without the parser. */
type Sample = { readonly text: string; readonly has: (value: number) => boolean }

const sample = (least: number, most: number): fc.Arbitrary<Sample> => {
  const value = fc.integer({ min: least, max: most })
  const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  const entry = fc.oneof(
    value.map((only) => ({ text: `${only}`, has: (at: number) => at === only })),
    range.map(([a, b]) => ({ text: `${a}-${b}`, has: (at: number) => at >= a && at <= b })),
    fc.tuple(range, fc.integer({ min: 1, max: most })).map(([[a, b], step]) => ({
      text: `${a}-${b}/${step}`,
      has: (at: number) => at >= a && at <= b && (at - a) % step === 0,
    })),
  )
  const list = fc.array(entry, { minLength: 1, maxLength: 3 }).map((entries) => ({
    text: entries.map(({ text }) => text).join(','),
    has: (at: number) => entries.some(({ has }) => has(at)),
  }))
  return fc.oneof(fc.constant({ text: '*', has: () => true }), list)
}

describe('whatever is specified', () => {
  const moment = fc.date({ min: new Date('1999-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  const everyDay: Sample = { text: '*', has: () => true }
  const clock = fc.tuple(sample(0, 59), sample(0, 59), sample(0, 23))
  const calendar = fc.tuple(sample(1, 31), sample(1, 12), sample(0, 6))
  const isDay = (at: Date, [day, month, weekday]: readonly [Sample, Sample, Sample]) => {
    const inMonth = day.has(at.getUTCDate())
    const inWeek = weekday.has(at.getUTCDay())
    const either = day.text === '*' ? inWeek : weekday.text === '*' ? inMonth : inMonth || inWeek
    return month.has(at.getUTCMonth() + 1) && either
  }

  test('the next time is later, matches every field, and no second of its day was missed', () => {
    fc.assert(
      fc.property(clock, calendar, moment, ([second, minute, hour], days, after) => {
        const [day, month, weekday] = days
        const spec = [second, minute, hour, day, month, weekday, everyDay].map(({ text }) => text).join(' ')
        const found = nextAfter(parseCron(spec), after)
        if (found === null) return
        const matches = (at: Date) =>
          second.has(at.getUTCSeconds()) && minute.has(at.getUTCMinutes()) && hour.has(at.getUTCHours())
        expect(found.getTime()).toBeGreaterThan(after.getTime())
        expect(found.getTime() % 1_000).toBe(0)
        expect([matches(found), isDay(found, days)]).toEqual([true, true])
        const midnight = found.getTime() - (found.getTime() % 86_400_000)
        for (let at = found.getTime() - 1_000; at >= midnight && at > after.getTime(); at -= 1_000) {
          if (matches(new Date(at)))
            expect.fail(`${spec} after ${after.toISOString()} missed ${new Date(at).toISOString()}`)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('no day before it matched', () => {
    fc.assert(
      fc.property(calendar, moment, (days, after) => {
        const spec = ['0', '0', ...days.map(({ text }) => text)].join(' ')
        const found = nextAfter(parseCron(spec), after)
        const last = found?.getTime() ?? after.getTime() + 12 * 366 * 86_400_000
        const firstMidnight = (Math.floor(after.getTime() / 86_400_000) + 1) * 86_400_000
        for (let at = firstMidnight; at < last; at += 86_400_000) {
          if (isDay(new Date(at), days))
            expect.fail(`${spec} after ${after.toISOString()} missed ${new Date(at).toISOString()}`)
        }
      }),
    )
  })

  test('nothing but a DomainError is thrown', () => {
    const words = fc.constantFrom(
      '*',
      '?',
      '5',
      '5-7',
      '*/2',
      'L',
      'LW',
      '15W',
      '5L',
      '1#5',
      'mon',
      'x',
      '@daily',
      '-',
      '/',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 8 }).map((list) => list.join(' ')),
    )
    fc.assert(
      fc.property(text, moment, (spec, after) => {
        try {
          expect(nextAfter(parseCron(spec), after)).not.toBeUndefined()
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError)
        }
      }),
    )
  })
})
