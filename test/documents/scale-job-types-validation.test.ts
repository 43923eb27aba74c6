import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerWorkspace } from '#resolvers/workspace.ts'
import { findWorkspacesByName } from '#store/workspace.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { clean, read, reg } from './scale-job-types.ts'
import { at, expectRefusal, tile, tileConfiguration } from './scale-jobs.ts'

const refusing = (name: string) => ({
  is_valid: false,
  errors: [{ name, description: expect.any(String) }],
  warnings: [],
})
const warning = (...names: string[]) => ({
  is_valid: true,
  errors: [],
  warnings: names.map((name) => ({ name, description: expect.any(String) })),
})

onBothStores('validation by the Scale v6 job types document', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
    await registerWorkspace(test.context(), { name: 'ws-a' })
    await registerWorkspace(test.context(), { name: 'ws-old', isActive: false })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const ask = (body: unknown) => test.rest('POST', '/v6/job-types/validation/', { body })
  const judged = async (document: unknown, configuration?: unknown) => {
    const answer = await ask({ manifest: document, ...(configuration === undefined ? {} : { configuration }) })
    expect(answer.status, answer.text).toBe(200)
    return answer.json()
  }
  const configured = (more: object) => judged(tile('tiler'), { ...tileConfiguration, ...more })

  it('W01 W03: what is valid', async () => {
    expect(await judged(tile('tiler'), tileConfiguration)).toEqual(clean)
    expect(await judged(manifest('mosaic'))).toEqual(clean)
    expect(await judged(manifest('mosaic'), null)).toEqual(clean)
    expect((await ask({ manifest: manifest('mosaic'), docker_image: 7, colour: 1 })).json()).toEqual(clean)
    expect(await judged(manifest('validation'))).toEqual(clean)
  })

  it('W04: a manifest is required, and both are objects', async () => {
    expectRefusal(await ask({ configuration: {} }), 400, 'Missing required parameter: "manifest"')
    expectRefusal(await ask({ manifest: 'x' }), 400, 'Parameter must be a valid JSON object: "manifest"')
    expectRefusal(await ask({ manifest: manifest('x'), configuration: [] }), 400, 'valid JSON object: "configuration"')
    expectRefusal(await ask([1]), 400)
  })

  it('W05: an unknown member of the root', async () => {
    const found = await judged({ ...manifest('mosaic'), name: null })
    expect(found).toEqual(refusing('JSON_VALIDATION_ERROR'))
    expect(Object.keys(Object(at(found, 'errors', 0)))).toEqual(['name', 'description'])
  })

  it('W07: versions that are none', async () => {
    const faults = [
      { ...manifest('mosaic'), seedVersion: '0.9.0' },
      manifest('mosaic', '1.0'),
      manifest('mosaic', '01.0.0'),
    ]
    for (const fault of faults) expect(await judged(fault)).toEqual(refusing('JSON_VALIDATION_ERROR'))
  })

  it('W11 W12: names that collide in the environment', async () => {
    const inputs = (...names: string[]) => ({ inputs: { files: names.map((name) => ({ name })) } })
    for (const contract of [
      { ...inputs('SCENE'), settings: [{ name: 'SCENE' }] },
      inputs('output-dir'),
      inputs('A-B', 'A_B'),
    ])
      expect(await judged(manifest('mosaic', '1.0.0', { interface: contract }))).toEqual(
        refusing('NAME_COLLISION_ERROR'),
      )
  })

  it('W14: two errors of one name', async () => {
    const errors = [3, 4].map((code) => ({ code, name: 'bad-scene' }))
    expect(await judged(manifest('mosaic', '1.0.0', { errors }))).toEqual(refusing('DUPLICATE_ERROR_NAMES'))
  })

  it('W17 W20 W24: what is odd but valid, in its order', async () => {
    expect(await configured({ mounts: {} })).toEqual(warning('MISSING_MOUNT'))
    const settings = { ...tileConfiguration.settings, EXTRA: '1' }
    expect(await configured({ settings })).toEqual(warning('UNKNOWN_SETTING'))
    const resources = { scalar: [{ name: 'cocoa', value: 1 }] }
    expect(await judged(manifest('mosaic', '1.0.0', { resources }))).toEqual(warning('NONSTANDARD_RESOURCE'))
    const mounts = { OTHER: { type: 'volume' } }
    expect(await configured({ mounts, settings: {}, output_workspaces: { default: 'ws-old' } })).toEqual(
      warning(...['UNKNOWN_MOUNT', 'MISSING_MOUNT', 'DEPRECATED_WORKSPACE', 'MISSING_SETTING', 'MISSING_SETTING']),
    )
  })

  it('W22 W23: workspaces', async () => {
    expect(await configured({ output_workspaces: { default: 'ws-old' } })).toEqual(warning('DEPRECATED_WORKSPACE'))
    expect(await configured({ output_workspaces: {} })).toEqual(refusing('MISSING_WORKSPACE'))
    expect(await configured({ output_workspaces: { default: 'ws-new' } })).toEqual(clean)
    for (const name of ['../up', '..', 'a/b'])
      expect(await configured({ output_workspaces: { default: name } })).toEqual(refusing('INVALID_WORKSPACE'))
    expect(await findWorkspacesByName(test.store.db, ['ws-new'])).toEqual([])
  })

  it('W27 W28: a version or a path that is none', async () => {
    expect(await configured({ version: 'BAD' })).toEqual(refusing('INVALID_VERSION'))
    const mounts = { REF: { type: 'host', host_path: 'data/ref' } }
    expect(await configured({ mounts })).toEqual(refusing('HOST_ABSOLUTE_PATH'))
    expect(await configured({ priority: 0 })).toEqual(refusing('INVALID_CONFIGURATION'))
  })

  it('W30: an existing type may be validated, and nothing is stored', async () => {
    await reg(test, manifest('mosaic'))
    expect(await judged(manifest('mosaic'))).toEqual(clean)
    expect(await read(test, '/v6/job-types/')).toMatchObject({ count: 1, results: [{ revision_num: 1 }] })
  })
})

onBothStores('validation with strict workspaces', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind, { workspaceMode: 'strict' })
  })
  afterAll(() => test.close())

  it('W21: an unknown workspace', async () => {
    const body = {
      manifest: tile('tiler'),
      configuration: { ...tileConfiguration, output_workspaces: { default: 'nowhere' } },
    }
    const answer = await test.rest('POST', '/v6/job-types/validation/', { body })
    expect(answer.json()).toEqual(refusing('INVALID_WORKSPACE'))
    const refused = await reg(test, body.manifest, { configuration: body.configuration })
    expectRefusal(refused, 400, "No workspace named 'nowhere'")
    expectRefusal(await test.rest('GET', '/v6/job-types/tiler/1.0.0/'), 404)
  })
})
