import fc from 'fast-check'
import semver from 'semver'
import { expect, test } from 'vitest'
import { compareVersions, isSemver, versionKey } from '#model/version.ts'

const number = fc.oneof(fc.nat(12), fc.maxSafeNat())
const word = fc.stringMatching(/^[0-9]{0,3}[a-zA-Z-][0-9a-zA-Z-]{0,4}$/)
const identifiers = fc.array(fc.oneof(number.map(String), word), { minLength: 1, maxLength: 3 })
const version = fc
  .tuple(number, number, number, fc.option(identifiers), fc.option(identifiers))
  .map(
    ([major, minor, patch, pre, build]) =>
      `${major}.${minor}.${patch}${pre ? `-${pre.join('.')}` : ''}${build ? `+${build.join('.')}` : ''}`,
  )
/** Pairs that share a core often, or the rules for pre-releases would hardly be tried. */
const pair = fc.oneof(
  fc.tuple(version, version),
  fc
    .tuple(identifiers, identifiers)
    .map(([left, right]) => [`1.2.3-${left.join('.')}`, `1.2.3-${right.join('.')}`] as const),
)
const text = fc.oneof(version, fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9]{1,2}(\.[0-9]{1,2}){0,3}$/))

test('the keys of versions sort as the semver package compares them', () => {
  fc.assert(
    fc.property(pair, ([left, right]) => {
      const expected = semver.compare(left, right)
      const order = Buffer.compare(Buffer.from(versionKey(left)), Buffer.from(versionKey(right)))
      expect(expected === 0 || Math.sign(order) === expected).toBe(true)
      expect(Math.sign(compareVersions(left, right))).toBe(Math.sign(order))
    }),
    { numRuns: 3000 },
  )
})

test('only equal texts have equal keys, and every key is printable ASCII', () => {
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(versionKey(left) === versionKey(right)).toBe(left === right)
      expect(versionKey(left)).toMatch(/^[ -~]+$/)
      expect(compareVersions(left, right)).toBe(-compareVersions(right, left) + 0)
    }),
    { numRuns: 2000 },
  )
})

test('numbers count as numbers, and a release beats its pre-releases', () => {
  const sorted = ['odd', '1.0', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-rc.1', '1.0.0', '1.2.0', '1.10.0', '1.10.1-rc.1']
  const found = sorted.toReversed().sort(compareVersions)
  expect(found.filter((each) => each !== '1.0')).toEqual(sorted.filter((each) => each !== '1.0'))
  expect(compareVersions('1.0', '1.0.1-a')).toBeLessThan(0)
  expect(compareVersions('1.0', '1.0.0-z')).toBeGreaterThan(0)
})

test('numbers of any length keep their order', () => {
  const digits = ['9', '10', '9'.repeat(25), `1${'0'.repeat(25)}`, '9'.repeat(26), `1${'0'.repeat(60)}`]
  const versions = digits.map((major) => `${major}.0.0`)
  expect(versions.toReversed().sort(compareVersions)).toEqual(versions)
})

test.each(['1.0', '01.0.0', '1.0.0-', '1.0.0-01', 'v1.0.0', '1.0.0 ', '1.0.0\n', ''])(
  '%j is no semantic version',
  (odd) => {
    expect(isSemver(odd)).toBe(false)
  },
)

test('every version that is made by the rules is a semantic version', () => {
  fc.assert(
    fc.property(version, (made) => {
      expect(isSemver(made)).toBe(true)
    }),
  )
})
