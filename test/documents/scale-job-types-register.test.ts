import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseRegistration, registerJobType } from '#resolvers/job-type.ts'
import { findJobError } from '#store/job-error.ts'
import { findJobTypeSecrets } from '#store/job-type-secret.ts'
import { keyRing } from '#store/key-ring.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { clean, details, read, reg } from './scale-job-types.ts'
import { at, expectRefusal, tile, tileConfiguration } from './scale-jobs.ts'

onBothStores('adding a Seed image by the Scale v6 job types document', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const created = async (document: unknown, more: Readonly<Record<string, unknown>> = {}) => {
    const answer = await reg(test, document, more)
    expect(answer.status, answer.text).toBe(201)
    return answer.json()
  }
  const post = (body: unknown) => test.rest('POST', '/v6/job-types/', { body })
  const image = { docker_image: 'reg.test/img:1' }

  it('T01 T03 T07: the least that a manifest may say', async () => {
    const answer = await reg(test, manifest('mosaic'))
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('http://gateway.test/v6/job-types/mosaic/1.0.0/')
    const type = answer.json()
    expect(type).toMatchObject({
      name: 'mosaic',
      version: '1.0.0',
      title: 'The mosaic job',
      revision_num: 1,
      max_tries: 3,
      is_active: true,
      is_paused: false,
      is_system: false,
      is_published: false,
      icon_code: null,
      max_scheduled: null,
      deprecated: null,
      paused: null,
      unmet_resources: null,
    })
    expect(at(type, 'configuration')).toEqual({
      mounts: {},
      output_workspaces: { default: '', outputs: {} },
      priority: 100,
      settings: {},
    })
    expect(await details(test, 'mosaic/1.0.0')).toEqual(type)
  })

  it('T04: icon, publication, limit and configuration come back, secrets do not', async () => {
    const more = { icon_code: 'f0ac', is_published: true, max_scheduled: 4, configuration: tileConfiguration }
    const type = await created(tile('tiler'), more)
    expect(type).toMatchObject({ icon_code: 'f0ac', is_published: true, max_scheduled: 4 })
    expect(at(type, 'configuration', 'mounts', 'REF', 'host_path')).toBe('/data/ref')
    expect(at(type, 'configuration', 'settings')).toEqual({ REGION: 'eu' })
    const secrets = await findJobTypeSecrets(test.store.db, test.store.keys, Number(at(type, 'id')))
    expect([...secrets]).toEqual([['TOKEN', 's3cr3t']])
    expect(at(type, 'manifest', 'job', 'interface', 'inputs', 'files', 1)).toEqual({
      name: 'MASKS',
      required: false,
      multiple: true,
      mediaTypes: [],
      partial: false,
    })
  })

  it('T06: a configuration of secrets alone', async () => {
    const settings = [{ name: 'KEY', secret: true }]
    const document = manifest('all-secret', '1.0.0', { interface: { settings } })
    const type = await created(document, { configuration: { settings: { KEY: 'zz-hidden' } } })
    expect(at(type, 'configuration', 'settings')).toEqual({})
    expect(JSON.stringify(await details(test, 'all-secret/1.0.0'))).not.toContain('zz-hidden')
  })

  it('secret settings are refused where no key can seal them', async () => {
    const ctx = { ...test.context(), store: { ...test.store, keys: keyRing([]) } }
    const sent = { dockerImage: 'img', manifest: tile('keyless'), configuration: tileConfiguration }
    await expect(registerJobType(ctx, parseRegistration(sent))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('secret key'),
    })
  })

  it('T08 T09: image and manifest are required, the image first', async () => {
    expectRefusal(await post({ manifest: manifest('x') }), 400, 'Missing required parameter: "docker_image"')
    expectRefusal(await post({ docker_image: null, manifest: null }), 400, 'docker_image')
    expectRefusal(await post(image), 400, 'Missing required parameter: "manifest"')
    expectRefusal(await post({ ...image, manifest: '{}' }), 400, 'Parameter must be a valid JSON object: "manifest"')
    expectRefusal(await post({}), 400, 'docker_image')
  })

  it('T12 T13: numbers and flags are read before the documents', async () => {
    expectRefusal(await post({ max_scheduled: 'lots' }), 400, 'Parameter must be a valid integer: "max_scheduled"')
    const broken = { ...image, manifest: {} }
    for (const flag of ['is_active', 'is_paused', 'is_published', 'auto_update'])
      expectRefusal(await post({ ...broken, [flag]: 'maybe' }), 400, `Parameter must be a valid boolean: "${flag}"`)
    expectRefusal(await post(broken), 400, /^Seed Manifest invalid: /)
  })

  it('T16 T17: gpus are whole', async () => {
    const wanting = (value: number) => manifest('gpu', '1.0.0', { resources: { scalar: [{ name: 'GPUS', value }] } })
    expectRefusal(await reg(test, wanting(1.5)), 400, 'Seed Manifest invalid')
    expect(at(await created(wanting(2)), 'manifest', 'job', 'resources')).toEqual({
      scalar: [{ name: 'gpus', value: 2 }],
    })
  })

  it('T18 T22 T23: faults of a configuration', async () => {
    const refused = async (configuration: unknown, words: string | RegExp) =>
      expectRefusal(await reg(test, manifest('refused'), { configuration }), 400, words)
    await refused({ priority: 0 }, /^Job type configuration invalid: /)
    await refused({ priority: 'high' }, /^Job type configuration invalid: /)
    await refused([], /^Job type configuration invalid: .*object/)
    await refused({ mounts: { REF: { type: 'host', host_path: 'data/ref' } } }, 'absolute')
    await refused({ mounts: { REF: { type: 'nfs' } } }, 'type')
    await refused({ mounts: { REF: {} } }, 'type')
    await refused({ version: 'BAD' }, 'version')
    expectRefusal(await test.rest('GET', '/v6/job-types/refused/1.0.0/'), 404, 'Not found.')
  })

  it('T20 T21: every output file needs a workspace', async () => {
    expectRefusal(await reg(test, tile('homeless')), 400, 'Missing workspace')
    await created(tile('homed'), { configuration: { output_workspaces: { outputs: { TILES: 'ws-a' } } } })
  })

  it('T27 T29: the same name and version again makes a revision, changed or not', async () => {
    const first = await created(manifest('again'))
    for (const revision of [2, 3]) {
      const answer = await reg(test, manifest('again'), { docker_image: `reg.test/img:${revision}` })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('location')).toBeNull()
      expect(answer.json()).toEqual(clean)
      expect(await details(test, 'again/1.0.0')).toMatchObject({
        id: at(first, 'id'),
        revision_num: revision,
        docker_image: `reg.test/img:${revision}`,
      })
    }
  })

  it('an existing type keeps the configuration and the flags that a registration leaves out', async () => {
    const configuration = { ...tileConfiguration, priority: 7 }
    const type = await created(tile('keeper'), { configuration, icon_code: 'f0ac', max_scheduled: 4 })
    const answer = await reg(test, tile('keeper'), { is_paused: true })
    expect(answer.json()).toEqual(clean)
    expect(await details(test, 'keeper/1.0.0')).toMatchObject({
      configuration: at(type, 'configuration'),
      icon_code: 'f0ac',
      max_scheduled: 4,
      is_paused: true,
      revision_num: 2,
    })
    const secrets = await findJobTypeSecrets(test.store.db, test.store.keys, Number(at(type, 'id')))
    expect(secrets.get('TOKEN')).toBe('s3cr3t')
  })

  it('warns of what is odd about a configuration sent for an existing type', async () => {
    const answer = await reg(test, tile('keeper'), { configuration: { ...tileConfiguration, mounts: {} } })
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ is_valid: true, errors: [], warnings: [{ name: 'MISSING_MOUNT' }] })
  })

  it('T31: a new type may begin paused or inactive', async () => {
    const paused = await created(manifest('paused'), { is_paused: true, is_active: false })
    const time = expect.stringMatching(/Z$/)
    expect(paused).toMatchObject({ is_paused: true, paused: time, is_active: false, deprecated: time })
  })

  it('fields that are not documented are refused after the documents and before the name', async () => {
    const words =
      'colour is not a valid field. Valid fields are: icon_code, max_scheduled, docker_image, manifest, is_published, auto_update, is_active, is_paused, configuration'
    expectRefusal(await reg(test, manifest('validation'), { colour: null }), 400, words)
    expectRefusal(await reg(test, {}, { colour: 1 }), 400, 'Seed Manifest invalid')
    expectRefusal(await reg(test, manifest('x'), { colour: 1, configuration: { a: 1 } }), 400, 'configuration invalid')
    const inQuery = await test.rest('POST', '/v6/job-types/?colour=1', {
      body: { ...image, manifest: manifest('hue') },
    })
    expect(inQuery.status).toBe(201)
  })

  it('S16: names under which routes stand are refused, and the routes go on', async () => {
    for (const name of ['validation', 'status', 'pending', 'running', 'system-failures'])
      expectRefusal(await reg(test, manifest(name)), 400, `Unable to create job type named "${name}"`)
    expect(await read(test, '/v6/job-types/status/')).toHaveProperty('results')
    expectRefusal(await test.rest('GET', '/v6/job-types/validation/'), 405)
  })

  it('what does not fit its column is refused, never a fault of ours', async () => {
    const long = (length: number) => 'x'.repeat(length)
    const refused = async (document: unknown, more: Readonly<Record<string, unknown>> = {}) =>
      expectRefusal(await reg(test, document, more), 400)
    await refused(manifest(long(51)))
    await refused(manifest('long', `1.0.0-${long(50)}`))
    await refused(manifest('long', '1.0.0', { tags: [long(51)] }))
    await refused(manifest('long', '1.0.0', { errors: [{ code: 1, name: long(51) }] }))
    await refused(manifest('long'), { icon_code: long(21) })
    await refused(manifest('long'), { docker_image: long(501) })
    await refused(manifest('long'), { max_scheduled: -1 })
    await refused(manifest('long'), { max_scheduled: 2 ** 31 })
    await refused(manifest('long'), { icon_code: 'a\u0000b' })
  })

  it('empty texts: an image may be one, an icon then is none', async () => {
    expect(await created(manifest('bare'), { docker_image: '', icon_code: '' })).toMatchObject({
      docker_image: '',
      icon_code: null,
    })
  })

  it('a version with a pre-release and a build is found under its Location', async () => {
    const answer = await reg(test, manifest('built', '1.0.0-rc.1+b7'))
    const location = answer.headers.get('location') ?? ''
    expect(location).toBe('http://gateway.test/v6/job-types/built/1.0.0-rc.1%2Bb7/')
    expect(await read(test, location.replace('http://gateway.test', ''))).toMatchObject({ version: '1.0.0-rc.1+b7' })
  })

  it('the errors of a manifest are kept for the name, those without a name under one of their own', async () => {
    await created(
      manifest('faulty', '1.0.0', { errors: [{ code: 3, title: 'Bad Scene', category: 'data' }, { code: 4 }] }),
    )
    expect(await findJobError(test.store.db, 'bad-scene', 'faulty')).toMatchObject({ category: 'DATA' })
    expect(await findJobError(test.store.db, 'error-4', 'faulty')).toMatchObject({ category: 'ALGORITHM' })
  })

  it('two registrations of a new pair at the same moment make one type with two revisions', async () => {
    const both = await Promise.all([1, 2].map(() => reg(test, tile('race'), { configuration: tileConfiguration })))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201])
    const revisions = await read(test, '/v6/job-types/race/1.0.0/revisions/')
    expect(revisions).toMatchObject({ count: 2, results: [{ revision_num: 2 }, { revision_num: 1 }] })
  })
})
