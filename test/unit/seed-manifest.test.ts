import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  environmentName,
  errorCategory,
  manifestErrors,
  manifestInterface,
  parseManifest,
  reservedTypeNames,
  resourceScalars,
  secretSettings,
  timeoutSeconds,
} from '#model/documents/seed-manifest.ts'
import { DomainError } from '#model/error.ts'
import { parseJson } from '#model/json.ts'

const job = {
  name: 'mosaic',
  jobVersion: '1.0.0',
  packageVersion: '1.0.0',
  title: 'Mosaic',
  description: 'Joins tiles',
  maintainer: { name: 'Ada Ruiz', email: 'ada@tile.test' },
  timeout: 120,
}
const withJob = (members: object) => ({ seedVersion: '1.0.0', job: { ...job, ...members } })
const withInterface = (members: object) => withJob({ interface: members })

/** The manifest of the request example in the Scale v6 job type document, whose errors have no names. */
const documented = {
  seedVersion: '1.0.0',
  job: {
    jobVersion: '1.0.0',
    packageVersion: '1.0.0',
    name: 'test',
    title: 'Job to demonstrate job type APIs',
    description: 'Reads input file and spit out specified number of bytes as output',
    tags: ['sample', 'job'],
    timeout: 3600,
    maintainer: {
      email: 'jdoe@example.com',
      name: 'John Doe',
      organization: 'E-corp',
      phone: '666-555-4321',
      url: 'http://www.example.com',
    },
    errors: [
      { category: 'data', code: 1, description: 'There was a problem with input data', title: 'Data Issue discovered' },
      { code: 2, category: 'job', description: 'Expected environment not provided', title: 'Missing environment' },
    ],
    interface: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it, not JavaScript
      command: '${INPUT_TEXT} ${INPUT_FILES} ${READ_LENGTH}',
      inputs: {
        files: [{ mediaTypes: ['text/plain'], name: 'INPUT_TEXT', partial: true }],
        json: [{ name: 'READ_LENGTH', type: 'integer' }],
      },
      mounts: [{ mode: 'ro', name: 'MOUNT_PATH', path: '/the/container/path' }],
      outputs: {
        files: [{ mediaType: 'text/plain', name: 'OUTPUT_TEXT', pattern: 'output_text.txt' }],
        json: [{ key: 'TOTAL_INPUT', name: 'total_input', type: 'integer' }],
      },
      settings: [
        { name: 'DB_HOST', secret: false },
        { name: 'DB_PASS', secret: true },
      ],
    },
    resources: {
      scalar: [
        { name: 'cpus', value: 1.5 },
        { name: 'mem', value: 244 },
        { name: 'sharedMem', value: 1 },
        { inputMultiplier: 4, name: 'disk', value: 11 },
      ],
    },
  },
}

function refusalOf(value: unknown): { name: string | undefined; message: string; path: unknown } {
  try {
    parseManifest(value)
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_USER_INPUT')
      return { name: error.details.name, message: error.message, path: error.details.path }
    throw error
  }
  throw new Error('the manifest was accepted')
}

test('the documented manifest is accepted and its errors get names', () => {
  const manifest = parseManifest(documented)
  expect(manifestErrors(manifest)).toEqual([
    {
      code: 1,
      name: 'data-issue-discovered',
      title: 'Data Issue discovered',
      description: 'There was a problem with input data',
      category: 'DATA',
    },
    {
      code: 2,
      name: 'missing-environment',
      title: 'Missing environment',
      description: 'Expected environment not provided',
      category: 'ALGORITHM',
    },
  ])
  expect(resourceScalars(manifest).map(({ name }) => name)).toEqual(['cpus', 'mem', 'sharedmem', 'disk'])
  expect([...secretSettings(manifest)]).toEqual(['DB_PASS'])
  expect(timeoutSeconds(manifest)).toBe(3600)
})

test('members keep the order they were sent in, defaults come after them, and the input is left alone', () => {
  const before = JSON.stringify(documented)
  const manifest = parseManifest(documented)
  expect(JSON.stringify(documented)).toBe(before)
  expect(Object.keys(manifest.job)).toEqual(Object.keys(documented.job))
  const [file] = manifestInterface(manifest).inputs.files
  expect(Object.entries(file ?? {})).toEqual([
    ['mediaTypes', ['text/plain']],
    ['name', 'INPUT_TEXT'],
    ['partial', true],
    ['required', true],
    ['multiple', false],
  ])
  expect(manifest.job.resources?.scalar?.[3]).toEqual({ inputMultiplier: 4, name: 'disk', value: 11 })
})

