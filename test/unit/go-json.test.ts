import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { registrationShape } from '#model/documents/job-spec-shape.ts'
import { DomainError } from '#model/error.ts'
import {
  decodeGo,
  encodeGo,
  type GoInteger,
  goAny,
  goBool,
  goInt,
  goList,
  goMap,
  goPointer,
  goPointers,
  goString,
  goStruct,
  goUint64,
} from '#model/go-json.ts'

type Inner = { readonly Name: string; readonly Size: GoInteger }
const inner = goStruct<Inner>('Inner', { Name: goString, Size: goInt })
const shape = goStruct('Outer', {
  ID: goString,
  Flag: goBool,
  Index: goUint64,
  Tags: goList(goString),
  Meta: goMap(goString),
  Free: goMap(goAny),
  One: goPointer(inner),
  Many: goPointers(inner),
})
const decode = (text: string) => decodeGo(text, shape)
const refusalOf = (text: string) => {
  try {
    return decode(text)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { code: error.code, name: error.details.name, message: error.message }
  }
}
const refused = (message: string) => ({ code: 'BAD_USER_INPUT', name: 'BAD_REQUEST', message })

describe('the syntax of JSON in the words of Go', () => {
  test.each([
    ['', 'EOF'],
    [' \n', 'EOF'],
    ['{"Job": ', 'unexpected EOF'],
    ['{"ID":"a', 'unexpected EOF'],
    ['{"ID":-', 'unexpected EOF'],
    ['[1', 'unexpected EOF'],
    ['not json', "invalid character 'o' in literal null (expecting 'u')"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['\uFEFF{}', "invalid character 'ï' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['\u0000', "invalid character '\\x00' looking for beginning of value"],
    ['{ID:1}', "invalid character 'I' looking for beginning of object key string"],
    ['{"ID":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"ID" 1}', "invalid character '1' after object key"],
    ['{"ID":1 2}', "invalid character '2' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['[01]', "invalid character '1' after array element"],
    ['[-x]', "invalid character 'x' in numeric literal"],
    ['[1.x]', "invalid character 'x' after decimal point in numeric literal"],
    ['[1ex]', "invalid character 'x' in exponent of numeric literal"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['['.repeat(20_000), 'exceeded max depth'],
  ])('refuses %j', (text, message) => {
    expect(refusalOf(text)).toEqual(refused(message))
  })

  test('ignores whatever follows the first value', () => {
    expect(decode('{"ID":"a"} garbage')).toEqual({ ...shape.zero, ID: 'a' })
    expect(decode('nullx')).toEqual(shape.zero)
  })

  test('reads escapes, and half a surrogate pair as U+FFFD', () => {
    expect(decode('{"ID":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}').ID).toBe('"\\/\b\f\n\r\té😀')
    expect(decode('{"ID":"a\\ud83dz"}').ID).toBe('a\uFFFDz')
  })
})

describe('the types of Go', () => {
  test.each([
    ['[]', 'json: cannot unmarshal array into Go value of type structs.Outer'],
    ['"a"', 'json: cannot unmarshal string into Go value of type structs.Outer'],
    ['{"ID":1}', 'json: cannot unmarshal number into Go struct field Outer.ID of type string'],
    ['{"Flag":"true"}', 'json: cannot unmarshal string into Go struct field Outer.Flag of type bool'],
    ['{"One":{"Size":"50"}}', 'json: cannot unmarshal string into Go struct field Inner.One.Size of type int'],
    ['{"One":{"Size":5e1}}', 'json: cannot unmarshal number 5e1 into Go struct field Inner.One.Size of type int'],
    ['{"One":{"Size":50.0}}', 'json: cannot unmarshal number 50.0 into Go struct field Inner.One.Size of type int'],
    ['{"One":[]}', 'json: cannot unmarshal array into Go struct field Outer.One of type structs.Inner'],
    ['{"Index":-1}', 'json: cannot unmarshal number -1 into Go struct field Outer.Index of type uint64'],
    ['{"Tags":{}}', 'json: cannot unmarshal object into Go struct field Outer.Tags of type []string'],
    ['{"Tags":["a",1]}', 'json: cannot unmarshal number into Go struct field Outer.Tags of type string'],
    ['{"Meta":{"a":1}}', 'json: cannot unmarshal number into Go struct field Outer.Meta of type string'],
    ['{"Free":1}', 'json: cannot unmarshal number into Go struct field Outer.Free of type map[string]interface {}'],
    ['{"Free":{"a":1e999}}', 'json: cannot unmarshal number 1e999 into Go struct field Outer.Free of type float64'],
    ['{"Many":7}', 'json: cannot unmarshal number into Go struct field Outer.Many of type []*structs.Inner'],
    ['{"Many":[null]}', 'json: cannot unmarshal null into Go struct field Outer.Many of type structs.Inner'],
    ['{"ID":1,"Flag":1}', 'json: cannot unmarshal number into Go struct field Outer.ID of type string'],
  ])('refuses %s', (text, message) => {
    expect(refusalOf(text)).toEqual(refused(message))
  })

  test('speaks of the syntax before it speaks of types', () => {
    expect(refusalOf('{"ID":1,')).toEqual(refused('unexpected EOF'))
  })

  test('keeps 64-bit integers exact up to their bounds', () => {
    expect(decode('{"Index":18446744073709551615}').Index).toBe(18_446_744_073_709_551_615n)
    expect(decode('{"One":{"Size":-9223372036854775808}}').One?.Size).toBe(-9_223_372_036_854_775_808n)
    expect(decode('{"One":{"Size":9007199254740991}}').One?.Size).toBe(9_007_199_254_740_991)
    expect(refusalOf('{"Index":18446744073709551616}')).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(refusalOf('{"One":{"Size":9223372036854775808}}')).toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  test('matches names in any case, with the long s and the Kelvin sign, and ignores unknown ones', () => {
    expect(decode('{"id":"a","TAG\u017f":["x"],"nope":[1]}')).toEqual({ ...shape.zero, ID: 'a', Tags: ['x'] })
  })

  test('lets null leave scalars alone and empty pointers, lists and maps', () => {
    expect(decode('{"ID":"a","id":null,"Tags":["x"],"tags":null,"One":{},"one":null}')).toEqual({
      ...shape.zero,
      ID: 'a',
    })
  })

  test('merges what is repeated', () => {
    const text = '{"One":{"Name":"a","Size":3},"Meta":{"b":"1"},"Many":[{"Name":"x","Size":1},{}],'
    expect(decode(`${text}"one":{"Name":"b"},"meta":{"a":"2"},"many":[{"Size":2}]}`)).toEqual({
      ...shape.zero,
      One: { Name: 'b', Size: 3 },
      Meta: { a: '2', b: '1' },
      Many: [{ Name: 'x', Size: 2 }],
    })
  })

  test('sorts maps by the bytes of their keys and keeps __proto__ a member like any other', () => {
    const { Meta } = decode('{"Meta":{"\uFF5E":"1","😀":"2","b":"3","B":"4","__proto__":"5"}}')
    expect(Object.keys(Meta ?? {})).toEqual(['B', '__proto__', 'b', '\uFF5E', '😀'])
    expect(encodeGo(Meta)).toBe('{"B":"4","__proto__":"5","b":"3","\uFF5E":"1","😀":"2"}')
  })

  test('brings fields out in the order of the struct', () => {
    expect(encodeGo(decode('{"Many":[],"One":{"size":1},"ID":"a"}'))).toBe(
      '{"ID":"a","Flag":false,"Index":0,"Tags":null,"Meta":null,"Free":null,"One":{"Name":"","Size":1},"Many":[]}',
    )
  })
})

describe('a text made to be dear', () => {
  test.each([
    ['many structs', `{"Many":[${'{},'.repeat(50_000)}{}]}`],
    ['a struct told often', `{"One":{}${',"One":{}'.repeat(50_000)}}`],
    [
      'a large map told often',
      `{"Meta":{${Array.from({ length: 9_000 }, (_, at) => `"k${at}":""`).join()}}${',"Meta":{}'.repeat(90_000)}}`,
    ],
  ])('%s', (_title, text) => {
    expect(refusalOf(text)).toEqual(refused('too many values to read'))
  })
})

describe('encodeGo', () => {
  test('escapes what Go escapes', () => {
    expect(encodeGo({ 'a<b': 'x>&\u2028\u2029é' })).toBe('{"a\\u003cb":"x\\u003e\\u0026\\u2028\\u2029é"}')
  })

  test('indents by four spaces, leaves the empty closed and ends without a newline', () => {
    expect(encodeGo({ a: [1n], b: [], c: {} }, true)).toBe(
      '{\n    "a": [\n        1\n    ],\n    "b": [],\n    "c": {}\n}',
    )
  })
})

const registration = registrationShape('lenient')
const refuses = (text: string): boolean => {
  try {
    decodeGo(text, registration)
    return false
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return true
  }
}
const names = ['Job', 'ID', 'id', 'Priority', 'TaskGroups', 'Tasks', 'Config', 'Meta', '__proto__', 'constructor']
const nested = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.jsonValue({ maxDepth: 1 }),
    tie('object'),
    fc.array(tie('object'), { maxLength: 2 }),
  ),
  object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3 }),
})).object

