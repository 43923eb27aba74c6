import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { parseRegistration, registerSystemJobType } from '#resolvers/job-type.ts'
import { setUnmetResources } from '#resolvers/job-type-edit.ts'
import { registerRecipeType } from '#resolvers/reference.ts'
import { registerWorkspace } from '#resolvers/workspace.ts'
import { findChangesAfter, findLogHead } from '#store/change.ts'
import { findJobTypeSecrets } from '#store/job-type-secret.ts'
import { manifest } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { clean, details, patch, read, reg } from './scale-job-types.ts'
import { at, expectRefusal, tile, tileConfiguration } from './scale-jobs.ts'

onBothStores('editing a job type by the Scale v6 job types document', (kind) => {
  let test: TestGateway
  let name: string
  let made = 0
  let before: unknown
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  beforeEach(async () => {
    made += 1
    name = `mosaic-${made}`
    before = (await reg(test, manifest(name), { is_published: true })).json()
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const edited = async (body: unknown, place = `${name}/1.0.0`) => {
    const answer = await patch(test, place, body)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json()).toEqual(clean)
    return details(test, place)
  }
  const modified = (type: unknown) => String(at(type, 'last_modified'))
  const time = expect.stringMatching(/Z$/)

  it('T33 T50: types that do not exist', async () => {
    for (const place of [`${name}/9.9.9`, 'ghost/1.0.0']) {
      expectRefusal(await test.rest('GET', `/v6/job-types/${place}/`), 404, 'Not found.')
      expectRefusal(await patch(test, place, { icon_code: 'a' }), 404, 'Not found.')
    }
    expectRefusal(await patch(test, 'ghost/1.0.0', { colour: 1 }), 404)
    expectRefusal(await patch(test, 'ghost/1.0.0', { is_active: 'maybe' }), 400)
  })

  it('T35: an icon', async () => {
    const after = await edited({ icon_code: 'f186' })
    expect(after).toEqual({ ...Object(before), icon_code: 'f186', last_modified: time })
    expect(modified(after) > modified(before)).toBe(true)
    expect(await edited({ icon_code: '' })).toMatchObject({ icon_code: 'f186' })
  })

  it('T36 T37: a pause, and the same pause again', async () => {
    const paused = await edited({ is_paused: true })
    expect(paused).toMatchObject({ is_paused: true, paused: time, revision_num: 1 })
    expect(await edited({ is_paused: true })).toMatchObject({ paused: at(paused, 'paused') })
    expect(await edited({ is_paused: false })).toMatchObject({ is_paused: false, paused: null })
  })

  it('T39: inactive and active again', async () => {
    expect(await edited({ is_active: false })).toMatchObject({ is_active: false, deprecated: time })
    expect(await edited({ is_active: true })).toMatchObject({ is_active: true, deprecated: null })
  })

  it('T40 T41: a limit, and none again by null or 0', async () => {
    expect(await edited({ max_scheduled: 9 })).toMatchObject({ max_scheduled: 9 })
    expect(await edited({ max_scheduled: null })).toMatchObject({ max_scheduled: null })
    await edited({ max_scheduled: '9' })
    expect(await edited({ icon_code: null })).toMatchObject({ max_scheduled: 9 })
    expect(await edited({ max_scheduled: 0 })).toMatchObject({ max_scheduled: null })
    expectRefusal(await patch(test, `${name}/1.0.0`, { max_scheduled: -3 }), 400, 'max_scheduled')
  })

  it('T42: no longer published', async () => {
    expect(before).toMatchObject({ is_published: true })
    expect(await edited({ is_published: false })).toMatchObject({ is_published: false })
  })

  it('T46 V21 V22 V23: a manifest makes a revision, and each keeps what it was', async () => {
    const command = (words: string) => manifest(name, '1.0.0', { interface: { command: words } })
    await setUnmetResources(test.context(), name, '1.0.0', 'chocolate')
    const after = await edited({ manifest: command('other'), docker_image: 'reg.test/img:2' })
    expect(after).toMatchObject({ revision_num: 2, docker_image: 'reg.test/img:2', unmet_resources: null })
    const path = `/v6/job-types/${name}/1.0.0/revisions/`
    const list = await read(test, path)
    expect(list).toMatchObject({ count: 2, results: [{ revision_num: 2 }, { revision_num: 1 }] })
    const last = await read(test, `${path}?page_size=1&page=2`)
    expect(last).toMatchObject({ count: 2, next: null, results: [{ revision_num: 1 }] })
    expect(Object.keys(Object(at(list, 'results', 0)))).toEqual([
      ...['id', 'job_type', 'revision_num', 'docker_image', 'created'],
    ])
    const [first, second] = [await read(test, `${path}1/`), await read(test, `${path}2/`)]
    expect(first).toMatchObject({ docker_image: 'reg.test/img:1', manifest: at(before, 'manifest') })
    expect(second).toMatchObject({
      docker_image: 'reg.test/img:2',
      manifest: { job: { interface: { command: 'other' } } },
    })
    expect(at(first, 'job_type')).toEqual(at(second, 'job_type'))
    expect(at(first, 'job_type')).toMatchObject({
      name,
      version: '1.0.0',
      title: `The ${name} job`,
      is_active: true,
      icon_code: null,
      unmet_resources: null,
    })
    for (const missing of [
      `${path}3/`,
      `${path}0/`,
      `${path}99999999999/`,
      `${path}one/`,
      '/v6/job-types/ghost/1.0.0/revisions/',
    ])
      expectRefusal(await test.rest('GET', missing), 404, 'Not found.')
  })

  it('T48: documents that are invalid, or another type’s', async () => {
    const refused = async (body: unknown, words: string) =>
      expectRefusal(await patch(test, `${name}/1.0.0`, body), 400, words)
    await refused({ manifest: { seedVersion: '1.0.0' } }, 'Seed Manifest invalid: ')
    await refused({ manifest: [] }, 'Parameter must be a valid JSON object: "manifest"')
    await refused({ manifest: manifest('other') }, `Manifest name other does not match current Job Type name ${name}.`)
    const newer = manifest(name, '1.0.1')
    await refused({ manifest: newer }, 'Manifest version 1.0.1 does not match current Job Type version 1.0.0.')
    await refused({ configuration: { settings: { A: null } } }, 'Job type configuration invalid: ')
    await refused({ colour: 1 }, 'colour is not a valid field. Valid fields are: ')
    const settings = manifest(name, '1.0.0', { interface: { outputs: { files: [{ name: 'A', pattern: '*' }] } } })
    await refused({ manifest: settings }, 'Missing workspace')
    expect(await details(test, `${name}/1.0.0`)).toEqual(before)
  })

  it('T51: nothing at all changes the time alone', async () => {
    const after = await edited({})
    expect(after).toEqual({ ...Object(before), last_modified: time })
    expect(modified(after) > modified(before)).toBe(true)
  })

  it('T52: an image alone makes no revision', async () => {
    expect(await edited({ docker_image: 'img:9' })).toMatchObject({ docker_image: 'img:9', revision_num: 1 })
    expect(await edited({ docker_image: '' })).toMatchObject({ docker_image: 'img:9' })
    const revision = await read(test, `/v6/job-types/${name}/1.0.0/revisions/1/`)
    expect(revision).toMatchObject({ docker_image: 'reg.test/img:1' })
  })

  it('T53 T54: of a system type only the pause can be changed', async () => {
    const registration = parseRegistration({ dockerImage: 'img', manifest: manifest(`${name}-system`) })
    const { jobType } = await registerSystemJobType(test.context(), registration)
    const place = `${jobType.name}/${jobType.version}`
    expect(await edited({ is_paused: true }, place)).toMatchObject({ is_system: true, is_paused: true })
    const words = 'You can only modify the is_paused field for a System Job'
    for (const body of [
      { max_scheduled: 2 },
      { max_scheduled: null },
      { icon_code: 'a' },
      { is_active: true },
      { configuration: {} },
      { manifest: manifest(jobType.name) },
    ])
      expectRefusal(await patch(test, place, body), 400, words)
    expectRefusal(await reg(test, manifest(jobType.name)), 400, words)
    await expect(
      registerSystemJobType(test.context(), parseRegistration({ dockerImage: '', manifest: manifest(name) })),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('T55: a type that recipes use warns as it becomes inactive', async () => {
    await registerRecipeType(test.context(), { name: `chain-${made}`, jobTypes: [{ name, version: '1.0.0' }] })
    const answer = await patch(test, `${name}/1.0.0`, { is_active: false })
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ is_valid: true, errors: [], warnings: [{ name: 'DEPRECATED_RECIPES' }] })
    expect(await edited({ is_active: false })).toMatchObject({ recipe_types: [{ name: `chain-${made}` }] })
  })

  it('a configuration replaces the old one whole, drops what it does not know and is checked without its schema', async () => {
    await reg(test, tile(name, '2.0.0'), { configuration: { ...tileConfiguration, priority: 5 } })
    const place = `${name}/2.0.0`
    const configuration = { colour: 1, output_workspaces: { default: 'ws-b', colour: 1 }, settings: { REGION: 'us' } }
    const after = await edited({ configuration }, place)
    expect(at(after, 'configuration')).toEqual({
      mounts: {},
      output_workspaces: { default: 'ws-b', outputs: {} },
      priority: 100,
      settings: { REGION: 'us' },
    })
    const secrets = await findJobTypeSecrets(test.store.db, test.store.keys, Number(at(after, 'id')))
    expect(secrets.get('TOKEN')).toBe('s3cr3t')
    const refused = async (sent: unknown, words: RegExp) =>
      expectRefusal(await patch(test, place, { configuration: sent }), 400, words)
    await refused({ ...tileConfiguration, priority: 0 }, /^Priority/)
    await refused({ ...tileConfiguration, mounts: { REF: { type: 'host', host_path: 'ref' } } }, /absolute/)
    await refused({ output_workspaces: {} }, /^Missing workspace/)
    await refused('x', /^Job type configuration invalid: /)
  })

  it('an inactive workspace is no reason to warn here', async () => {
    await registerWorkspace(test.context(), { name: 'ws-old', isActive: false })
    await edited({ configuration: { output_workspaces: { default: 'ws-old' }, settings: { EXTRA: '1' } } })
  })

  it('each edit is one change of the job type in the log', async () => {
    const { index } = await findLogHead(test.store.db)
    await edited({ is_paused: true })
    const changes = await findChangesAfter(test.store.db, { index, ordinal: 2 ** 31 - 1 }, 10)
    expect(changes).toMatchObject([{ kind: 'JOB_TYPE', jobTypeId: at(before, 'id') }])
  })

  it('forms are read as bodies, and bodies that are no object are refused', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const form = await test.rest('PATCH', `/v6/job-types/${name}/1.0.0/`, { headers, body: 'is_paused=T&icon_code=f1' })
    expect(form.json()).toEqual(clean)
    expect(await details(test, `${name}/1.0.0`)).toMatchObject({ is_paused: true, icon_code: 'f1' })
    for (const body of ['[1]', 'null', '{"a":'])
      expectRefusal(
        await test.rest('PATCH', `/v6/job-types/${name}/1.0.0/`, {
          headers: { 'content-type': 'application/json' },
          body,
        }),
        400,
      )
    expectRefusal(await test.rest('PUT', `/v6/job-types/${name}/1.0.0/`), 405, 'Method "PUT" not allowed.')
  })
})