test('every default of the specification is filled in', () => {
  const manifest = parseManifest(
    withJob({
      errors: [{ code: 3, name: 'bad-scene' }, { code: -4 }, { code: 5, title: '!!!' }],
      interface: {
        inputs: { files: [{ name: 'A' }], json: [{ name: 'B', type: 'string' }] },
        outputs: { files: [{ name: 'C', pattern: '*' }], json: [{ name: 'D', type: 'object' }] },
        mounts: [{ name: 'E', path: '/e' }],
        settings: [{ name: 'F' }],
      },
    }),
  )
  expect(manifest.job.interface).toEqual({
    inputs: {
      files: [{ name: 'A', required: true, mediaTypes: [], multiple: false, partial: false }],
      json: [{ name: 'B', type: 'string', required: true }],
    },
    outputs: {
      files: [{ name: 'C', pattern: '*', mediaType: 'application/octet-stream', multiple: false, required: true }],
      json: [{ name: 'D', type: 'object', required: true }],
    },
    mounts: [{ name: 'E', path: '/e', mode: 'ro' }],
    settings: [{ name: 'F', secret: false }],
  })
  expect(manifest.job.errors).toEqual([
    { code: 3, name: 'bad-scene', title: 'bad-scene', category: 'job' },
    { code: -4, name: 'error--4', title: 'error--4', category: 'job' },
    { code: 5, name: 'error-5', title: '!!!', category: 'job' },
  ])
  expect(manifestErrors(manifest)[0]?.description).toBeNull()
})

test('a parsed manifest parses to itself', () => {
  const once = parseManifest(documented)
  expect(JSON.stringify(parseManifest(once))).toBe(JSON.stringify(once))
})

test.each([
  ['nothing optional', {}],
  ['empty resources', { resources: {} }],
  ['an empty interface', { interface: {} }],
  ['empty outputs', { interface: { outputs: {}, inputs: {} } }],
  ['whole gpus', { resources: { scalar: [{ name: 'GPUS', value: 2 }] } }],
  ['a negative timeout', { timeout: -1 }],
  ['a pre-release with build', { jobVersion: '1.0.0-rc.1+b.7' }],
  ['a reserved name', { name: 'status' }],
  [
    'the same exit code twice',
    {
      errors: [
        { code: 1, name: 'a' },
        { code: 1, name: 'b' },
      ],
    },
  ],
  [
    'an output named as an input',
    { interface: { inputs: { files: [{ name: 'A' }] }, outputs: { json: [{ name: 'A', type: 'array' }] } } },
  ],
])('%s is valid', (_what, members) => {
  const manifest = parseManifest(withJob(members))
  expect(manifestInterface(manifest).settings).toEqual([])
  expect(manifest.job.interface === undefined).toBe(!('interface' in members))
})

test.each<[string, unknown, string]>([
  ['a list', [], 'manifest must be object'],
  ['an unknown root member', { ...withJob({}), name: null }, 'name is not a known member'],
  ['no job', { seedVersion: '1.0.0' }, 'job is missing'],
  ['another seed version', { ...withJob({}), seedVersion: '0.9.0' }, 'seedVersion must be 1.0.0'],
  ['a short version', withJob({ jobVersion: '1.0' }), 'job.jobVersion must be a semantic version'],
  ['a leading zero', withJob({ jobVersion: '01.0.0' }), 'job.jobVersion must be a semantic version'],
  ['a bad package version', withJob({ packageVersion: 'x' }), 'job.packageVersion must be'],
  ['an underscore in the name', withJob({ name: 'a_b' }), 'job.name must match'],
  ['a newline after the name', withJob({ name: 'a\n' }), 'job.name must match'],
  ['a long name', withJob({ name: 'a'.repeat(51) }), 'job.name must NOT have more than 50'],
  ['a long version', withJob({ jobVersion: `1.0.0-${'a'.repeat(50)}` }), 'job.jobVersion must NOT have more than 50'],
  ['a long tag', withJob({ tags: ['a', 'a'.repeat(51)] }), 'job.tags[1] must NOT'],
  ['a long error title', withJob({ errors: [{ code: 1, title: 'a'.repeat(51) }] }), 'job.errors[0].title'],
  ['a long description', withJob({ errors: [{ code: 1, description: 'a'.repeat(251) }] }), 'job.errors[0].description'],
  ['no maintainer email', withJob({ maintainer: { name: 'x' } }), 'job.maintainer.email is missing'],
  ['a timeout with a fraction', withJob({ timeout: 1.5 }), 'job.timeout must be integer'],
  ['a timeout beyond 32 bits', withJob({ timeout: 2 ** 31 }), 'job.timeout must be <='],
  ['a timeout beyond doubles', withJob({ timeout: 2n ** 60n }), 'job.timeout must be integer'],
  ['part of a gpu', withJob({ resources: { scalar: [{ name: 'gpus', value: 1.5 }] } }), 'whole number'],
  ['an unknown type', withInterface({ inputs: { json: [{ name: 'A', type: 'null' }] } }), 'must be array or boolean'],
  ['an unknown mode', withInterface({ mounts: [{ name: 'A', path: '/a', mode: 'wo' }] }), 'mode must be ro or rw'],
  ['an unknown category', withJob({ errors: [{ code: 1, category: 'SYSTEM' }] }), 'category must be job or data'],
  ['a flag that is text', withInterface({ settings: [{ name: 'A', secret: 'yes' }] }), 'secret must be boolean'],
  ['a NUL character', withJob({ title: 'a\0b' }), 'NUL'],
])('%s is a JSON_VALIDATION_ERROR that names the place', (_what, manifest, message) => {
  const refusal = refusalOf(manifest)
  expect(refusal.name).toBe('JSON_VALIDATION_ERROR')
  expect(refusal.message).toContain(message)
})

