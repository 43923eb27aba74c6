import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkData, parseData } from '#model/documents/data.ts'
import { DomainError } from '#model/error.ts'
import { parseJson } from '#model/json.ts'

const inputs = {
  files: [
    { name: 'SCENE', required: true, multiple: false },
    { name: 'MASKS', required: false, multiple: true },
  ],
  json: [
    { name: 'ZOOM', type: 'integer', required: true },
    { name: 'NOTE', type: 'string', required: false },
  ],
} as const

function refusalOf(act: () => unknown): { name: string | undefined; message: string; path: unknown } {
  try {
    act()
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_USER_INPUT')
      return { name: error.details.name, message: error.message, path: error.details.path }
    throw error
  }
  throw new Error('it was accepted')
}

test('both members may be left out', () => {
  for (const nothing of [{}, undefined, null, { version: '6' }])
    expect(parseData(nothing)).toEqual({ files: {}, json: {} })
  expect(parseData({ version: '7', files: { A: [1, 2] }, json: { B: null } })).toEqual({
    files: { A: [1, 2] },
    json: { B: null },
  })
})

test('ids beyond 2^53 stay exact', () => {
  const data = parseData(parseJson('{"files":{"A":[9007199254740993, 7]}}'))
  expect(data.files).toEqual({ A: [9007199254740993n, 7] })
})

test('the v1 form is read as files and values', () => {
  const input_data = [
    { name: 'A', file_id: 1 },
    { name: 'B', file_ids: [2, 3] },
    { name: 'C', value: { x: null } },
    { name: '__proto__', value: 0 },
  ]
  const data = parseData({ version: '1.0', input_data, workspace_id: 4 })
  expect(data.files).toEqual({ A: [1], B: [2, 3] })
  expect(Object.entries(data.json)).toEqual([
    ['C', { x: null }],
    ['__proto__', 0],
  ])
  expect(parseData({ version: '1.0', output_data: [{ name: 'A', file_id: 1 }] }).files).toEqual({ A: [1] })
})

test.each<[unknown, unknown[]]>([
  [[], []],
  ['x', []],
  [{ other: {} }, ['other']],
  [{ files: [] }, ['files']],
  [{ json: null }, ['json']],
  [{ files: { A: 1 } }, ['files', 'A']],
  [{ files: { A: [] } }, ['files', 'A']],
  [{ files: { A: [1, '1'] } }, ['files', 'A', 1]],
  [{ files: { A: [true] } }, ['files', 'A', 0]],
  [{ files: { A: [1.5] } }, ['files', 'A', 0]],
  [{ files: { A: [1e20] } }, ['files', 'A', 0]],
  [{ files: { A: [2n ** 63n] } }, ['files', 'A', 0]],
  [{ json: { A: '\0' } }, []],
  [{ input_data: [] }, ['input_data']],
  [{ version: '1.0', input_data: {} }, ['input_data']],
  [{ version: '1.0', input_data: [{ file_id: 1 }] }, ['input_data', 0]],
  [
    {
      version: '1.0',
      input_data: [
        { name: 'A', value: 1 },
        { name: 'A', value: 2 },
      ],
    },
    ['input_data', 1],
  ],
  [{ version: '1.0', input_data: [{ name: 'A' }] }, ['input_data', 0]],
  [{ version: '1.0', input_data: [{ name: 'A', file_ids: [] }] }, ['files', 'A']],
])('INVALID_DATA at its place, case %#', (value, path) => {
  const refusal = refusalOf(() => parseData(value))
  expect(refusal).toMatchObject({ name: 'INVALID_DATA', path })
  expect(refusal.message).toMatch(/^Invalid job data: /)
})

test.each(['BAD', '2.0', 6, null])('version %j is refused', (version) => {
  expect(refusalOf(() => parseData({ version, files: {} })).name).toBe('INVALID_VERSION')
})

test('names that the interface does not know are dropped', () => {
  const data = parseData({ files: { SCENE: [1], X: [2] }, json: { ZOOM: 4, UNKNOWN: 1 } })
  expect(checkData(data, inputs)).toEqual({ files: { SCENE: [1] }, json: { ZOOM: 4 } })
  expect(data.json).toHaveProperty('UNKNOWN')
})

