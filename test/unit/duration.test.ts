import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '#model/duration.ts'

test.each([
  ['500ms', 500_000_000n],
  ['10s', 10_000_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['1.5s', 1_500_000_000n],
  ['-1s', -1_000_000_000n],
  ['+2m', 120_000_000_000n],
  ['.5h', 1_800_000_000_000n],
  ['1.s', 1_000_000_000n],
  ['1us1µs1μs', 3_000n],
  ['1.9ns', 1n],
  ['0', 0n],
  ['-0', 0n],
  ['0s', 0n],
  ['9223372036854775807ns', 9_223_372_036_854_775_807n],
])('reads %s', (text, duration) => {
  expect(parseDuration(text)).toBe(duration)
})

test.each([
  '',
  'abc',
  '10',
  's',
  '.s',
  '1 s',
  ' 1s',
  '1S',
  '1d',
  '1h-3m',
  '--1s',
  '1e3s',
  '1.2.3s',
  '9223372036854775808ns',
  '2562048h',
])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeNull()
})

test.each([
  [0, '0s'],
  [1, '1ns'],
  [1_500, '1.5µs'],
  [500_000_000, '500ms'],
  [1_000_000_000, '1s'],
  [60_000_000_000, '1m0s'],
  [5_400_000_000_000, '1h30m0s'],
  [-1_500_000_000n, '-1.5s'],
  [604_800_000_000_000, '168h0m0s'],
])('writes %s as %s', (duration, text) => {
  expect(formatDuration(duration)).toBe(text)
})

test('reads back whatever it has written', () => {
  const bound = 2n ** 63n - 1n
  fc.assert(
    fc.property(fc.bigInt({ min: -bound, max: bound }), (duration) => {
      expect(parseDuration(formatDuration(duration))).toBe(duration)
    }),
  )
})
