import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentedJob, sentGroup, sentJob, sentTask } from '../support/job-spec.ts'
import { onBothStores } from '../support/store.ts'
import { expectRefused, type Nomad, ok, okObject, openNomad, sampleGroup, sampleJob } from './nomad.ts'

const registered = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function firstParts(job: Readonly<Record<string, unknown>>) {
  const first = (list: unknown) => Object(Array.isArray(list) ? list[0] : {}) as Readonly<Record<string, unknown>>
  const group = first(job.TaskGroups)
  return { group, task: first(group.Tasks) }
}

onBothStores('registering at Nomad /v1/job', (kind) => {
  let nomad: Nomad
  beforeAll(async () => {
    nomad = await openNomad(kind)
  })
  afterAll(async () => {
    expect(nomad.bugs).toEqual([])
    await nomad.close()
  })
  const put = (id: string, body: string | object) => nomad.ask('PUT', `/v1/job/${id}`, body)
  const get = async (id: string) => okObject(await nomad.ask('GET', `/v1/job/${id}`))

  it.each(['PUT', 'POST'])('8 to 12: takes a job by %s in two steps of the index', async (method) => {
    const id = `svc-${method}`
    const answer = await nomad.ask(method, `/v1/job/${id}`, sampleJob(id))
    const done = okObject(answer)
    expect(done).toEqual({
      EvalID: expect.stringMatching(registered),
      EvalCreateIndex: answer.index,
      JobModifyIndex: answer.index - 1,
      Index: answer.index,
      LastContact: 0,
      KnownLeader: false,
    })
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-nomad'))).toEqual(['x-nomad-index'])
    const job = await get(id)
    expect(job).toMatchObject({ ID: id, CreateIndex: done.JobModifyIndex, JobModifyIndex: done.JobModifyIndex })
  })

  it('13 to 17: shows all keys in their order, what was sent unchanged, and defaults', async () => {
    ok(await put('full', sampleJob('full')))
    const job = await get('full')
    expect(Object.keys(job).join(' ')).toBe(
      'Region ID ParentID Name Type Priority AllAtOnce Datacenters Constraints TaskGroups Update Periodic Meta Status ' +
        'StatusDescription CreateIndex ModifyIndex JobModifyIndex',
    )
    const { group, task } = firstParts(job)
    expect(Object.keys(group).join(' ')).toBe('Name Count Constraints RestartPolicy Tasks Meta')
    expect(Object.keys(task).join(' ')).toBe(
      'Name Driver User Config Env Services Constraints Resources Meta KillTimeout LogConfig Artifacts',
    )
    expect(job).toMatchObject(sentJob({ ID: 'full', Name: 'full' }))
    expect(task.KillTimeout).toBe(5_000_000_000)
    expect(job).toMatchObject({ ParentID: '', Periodic: null, StatusDescription: '' })
  })

  it('31: does not hold Job.Region against the region', async () => {
    ok(await put('martian', sampleJob('martian', { Region: 'mars' })))
    expect((await get('martian')).Region).toBe('mars')
  })

  it('takes the region of the query before that of the body', async () => {
    expectRefused(await put('r1', { ...sampleJob('r1'), Region: 'mars' }), 400, 'No path to region')
    ok(await put('r1?region=global', { ...sampleJob('r1'), Region: 'mars' }))
  })

  it('37: makes a new evaluation of an unchanged job and keeps its creation index', async () => {
    const first = okObject(await put('again', sampleJob('again')))
    const second = okObject(await put('again', sampleJob('again')))
    expect(second.EvalID).not.toBe(first.EvalID)
    expect(Number(second.JobModifyIndex)).toBeGreaterThan(Number(first.JobModifyIndex))
    expect(await get('again')).toMatchObject({
      CreateIndex: first.JobModifyIndex,
      ModifyIndex: second.JobModifyIndex,
      JobModifyIndex: second.JobModifyIndex,
    })
  })

  describe('a body that is refused', () => {
    it.each([
      ['45', '', 'EOF'],
      ['46', '{"Job": ', 'unexpected EOF'],
      ['47', 'not json', /./],
      ['48', '[]', /^json: cannot unmarshal/],
      ['48', '"a"', /^json: cannot unmarshal/],
      ['49', 'null', 'Job must be specified'],
      ['49', '{}', 'Job must be specified'],
      ['49', '{"Job":null}', 'Job must be specified'],
      ['50', JSON.stringify(sentJob()), 'Job must be specified'],
      ['51', JSON.stringify(sampleJob('x2')), 'Job ID does not match'],
      ['52', JSON.stringify(sampleJob('X1')), 'Job ID does not match'],
      ['BOM', `\ufeff${JSON.stringify(sampleJob('x1'))}`, /^invalid character/],
    ])('%s: %s', async (_case, body, words) => {
      expectRefused(await put('x1', body), 400, words)
    })

    it.each(['"50"', '50.5', '5e1', '50.0', '1e30', '-0.0', '99999999999999999999'])(
      '53: Priority %s',
      async (priority) => {
        const body = JSON.stringify(sampleJob('x1', { Priority: 'P' })).replace('"P"', priority)
        expectRefused(await put('x1', body), 400, /^json: cannot unmarshal .* into Go /)
      },
    )

    it.each([
      [{ Priority: 0 }, 'Job priority must be between [1, 100]'],
      [{ Priority: -1 }, 'Job priority must be between [1, 100]'],
      [{ Name: '' }, 'Missing job name'],
      [{ Region: '' }, 'Missing job region'],
      [{ Datacenters: [] }, 'Missing job datacenters'],
      [{ TaskGroups: [] }, 'Missing job task groups'],
      [{ TaskGroups: null }, 'Missing job task groups'],
      [{ TaskGroups: [sentGroup(), sentGroup()] }, "Job task group 2 redefines 'g1' from group 1"],
      [{ Constraints: [{ LTarget: '', RTarget: '', Operand: '' }] }, /Constraint 1 validation failed: /],
    ])('59: %j', async (members, words) => {
      const answer = await put('x1', sampleJob('x1', members))
      if (typeof words === 'string') expectRefused(answer, 400, `1 error(s) occurred:\n\n* ${words}`)
      else expectRefused(answer, 400, words)
    })

    it('57: an ID with a space', async () => {
      expectRefused(await put('a%20b', sampleJob('a b')), 400, '1 error(s) occurred:\n\n* Job ID contains a space')
    })

    it('a null group, over which Nomad breaks the connection', async () => {
      expectRefused(await put('x1', sampleJob('x1', { TaskGroups: [null] })), 400, /./)
    })

    it('a core job', async () => {
      expectRefused(await put('x1', sampleJob('x1', { Type: '_core' })), 400, 'job type cannot be core')
    })

    it('one that is too large', async () => {
      expect((await put('x1', `{"Job":"${'x'.repeat(1_100_000)}"}`)).status).toBe(413)
    })

    it('63: leaves nothing behind', async () => {
      expect((await nomad.ask('GET', '/v1/job/x1')).status).toBe(404)
    })
  })

  it('64: matches keys in any case', async () => {
    const lower = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(lower)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toLowerCase(), lower(member)]))
    }
    ok(await put('lower', lower(sampleJob('lower', { Meta: null })) as object))
    expect(await get('lower')).toMatchObject({ ID: 'lower', Priority: 50, TaskGroups: [{ Name: 'g1', Count: 1 }] })
  })

  it('65: ignores unknown keys, text after the job, and what is the server’s to say', async () => {
    const body = sampleJob('extra', { Nonsense: 1, Status: 'dead', CreateIndex: 999, ModifyIndex: 999 })
    ok(await put('extra', `${JSON.stringify({ ...body, More: [] })} trailing`))
    const job = await get('extra')
    expect(job.Status).toBe('pending')
    expect(job.CreateIndex).not.toBe(999)
    expect(job).not.toHaveProperty('Nonsense')
  })

  it('replaces what is no UTF-8', async () => {
    const body = new TextEncoder().encode(JSON.stringify(sampleJob('bytes', { Meta: { a: '#' } })))
    body[body.lastIndexOf('#'.charCodeAt(0))] = 0xff
    ok(await nomad.ask('PUT', '/v1/job/bytes', body))
    expect((await get('bytes')).Meta).toEqual({ a: '\ufffd' })
  })

  it('73: takes a job at /v1/jobs under whatever ID it says', async () => {
    for (const method of ['PUT', 'POST']) {
      okObject(await nomad.ask(method, '/v1/jobs', sampleJob(`via-${method}`)))
      expect((await get(`via-${method}`)).ID).toBe(`via-${method}`)
    }
    ok(await put('', sampleJob('viaempty')))
    expect((await get('viaempty')).ID).toBe('viaempty')
  })

  it('keeps 64-bit integers digit for digit', async () => {
    const body = JSON.stringify(sampleJob('wide', sampleGroup(1, { KillTimeout: 'K' }))).replace(
      '"K"',
      '9007199254740993',
    )
    ok(await put('wide', body))
    expect((await nomad.ask('GET', '/v1/job/wide')).text).toContain('"KillTimeout":9007199254740993')
  })

  it('62: takes the document’s own example', async () => {
    ok(await put(documentedJob.ID, { Job: documentedJob }))
  })
})

