import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  mergeJobConfiguration,
  parseConfiguration,
  parseConfigurationLeniently,
  secretsOf,
  withoutSecrets,
  workspaceNames,
} from '#model/documents/configuration.ts'
import { checkConfiguration, validateJobType } from '#model/documents/configuration-check.ts'
import { parseManifest } from '#model/documents/seed-manifest.ts'
import { DomainError } from '#model/error.ts'
import { parseJson } from '#model/json.ts'

const mini = {
  seedVersion: '1.0.0',
  job: {
    name: 'tiler',
    jobVersion: '1.0.0',
    packageVersion: '1.0.0',
    title: 'Tiler',
    description: 'Cuts a scene',
    maintainer: { name: 'Ada Ruiz', email: 'ada@tile.test' },
    timeout: 120,
  },
}
const sentManifest = {
  ...mini,
  job: {
    ...mini.job,
    interface: {
      outputs: { files: [{ name: 'TILES', pattern: '*.jpg', multiple: true }] },
      mounts: [{ name: 'REF', path: '/ref' }],
      settings: [{ name: 'REGION' }, { name: 'TOKEN', secret: true }],
    },
    resources: {
      scalar: [
        { name: 'cpus', value: 1.5 },
        { name: 'sharedMem', value: 1 },
      ],
    },
  },
}
const manifest = parseManifest(sentManifest)
const sent = {
  mounts: { REF: { type: 'host', host_path: '/data/ref' } },
  output_workspaces: { default: 'ws-a' },
  settings: { REGION: 'eu', TOKEN: 's3cr3t' },
}
const full = {
  mounts: sent.mounts,
  output_workspaces: { default: 'ws-a', outputs: {} },
  priority: 100,
  settings: sent.settings,
}
const lookup = (name: string) => (name === 'ws-a' ? 'active' : name === 'ws-old' ? 'inactive' : 'unknown')

function refusalOf(act: () => unknown): { name: string | undefined; message: string } {
  try {
    act()
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_USER_INPUT')
      return { name: error.details.name, message: error.message }
    throw error
  }
  throw new Error('it was accepted')
}

const check = (configuration: object, strictness: 'strict' | 'open' = 'strict') =>
  checkConfiguration(parseConfigurationLeniently({ ...sent, ...configuration }), manifest, lookup, strictness)
const warningsOf = (configuration: object) => check(configuration).warnings.map(({ name }) => name)

test('gaps are filled, and the form is always the same four members', () => {
  const empty = { mounts: {}, output_workspaces: { default: '', outputs: {} }, priority: 100, settings: {} }
  for (const nothing of [{}, undefined, null]) expect(parseConfiguration(nothing)).toEqual(empty)
  const shuffled = parseConfiguration({
    settings: {},
    priority: 5,
    version: '6',
    output_workspaces: { outputs: { A: 'w' } },
  })
  expect(Object.keys(shuffled)).toEqual(['mounts', 'output_workspaces', 'priority', 'settings'])
  expect(JSON.stringify(shuffled.output_workspaces)).toBe('{"default":"","outputs":{"A":"w"}}')
  expect(parseConfiguration(sent)).toEqual(full)
})

test('one parse never sees what another was given', () => {
  const first = parseConfiguration({})
  expect(parseConfiguration({}).settings).not.toBe(first.settings)
  const input = { output_workspaces: {} }
  parseConfiguration(input)
  expect(input).toEqual({ output_workspaces: {} })
})

test('a volume gets an empty driver and no options', () => {
  const mounts = { A: { type: 'volume' }, B: { type: 'volume', driver_opts: { size: '1' }, driver: 'nfs' } }
  expect(parseConfiguration({ mounts }).mounts).toEqual({
    A: { type: 'volume', driver: '', driver_opts: {} },
    B: { type: 'volume', driver: 'nfs', driver_opts: { size: '1' } },
  })
})

test.each(['6', '7', '2.0'])('version %s is read', (version) => {
  expect(parseConfiguration({ version })).toEqual(parseConfiguration({}))
})

test.each(['BAD', '1.0', 6, null])('version %j is refused by both ways of reading', (version) => {
  expect(refusalOf(() => parseConfiguration({ version })).name).toBe('INVALID_VERSION')
  expect(refusalOf(() => parseConfigurationLeniently({ version })).name).toBe('INVALID_VERSION')
})

