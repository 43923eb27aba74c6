import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goRegexp } from '#model/go-regexp.ts'

test.each([
  ['(', 'missing closing ): `(`'],
  ['foo(bar', 'missing closing ): `foo(bar`'],
  ['a)', 'unexpected ): `a)`'],
  ['x[a', 'missing closing ]: `[a`'],
  ['*', 'missing argument to repetition operator: `*`'],
  ['a|+', 'missing argument to repetition operator: `+`'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['a\\', 'trailing backslash at end of expression: ``'],
  ['(a)\\1', 'invalid escape sequence: `\\1`'],
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['[[:nope:]]', 'invalid character class range: `[:nope:]`'],
])('refuses %s', (expression, reason) => {
  expect(() => goRegexp(expression)).toThrow(new SyntaxError(`error parsing regexp: ${reason}`))
})

test.each([
  ['^linux$', 'linux', true],
  ['(?i)LINUX', 'linux', true],
  ['(?:a|b)+?c', 'abac', true],
  ['(?P<os>lin)ux', 'linux', true],
  ['\\Alin\\z', 'linux', false],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['[[:digit:]]{2,3}', 'a12', true],
  ['x{,2}', 'x{,2}', true],
  ['\\p{Ll}', 'λ', true],
  ['a\\.b', 'axb', false],
])('%s on %s', (expression, text, isMatch) => {
  expect(goRegexp(expression).test(text)).toBe(isMatch)
})

test('throws nothing but its own faults', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    '[',
    ']',
    '*',
    '+?',
    '{2}',
    '\\',
    '\\p{L}',
    '(?i)',
    '(?<n>',
    '(?P<n>',
    '|',
    '^',
    'a',
    '-',
    '😀',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      try {
        expect(goRegexp(pieces.join(''))).toBeInstanceOf(RegExp)
      } catch (error) {
        expect(String(error)).toMatch(/^SyntaxError: error parsing regexp: /)
      }
    }),
  )
})
