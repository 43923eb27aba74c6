import fc from 'fast-check'
import { expect, it } from 'vitest'
import { duplicateKey } from '#model/json-duplicate.ts'

it.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":{"b":1,"c":2,"b":3}}', 'b'],
  ['[{"a":1},{"x":[{"y":0,"y":0}]}]', 'y'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{"a\\"b":1,"a\\"b":2}', 'a"b'],
  ['{ "k" : "v" ,\n"k" : "w" }', 'k'],
  ['{"a":{"x":1},"a":0}', 'a'],
  ['{"":1,"":2}', ''],
])('finds the key that stands twice in %s', (text, key) => {
  expect(duplicateKey(text)).toBe(key)
})

it.each([
  '{}',
  '[]',
  '"a"',
  '{"a":"a","b":"a"}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":1}]',
  '{"a":["a","a"],"b":"{"}',
])('finds none in %s', (text) => {
  expect(duplicateKey(text)).toBeNull()
})

it('finds none in anything that JSON.stringify writes, and one in whatever is written twice', () => {
  fc.assert(fc.property(fc.json(), (text) => duplicateKey(text) === null))
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (key, value) => {
      const member = `${JSON.stringify(key)}:${JSON.stringify(value)}`
      expect(duplicateKey(`{${member},${member}}`)).toBe(key)
    }),
  )
})