test.each<[unknown, string]>([
  [[], 'configuration must be object'],
  ['x', 'configuration must be object'],
  [{ extra: 1 }, 'extra is not a known member'],
  [{ priority: 0 }, 'priority must be 1 or more'],
  [{ priority: 'high' }, 'priority must be integer'],
  [{ priority: 1.5 }, 'priority must be integer'],
  [{ priority: 2 ** 31 }, 'priority must be <='],
  [{ mounts: { A: {} } }, 'mounts.A.type is missing'],
  [{ mounts: { A: { type: 'nfs' } } }, "mounts.A has no known 'type'"],
  [{ mounts: { A: null } }, 'mounts.A must be object'],
  [{ mounts: { A: { type: 'host' } } }, 'mounts.A.host_path is missing'],
  [{ mounts: { A: { type: 'host', host_path: '/a', driver: '' } } }, 'mounts.A.driver is not a known member'],
  [{ mounts: { A: { type: 'volume', driver_opts: { size: 1 } } } }, 'mounts.A.driver_opts.size must be string'],
  [{ mounts: [] }, 'mounts must be object'],
  [{ output_workspaces: { default: null } }, 'output_workspaces.default must be string'],
  [{ output_workspaces: { other: 'x' } }, 'output_workspaces.other is not a known member'],
  [{ settings: { A: null } }, 'settings.A must be string'],
  [{ settings: { A: 'a\0' } }, 'NUL'],
])('%j is an INVALID_CONFIGURATION', (configuration, message) => {
  const refusal = refusalOf(() => parseConfiguration(configuration))
  expect(refusal.name).toBe('INVALID_CONFIGURATION')
  expect(refusal.message).toContain(message)
})

test('a lenient reading drops what it does not know', () => {
  const mounts = { A: { type: 'host', host_path: '/a', driver: 'x' }, B: { type: 'volume', other: 1 } }
  const output_workspaces = { default: 'ws-a', other: 1 }
  expect(parseConfigurationLeniently({ mounts, output_workspaces, extra: true, version: '6' })).toEqual({
    mounts: { A: { type: 'host', host_path: '/a' }, B: { type: 'volume', driver: '', driver_opts: {} } },
    output_workspaces: { default: 'ws-a', outputs: {} },
    priority: 100,
    settings: {},
  })
})

test.each<[unknown, string]>([
  [{ settings: { A: null } }, 'INVALID_SETTING'],
  [{ settings: { A: 5 } }, 'INVALID_CONFIGURATION'],
  [{ mounts: { A: {} } }, 'INVALID_CONFIGURATION'],
  [{ mounts: null }, 'INVALID_CONFIGURATION'],
  [{ priority: 'high' }, 'INVALID_CONFIGURATION'],
  [[], 'INVALID_CONFIGURATION'],
])('a lenient reading still refuses %j', (configuration, name) => {
  expect(refusalOf(() => parseConfigurationLeniently(configuration)).name).toBe(name)
})

test('a job replaces whole members of its type and nothing within them', () => {
  const type = parseConfiguration(sent)
  expect(mergeJobConfiguration(type, { priority: 5 })).toEqual({ ...full, priority: 5 })
  expect(mergeJobConfiguration(type, { settings: { OTHER: 'x' } }).settings).toEqual({ OTHER: 'x' })
  expect(mergeJobConfiguration(type, { output_workspaces: {} }).output_workspaces).toEqual({ default: '', outputs: {} })
  expect(mergeJobConfiguration(type, undefined)).toEqual(full)
  expect(refusalOf(() => mergeJobConfiguration(type, { priority: 0 })).name).toBe('INVALID_CONFIGURATION')
  expect(refusalOf(() => mergeJobConfiguration(type, [])).name).toBe('INVALID_CONFIGURATION')
})

test('secrets are taken out and handed over apart', () => {
  const configuration = parseConfiguration(sent)
  expect(withoutSecrets(configuration, manifest)).toEqual({ ...full, settings: { REGION: 'eu' } })
  expect(secretsOf(configuration, manifest)).toEqual({ TOKEN: 's3cr3t' })
  expect(JSON.stringify(withoutSecrets(configuration, manifest))).not.toContain('s3cr3t')
})

test('workspaces are found in any shape', () => {
  const output_workspaces = { default: 'a', outputs: { X: 'b', Y: 'a', Z: 3, W: '' } }
  expect(workspaceNames({ output_workspaces })).toEqual(['a', 'b'])
  for (const odd of [null, [], { output_workspaces: [] }, { output_workspaces: { outputs: 'x', default: 1 } }])
    expect(workspaceNames(odd)).toEqual([])
})

test('a complete configuration has no warnings', () => {
  expect(warningsOf({})).toEqual([])
})

test('warnings come in the order mounts, workspaces, settings, resources', () => {
  const odd = parseManifest({
    ...sentManifest,
    job: { ...sentManifest.job, resources: { scalar: [{ name: 'cocoa', value: 1 }] } },
  })
  const configuration = parseConfiguration({
    settings: { EXTRA: 'x', REGION: 'eu' },
    mounts: { OTHER: { type: 'volume' } },
    output_workspaces: { default: 'ws-old', outputs: { TILES: 'ws-a' } },
  })
  const { warnings } = checkConfiguration(configuration, odd, lookup, 'strict')
  expect(warnings.map(({ name }) => name)).toEqual([
    'UNKNOWN_MOUNT',
    'MISSING_MOUNT',
    'DEPRECATED_WORKSPACE',
    'UNKNOWN_SETTING',
    'MISSING_SETTING',
    'NONSTANDARD_RESOURCE',
  ])
  expect(warnings.every(({ description }) => description.length > 0)).toBe(true)
})