test('a fault has its place in the details', () => {
  const mounts = [
    { name: 'A', path: '/a' },
    { name: 'B', path: '/b', 'odd/~key': 1 },
  ]
  expect(refusalOf(withInterface({ mounts })).path).toEqual(['job', 'interface', 'mounts', 1, 'odd/~key'])
})

test.each([
  ['a setting and an input', { settings: [{ name: 'SCENE' }], inputs: { files: [{ name: 'scene' }] } }],
  ['output-dir', { inputs: { json: [{ name: 'output-dir', type: 'string' }] } }],
  ['A-B and A_B', { inputs: { files: [{ name: 'A-B' }, { name: 'A_B' }] } }],
])('%s collide in the environment', (_what, members) => {
  expect(refusalOf(withInterface(members)).name).toBe('NAME_COLLISION_ERROR')
})

test('resources collide with settings and with each other', () => {
  const scalar = [{ name: 'cpus', value: 1 }]
  expect(refusalOf(withJob({ resources: { scalar: [...scalar, { name: 'CPUS', value: 1 }] } })).name).toBe(
    'NAME_COLLISION_ERROR',
  )
  const settings = [{ name: 'allocated-cpus' }]
  expect(refusalOf(withJob({ resources: { scalar }, interface: { settings } })).name).toBe('NAME_COLLISION_ERROR')
})

test('mount names, error names and mount paths are checked, in this order', () => {
  const mounts = [
    { name: 'A', path: 'a' },
    { name: 'A', path: '/a' },
  ]
  const errors = [
    { code: 1, title: 'Bad scene' },
    { code: 2, name: 'bad-scene' },
  ]
  expect(refusalOf(withJob({ errors, interface: { mounts } })).name).toBe('DUPLICATE_MOUNT_NAMES')
  expect(refusalOf(withJob({ errors, interface: { mounts: mounts.slice(0, 1) } })).name).toBe('DUPLICATE_ERROR_NAMES')
  expect(refusalOf(withInterface({ mounts: mounts.slice(0, 1) }))).toEqual({
    name: 'INVALID_MOUNT_PATH',
    message: 'job.interface.mounts[0].path must be an absolute path',
    path: ['job', 'interface', 'mounts', 0, 'path'],
  })
})

test('the words of objects are names like any other', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const manifest = parseManifest(
    parseJson(JSON.stringify(withInterface({ inputs: { files: names.map((name) => ({ name })) } }))),
  )
  expect(manifestInterface(manifest).inputs.files.map(({ name }) => name)).toEqual(names)
  const odd = parseJson('{"seedVersion":"1.0.0","job":{"__proto__":{"name":"x"}}}')
  expect(refusalOf(odd).name).toBe('JSON_VALIDATION_ERROR')
})

test('small readings', () => {
  expect(environmentName('read-Length_2')).toBe('READ_LENGTH_2')
  expect([errorCategory('data'), errorCategory('DATA'), errorCategory('job'), errorCategory(undefined)]).toEqual([
    'DATA',
    'DATA',
    'ALGORITHM',
    'ALGORITHM',
  ])
  expect([...reservedTypeNames].sort()).toEqual(['pending', 'running', 'status', 'system-failures', 'validation'])
})

/** Whole JSON values, and a valid manifest with one member anywhere replaced by any JSON value. */
const places: string[][] = []
const collect = (value: unknown, path: string[]): void => {
  places.push(path)
  if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) collect(each, [...path, key])
}
collect(documented, [])
const broken = fc
  .tuple(fc.constantFrom(...places), fc.jsonValue())
  .map(([path, value]) => replaced(documented, path, value))

function replaced(target: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(target))
    return target.map((each, index) => (String(index) === key ? replaced(each, rest, value) : each))
  const entries = Object.entries(target ?? {}).map(([name, each]) => [
    name,
    name === key ? replaced(each, rest, value) : each,
  ])
  return Object.fromEntries(entries)
}

test('whatever the JSON, the answer is a manifest or a DomainError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), broken), (value) => {
      try {
        const manifest = parseManifest(value)
        expect(parseManifest(manifest)).toEqual(manifest)
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a manifest nested without end is refused', () => {
  let deep: unknown = 1
  for (let level = 0; level < 50_000; level++) deep = [deep]
  expect(refusalOf(withJob({ tags: deep })).name).toBe('JSON_VALIDATION_ERROR')
})