describe('registering strictly, as v0.3.2 does', () => {
  let nomad: Nomad
  beforeAll(async () => {
    nomad = await openNomad('postgres', { strict: true })
  })
  afterAll(() => nomad.close())
  const refusal = async (members: Readonly<Record<string, unknown>>) => {
    const answer = await nomad.ask('PUT', '/v1/job/x1', sampleJob('x1', members))
    expectRefused(answer, 400, /./)
    return answer.text
  }

  it('62: refuses the document’s own example', async () => {
    const answer = await nomad.ask('PUT', `/v1/job/${documentedJob.ID}`, { Job: documentedJob })
    expectRefused(answer, 400, /Missing Log Config/)
  })

  it('56: tells six faults of a job that is an ID', async () => {
    const answer = await nomad.ask('PUT', '/v1/job/x1', { Job: { ID: 'x1' } })
    const faults = [
      'Missing job region',
      'Missing job name',
      'Missing job type',
      'Job priority must be between [1, 100]',
      'Missing job datacenters',
      'Missing job task groups',
    ]
    expectRefused(answer, 400, `6 error(s) occurred:\n\n${faults.map((fault) => `* ${fault}`).join('\n')}`)
  })

  it.each([
    [sentTask({ Name: '' }), 'Missing task name'],
    [sentTask({ Driver: '' }), 'Missing task driver'],
    [sentTask({ Resources: null }), 'Missing task resources'],
    [sentTask({ LogConfig: null }), 'Missing Log Config'],
    [sentTask({ KillTimeout: -1 }), 'KillTimeout must be a positive value'],
    [sentTask({ Resources: { CPU: 10, MemoryMB: 10, DiskMB: 300, IOPS: 0 } }), 'minimum CPU value is 20; got 10'],
  ])('60: %j', async (task, words) => {
    expect(await refusal({ TaskGroups: [sentGroup({ Tasks: [task] })] })).toContain(words)
  })

  it('70: knows no driver frob', async () => {
    const words = await refusal(sampleGroup(1, { Driver: 'frob' }))
    expect(words).toContain(
      'failed to create driver for task "g1" in group "t1" for validation: unknown driver \'frob\'',
    )
  })

  it('takes a job that has everything', async () => {
    ok(await nomad.ask('PUT', '/v1/job/x1', sampleJob('x1')))
  })
})