describe('whatever is sent', () => {
  test('nothing but a DomainError is thrown on arbitrary JSON', () => {
    fc.assert(
      fc.property(nested, (value) => {
        expect(refuses(JSON.stringify(value))).toBeTypeOf('boolean')
      }),
    )
  })

  test('nothing but a DomainError is thrown on arbitrary text and bytes', () => {
    const bytes = fc
      .uint8Array({ maxLength: 60 })
      .map((value) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(value))
    const broken = fc.tuple(nested, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 })).map(([value, at, junk]) => {
      const text = JSON.stringify(value)
      return text.slice(0, at % (text.length + 1)) + junk
    })
    fc.assert(
      fc.property(fc.oneof(bytes, broken), (text) => {
        expect(refuses(text)).toBeTypeOf('boolean')
      }),
    )
  })

  test('any JSON comes out as JavaScript itself reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(decodeGo(text, goAny)).toEqual(JSON.parse(text, (_key, value) => (Object.is(value, -0) ? -0 : value)))
      }),
    )
  })

  test('what was decoded and written decodes and is written the same again', () => {
    const free = goMap(goAny)
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (value) => {
        const once = encodeGo(decodeGo(JSON.stringify(value), free))
        expect(encodeGo(decodeGo(once, free))).toBe(once)
      }),
    )
  })
})