const good = { files: { SCENE: [1] }, json: { ZOOM: 4 } }
test.each([
  [
    { files: {}, json: { ZOOM: 4 } },
    'PARAM_REQUIRED',
    "Invalid job data: Parameter 'SCENE' is required",
    ['files', 'SCENE'],
  ],
  [
    { files: { SCENE: [1] }, json: {} },
    'PARAM_REQUIRED',
    "Invalid job data: Parameter 'ZOOM' is required",
    ['json', 'ZOOM'],
  ],
  [{ files: { SCENE: [1, 2] }, json: { ZOOM: 4 } }, 'MULTIPLE_FILES', 'multiple', ['files', 'SCENE']],
  [{ files: { SCENE: [] }, json: { ZOOM: 4 } }, 'NO_FILES', "'SCENE' cannot accept zero files", ['files', 'SCENE']],
  [{ files: {}, json: { SCENE: 1, ZOOM: 4 } }, 'MISMATCHED_PARAM_TYPE', "'SCENE'", ['json', 'SCENE']],
  [{ files: { SCENE: [1], ZOOM: [1] }, json: {} }, 'MISMATCHED_PARAM_TYPE', "'ZOOM'", ['files', 'ZOOM']],
  [{ files: { SCENE: [1] }, json: { SCENE: 1, ZOOM: 4 } }, 'DUPLICATE_VALUE', "'SCENE'", ['json', 'SCENE']],
  [
    { ...good, json: { ZOOM: '4' } },
    'INVALID_JSON_TYPE',
    "'ZOOM' must receive a value of type integer",
    ['json', 'ZOOM'],
  ],
  [{ ...good, json: { ZOOM: 4, NOTE: null } }, 'INVALID_JSON_TYPE', "'NOTE'", ['json', 'NOTE']],
])('%j is refused as %s', (data, name, message, path) => {
  const refusal = refusalOf(() => checkData(data, inputs))
  expect(refusal.path).toEqual(path)
  expect(refusal.name).toBe(name)
  expect(refusal.message).toContain(message)
  expect(refusal.message).toMatch(/^Invalid job data: /)
})

const samples = {
  array: [[]],
  boolean: [true],
  integer: [1, 2n ** 60n],
  number: [1.5],
  object: [{}],
  string: [''],
  none: [null],
}
test.each([
  ['array', ['array']],
  ['boolean', ['boolean']],
  ['integer', ['integer']],
  ['number', ['integer', 'number']],
  ['object', ['object']],
  ['string', ['string']],
] as const)('type %s takes values of %j alone', (type, accepted) => {
  for (const [kind, values] of Object.entries(samples)) {
    for (const value of values) {
      const act = () =>
        checkData({ files: {}, json: { A: value } }, { files: [], json: [{ name: 'A', type, required: true }] })
      if (accepted.some((each) => each === kind)) expect(act().json.A).toBe(value)
      else expect(refusalOf(act).name).toBe('INVALID_JSON_TYPE')
    }
  }
})

test('a name that every object inherits is missing until it is given', () => {
  const files = [{ name: 'constructor', required: true, multiple: false }]
  const json = [{ name: '__proto__', type: 'integer', required: true }] as const
  const nothing = { files: {}, json: {} }
  expect(refusalOf(() => checkData(nothing, { files, json: [] })).name).toBe('PARAM_REQUIRED')
  expect(refusalOf(() => checkData(nothing, { files: [], json })).name).toBe('PARAM_REQUIRED')
  const given = parseData(parseJson('{"files":{"constructor":[1]},"json":{"__proto__":2}}'))
  expect(Object.entries(checkData(given, { files, json }).json)).toEqual([['__proto__', 2]])
})

const name = fc.constantFrom('SCENE', 'MASKS', 'ZOOM', 'NOTE', '__proto__', 'constructor')
const near = fc.record(
  {
    version: fc.constantFrom('6', '7', '1.0', 'x'),
    files: fc.oneof(fc.dictionary(name, fc.array(fc.oneof(fc.nat(), fc.jsonValue()))), fc.jsonValue()),
    json: fc.oneof(fc.dictionary(name, fc.jsonValue()), fc.jsonValue()),
  },
  { requiredKeys: [] },
)
const item = fc.record(
  {
    name: fc.oneof(name, fc.jsonValue()),
    file_id: fc.jsonValue(),
    file_ids: fc.array(fc.nat()),
    value: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const old = fc.array(fc.oneof(item, fc.jsonValue())).map((input_data) => ({ version: '1.0', input_data }))

test('whatever the JSON, the answer is data or a DomainError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), near, old), (value) => {
      try {
        const data = checkData(parseData(value), inputs)
        expect(checkData(parseData(data), inputs)).toEqual(data)
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }),
    { numRuns: 2000 },
  )
})