test.each<[object, string, string]>([
  [{ priority: 0 }, 'INVALID_PRIORITY', 'positive'],
  [{ mounts: { REF: { type: 'host', host_path: 'data/ref' } } }, 'HOST_ABSOLUTE_PATH', 'absolute'],
  [{ output_workspaces: { default: 'nowhere' } }, 'INVALID_WORKSPACE', 'nowhere'],
  [{ output_workspaces: { default: 'ws-a', outputs: { TILES: 'nowhere' } } }, 'INVALID_WORKSPACE', 'nowhere'],
  [{ output_workspaces: { default: 'ws-a', outputs: { TILES: '' } } }, 'INVALID_WORKSPACE', 'No workspace'],
  [{ output_workspaces: {} }, 'MISSING_WORKSPACE', "Missing workspace for outputs 'TILES'"],
  [{ output_workspaces: { outputs: { OTHER: 'ws-a' } } }, 'MISSING_WORKSPACE', 'Missing workspace'],
])('%j is refused as %s', (configuration, name, message) => {
  const refusal = refusalOf(() => check(configuration))
  expect(refusal.name).toBe(name)
  expect(refusal.message).toContain(message)
})

test('mapped outputs need no default workspace', () => {
  expect(warningsOf({ output_workspaces: { outputs: { TILES: 'ws-a' } } })).toEqual([])
})

test('an open store takes unknown workspaces, but none that it could not register', () => {
  expect(check({ output_workspaces: { default: 'nowhere' } }, 'open').warnings).toEqual([])
  const output_workspaces = { default: 'w'.repeat(51) }
  expect(refusalOf(() => check({ output_workspaces }, 'open')).name).toBe('INVALID_WORKSPACE')
})

test('names such as __proto__ and constructor are ordinary ones', () => {
  const configuration = parseConfiguration(
    parseJson(
      '{"mounts":{"__proto__":{"type":"volume"},"constructor":{"type":"volume"}},"settings":{"__proto__":"x"}}',
    ),
  )
  expect(Object.keys(configuration.mounts)).toEqual(['__proto__', 'constructor'])
  expect(Object.entries(withoutSecrets(configuration, manifest).settings)).toEqual([['__proto__', 'x']])
  const odd = parseManifest({
    ...mini,
    job: { ...mini.job, interface: { settings: [{ name: 'toString' }], mounts: [{ name: '__proto__', path: '/' }] } },
  })
  const { warnings } = checkConfiguration(parseConfiguration({}), odd, lookup, 'strict')
  expect(warnings.map(({ name }) => name)).toEqual(['MISSING_MOUNT', 'MISSING_SETTING'])
})

test('a job type is valid, valid with warnings, or has one error and no warnings', () => {
  const judge = (givenManifest: unknown, configuration: unknown) => {
    const { isValid, errors, warnings } = validateJobType(givenManifest, configuration, lookup, 'strict')
    return [isValid, errors.map(({ name }) => name), warnings.map(({ name }) => name)]
  }
  expect(judge(sentManifest, sent)).toEqual([true, [], []])
  expect(judge(mini, undefined)).toEqual([true, [], []])
  expect(judge(sentManifest, { ...sent, mounts: {} })).toEqual([true, [], ['MISSING_MOUNT']])
  expect(judge({ ...mini, name: null }, { version: 'BAD' })).toEqual([false, ['JSON_VALIDATION_ERROR'], []])
  expect(judge(mini, { version: 'BAD' })).toEqual([false, ['INVALID_VERSION'], []])
  expect(judge(sentManifest, { ...sent, mounts: {}, output_workspaces: {} })).toEqual([
    false,
    ['MISSING_WORKSPACE'],
    [],
  ])
})

const member = fc.constantFrom('version', 'mounts', 'output_workspaces', 'priority', 'settings', '__proto__')
const near = fc.dictionary(member, fc.jsonValue()).map((members) => ({ ...sent, ...members }))
const mount = fc.record(
  { type: fc.constantFrom('host', 'volume', 'x', 1), host_path: fc.jsonValue(), driver: fc.jsonValue() },
  { requiredKeys: [] },
)
const mounted = fc.dictionary(fc.string(), mount).map((mounts) => ({ ...sent, mounts }))

test.each([
  ['strict', parseConfiguration],
  ['lenient', parseConfigurationLeniently],
])('whatever the JSON, a %s reading and the check after it give a value or a DomainError', (_way, parse) => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), near, mounted), (value) => {
      try {
        const configuration = parse(value)
        expect(parseConfigurationLeniently(configuration)).toEqual(configuration)
        checkConfiguration(mergeJobConfiguration(configuration, value), manifest, lookup, 'open')
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
      }
    }),
    { numRuns: 1000 },
  )
})
