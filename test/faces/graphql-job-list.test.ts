import { afterAll, beforeAll, expect, it } from 'vitest'
import { listEvaluationAllocations } from '#resolvers/allocation.ts'
import {
  completed,
  failed,
  handWorker,
  makeBatch,
  makeJob,
  makeJobs,
  makeRecipe,
  supersede,
} from '../documents/scale-jobs.ts'
import { placeFile, queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { instances, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

type Node = {
  readonly __typename: string
  readonly id: string
  readonly number?: number
  readonly name?: string
  readonly createdAt: string
  readonly modifiedAt: string
  readonly statusChangedAt: string
}
type Jobs = {
  readonly totalCount: number
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: Readonly<Record<string, string | boolean | null>>
}

const shown =
  '__typename id createdAt modifiedAt statusChangedAt ... on QueuedJob { number } ... on ServiceJob { name }'
const timeOf = { CREATED: 'createdAt', MODIFIED: 'modifiedAt', STATUS_CHANGED: 'statusChangedAt' } as const
const fields = ['CREATED', 'MODIFIED', 'STATUS_CHANGED'] as const
const orders = fields.flatMap((field) => (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })))
const idOf = (typename: string, id: number) => Buffer.from(`${typename}:${id}`).toString('base64')
const cursorOf = (...parts: readonly unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')

onBothStores('The list of jobs of both families', (kind) => {
  let test: GraphqlGateway
  const made: Record<string, number> = {}
  const batchIds: Record<string, number> = {}

  beforeAll(async () => {
    test = await openGraphql(kind)
    const mosaic = await registerCommand(test, 'mosaic', 'true')
    const reading = { files: [{ name: 'SCENE' }] }
    const tiler = await registerCommand(test, 'tiler', 'true', { contract: { inputs: reading } })
    const worker = await handWorker(test)
    batchIds.batch = await makeBatch(test, 'night')
    batchIds.recipe = await makeRecipe(test, 'chain')
    batchIds.file = await placeFile(test, 'scene.tif', 'x')
    batchIds.type = tiler.id
    const source = { started: '2016-01-01T00:00:00Z', ended: '2016-01-02T00:00:00Z', sensorClass: 'c', sensor: 's' }
    made.done = await makeJob(test, mosaic, {
      batchId: batchIds.batch,
      source: { ...source, collection: 'k', task: 't' },
    })
    await worker.end(await worker.claim(), completed)
    await supersede(test, made.done)
    made.broken = await makeJob(test, mosaic, { recipeId: batchIds.recipe })
    await worker.end(await worker.claim(), failed())
    made.runs = await makeJob(test, mosaic)
    await worker.claim()
    made.waits = (await queue(test, tiler, { version: '7', files: { SCENE: [batchIds.file] }, json: {} })).id
    // Jobs of one transaction share their times: ties in every order.
    await makeJobs(test, tiler, 9)
    const stage = await setStage(test)
    await stage.register('web', instances(1))
    await stage.register('tick', { Type: 'batch', Periodic: { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron' } })
    for (let n = 0; n < 5; n += 1) await stage.register(`svc-${n}`, instances(2))
    await stage.register('gone', instances(1))
    await test.data('mutation { deregisterServiceJob(name: "gone") { __typename } }')
    await test.data('mutation { launchPeriodicJob(name: "tick") { __typename } }')
    await stage.act()
    await queue(test, mosaic)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  async function list(args: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Jobs> {
    const { jobs } = await test.data<{ jobs: Jobs }>(
      `query ($filter: JobFilter, $orderBy: JobOrder${args.includes('$place') ? ', $place: String' : ''}) {
        jobs(filter: $filter, orderBy: $orderBy, ${args}) { totalCount edges { cursor node { ${shown} } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
      }`,
      variables,
    )
    return jobs
  }
  const found = async (filter: object) => {
    const { edges, totalCount } = await list('first: 1000', { filter })
    expect(totalCount).toBe(edges.length)
    return edges.map(({ node }) => node.number ?? node.name).sort()
  }
  const nodesOf = ({ edges }: Jobs) => edges.map(({ node }) => node)
  /** A whole second is written without a fraction, and would stand in the wrong place as a text. */
  const instant = (time: string) => time.replace(/(?<!\.\d+)Z$/, '.000000Z')

  it('shows each job as its own type, and reads either family again by its id', async () => {
    const nodes = nodesOf(await list('first: 1000'))
    expect(new Set(nodes.map(({ __typename }) => __typename))).toEqual(new Set(['QueuedJob', 'ServiceJob']))
    for (const { id, __typename } of [...nodes.slice(0, 3), ...nodes.slice(-2)])
      expect(await test.data('query ($id: ID) { job(id: $id) { __typename id } }', { id })).toEqual({
        job: { __typename, id },
      })
    const strange = [idOf('ServiceJob', made.done ?? 0), idOf('QueuedJob', 1_000_000_000_001)]
    for (const id of strange)
      expect(await test.data('query ($id: ID) { job(id: $id) { id } }', { id })).toEqual({ job: null })
  })

  it.each(orders)('is walked through both ways by $field $direction, ties and families mixed', async (orderBy) => {
    const nodes = nodesOf(await list('first: 1000', { orderBy }))
    const times = nodes.map((node) => instant(node[timeOf[orderBy.field]]))
    expect(times).toEqual(orderBy.direction === 'ASC' ? times.toSorted() : times.toSorted().reverse())
    expect(new Set(times).size).toBeLessThan(times.length)
    const walk = async (args: string, cursor: string, more: string) => {
      const pages: Node[][] = []
      let place: unknown = null
      do {
        const page: Jobs = await list(args, { orderBy, place })
        pages.push(nodesOf(page))
        place = page.pageInfo[more] === true ? page.pageInfo[cursor] : null
      } while (place !== null)
      return pages
    }
    expect((await walk('first: 4, after: $place', 'endCursor', 'hasNextPage')).flat()).toEqual(nodes)
    const back = await walk('last: 3, before: $place', 'startCursor', 'hasPreviousPage')
    expect(back.reverse().flat()).toEqual(nodes)
  })

  const same: readonly (readonly [object, string])[] = [
    [{ statuses: ['COMPLETED'] }, 'status=COMPLETED'],
    [{ statuses: ['FAILED', 'RUNNING'] }, 'status=FAILED&status=RUNNING'],
    [{ jobTypeNames: ['tiler'] }, 'job_type_name=tiler'],
    [{ names: ['tiler'] }, 'job_type_name=tiler'],
    [{ text: 'MOSA' }, 'job_type_name=mosaic'],
    [{ text: 'the TILER job' }, 'job_type_name=tiler'],
    [{ namePrefix: 'mos' }, 'job_type_name=mosaic'],
    [{ errorCategories: ['SYSTEM'] }, 'error_category=SYSTEM'],
    [{ isSuperseded: true }, 'is_superseded=true'],
    [{ sourceSensorClasses: ['c'] }, 'source_sensor_class=c'],
    [{ sourceSensors: ['s', 'none'] }, 'source_sensor=s'],
    [{ sourceCollections: ['k'] }, 'source_collection=k'],
    [{ sourceTasks: ['t'] }, 'source_task=t'],
    [{ sourceStartedFrom: '2016-01-01T00:00:00Z' }, 'source_started=2016-01-01T00:00:00Z'],
    [{ sourceEndedTo: '2016-01-02T00:00:00Z' }, 'source_ended=2016-01-02T00:00:00Z'],
    [{ statuses: ['COMPLETED'], isSuperseded: false }, 'status=COMPLETED&is_superseded=false'],
  ]
  it.each(same)('means by %j what REST means by %s', async (filter, search) => {
    const answer = await test.rest('GET', `/v6/jobs/?page_size=1000&${search}`)
    const { results } = Object(answer.json())
    expect(await found({ families: ['QUEUED'], ...filter })).toEqual(results.map(({ id }: { id: number }) => id).sort())
  })

  it('finds by links of either family', async () => {
    const { serviceJob } = await test.data<{ serviceJob: { id: string; latestExecution: { computeNode: Node } } }>(
      '{ serviceJob(name: "web") { id latestExecution { computeNode { id } } } }',
    )
    const { tick } = await test.data<{ tick: Node }>('{ tick: serviceJob(name: "tick") { id } }')
    const machine = serviceJob.latestExecution.computeNode.id
    const names = ['svc-0', 'svc-1', 'svc-2', 'svc-3', 'svc-4']
    expect(await found({ ids: [serviceJob.id, idOf('QueuedJob', made.runs ?? 0)] })).toEqual([made.runs, 'web'])
    expect(await found({ batches: [idOf('Batch', batchIds.batch ?? 0)] })).toEqual([made.done])
    expect(await found({ recipes: [idOf('Recipe', batchIds.recipe ?? 0)] })).toEqual([made.broken])
    expect(await found({ inputFiles: [idOf('WorkspaceFile', batchIds.file ?? 0)] })).toEqual([made.waits])
    expect(await found({ computeNodes: [machine] })).toEqual(expect.arrayContaining([...names, 'web']))
    expect(await found({ computeNodes: [machine], families: ['QUEUED'] })).toEqual([])
    expect(await found({ parents: [tick.id] })).toEqual([expect.stringMatching(/^tick\/periodic-/)])
    expect(await found({ namePrefix: 'svc-' })).toEqual(names)
    expect(await found({ text: 'SVC-3' })).toEqual(['svc-3'])
    expect(await found({ names: ['web', 'svc-1'] })).toEqual(['svc-1', 'web'])
    expect(await found({ text: '%' })).toEqual([])
    expect(await found({ families: ['SERVICE'], jobTypes: [idOf('JobType', batchIds.type ?? 0)] })).toEqual([])
    expect(await found({ families: [] })).toEqual([])
    expect(await found({ statuses: [] })).toEqual([])
  })

  it('takes both ends of a span of each time', async () => {
    const kinds = { created: 'createdAt', modified: 'modifiedAt', statusChanged: 'statusChangedAt' } as const
    const nodes = nodesOf(await list('first: 1000'))
    for (const [kind, field] of Object.entries(kinds)) {
      const times = nodes.map((node) => instant(node[field])).sort()
      const [from, to] = [times[3] ?? '', times[12] ?? '']
      const within = nodes.filter((node) => instant(node[field]) >= from && instant(node[field]) <= to)
      expect(await found({ [kind]: { from, to } })).toHaveLength(within.length)
      expect(await found({ [kind]: { from: to, to } })).not.toEqual([])
    }
    const past = '2020-01-01T00:00:00Z'
    expect(await found({ families: ['QUEUED'], started: { from: past } })).toEqual([made.done, made.broken, made.runs])
    expect(await found({ families: ['QUEUED'], ended: { from: past } })).toEqual([made.done, made.broken])
    expect(await found({ started: { to: past } })).toEqual([])
    expect(await found({ ended: { to: past } })).toEqual([])
  })

  it.each([
    [{ text: '' }, 'text'],
    [{ text: 'x'.repeat(201) }, 'text'],
    [{ created: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } }, 'created'],
    [{ computeNodes: [idOf('Batch', 1)] }, 'computeNodes'],
    [{ parents: [idOf('QueuedJob', 1)] }, 'parents'],
  ])('refuses the filter %j, in lists and in bulk requests', async (filter, kind) => {
    const { errors } = await test.ask('query ($f: JobFilter) { jobs(filter: $f) { totalCount } }', { f: filter })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    const { cancelJobs } = await test.data<{ cancelJobs: unknown }>(
      `mutation ($f: JobFilter!) { cancelJobs(filter: $f) { __typename ... on InvalidInputError { path } } }`,
      { f: filter },
    )
    expect(cancelJobs).toMatchObject({
      __typename: 'InvalidInputError',
      path: expect.arrayContaining(['filter', kind]),
    })
  })

  it.each([
    { families: ['SERVICE'], isSuperseded: true },
    { families: ['QUEUED'], parents: [] },
    { families: ['QUEUED'], isDeregistered: true },
    { families: ['SERVICE'], sourceSensors: ['s'] },
    { families: [], batches: [] },
    { sourceSensors: ['s'], parents: [idOf('ServiceJob', 1_000_000_000_001)] },
    { sourceSensors: ['s'], isDeregistered: true },
    { batches: [] },
    { ids: [] },
    { jobTypes: [] },
    { names: [] },
    { jobTypeNames: [] },
    { errors: [] },
    { errorCategories: [] },
    { computeNodes: [] },
    { inputFiles: [] },
    { sourceTasks: [] },
  ])('means no job by %j, in lists and in bulk requests', async (filter) => {
    expect(await found(filter)).toEqual([])
    const change = `mutation ($f: JobFilter!) {
      cancelJobs(filter: $f) { ... on CancelJobsPayload { changed } }
      requeueJobs(filter: $f) { ... on RequeueJobsPayload { changed } }
    }`
    expect(await test.data(change, { f: filter })).toEqual({ cancelJobs: { changed: 0 }, requeueJobs: { changed: 0 } })
  })

  it('means any job by what is null, and by a span without ends', async () => {
    const all = await found({})
    const open = { from: null }
    for (const filter of [{ families: null, ids: null, text: null }, { ended: {} }, { created: open, started: {} }])
      expect(await found(filter)).toEqual(all)
  })

  it('says where a span begins after its end', async () => {
    const f = { ended: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } }
    const { errors } = await test.ask('query ($f: JobFilter) { jobs(filter: $f) { totalCount } }', { f })
    expect(errors).toMatchObject([
      { message: '`from` is after `to`.', extensions: { code: 'BAD_USER_INPUT', inputPath: ['filter', 'ended'] } },
    ])
  })

  it('tells the jobs that were deregistered from those that were not', async () => {
    const all = await found({})
    expect(all).toContain('gone')
    expect(await found({ isDeregistered: true })).toEqual(['gone'])
    expect(await found({ isDeregistered: true, names: ['web'] })).toEqual([])
    expect(await found({ isDeregistered: false })).toEqual(all.filter((name) => name !== 'gone'))
    expect(await found({ isDeregistered: false, families: ['QUEUED'] })).toEqual(await found({ families: ['QUEUED'] }))
    test.statements.length = 0
    const count = '{ jobs(filter: { families: [QUEUED], isDeregistered: false }) { totalCount } }'
    expect(await test.data(count)).toMatchObject({ jobs: { totalCount: expect.any(Number) } })
    expect(test.statements.filter((statement) => statement.includes('count(*)'))).toEqual([])
  })

  it.each([
    ['CREATED', cursorOf('jobs', 1)],
    ['CREATED', cursorOf('modifiedJobs', '2026-01-01T00:00:00Z', 1)],
    ['MODIFIED', cursorOf('jobs', '2026-01-01T00:00:00Z', 1)],
    ['STATUS_CHANGED', cursorOf('changedJobs', '2026-02-30T00:00:00Z', 1)],
    ['STATUS_CHANGED', cursorOf('changedJobs', '0000-01-01T00:00:00Z', 1)],
    ['CREATED', cursorOf('jobs', '2026-01-01T24:00:00Z', 1)],
    ['CREATED', cursorOf('jobs', '2026-01-01T00:00:00Z', 1, 2)],
    ['CREATED', cursorOf('jobs', '2026-01-01T00:00:00Z', -1)],
    ['CREATED', cursorOf('jobs', "now'::text", 1)],
    ['CREATED', 'x'.repeat(3_000)],
  ])('refuses in the order %s the cursor %s', async (field, after) => {
    const { errors } = await test.ask(
      'query ($o: JobOrder, $after: String) { jobs(orderBy: $o, after: $after) { edges { cursor } } }',
      { o: { field }, after },
    )
    expect(errors).toMatchObject([
      { message: expect.stringContaining('cursor'), extensions: { code: 'BAD_USER_INPUT' } },
    ])
  })

  it('reads a page of either family, its evaluations and what they placed in as many statements for more rows', async () => {
    const asked = (first: number) => `{
      services: jobs(first: ${first}, filter: { families: [SERVICE] }) { edges { node { ... on ServiceJob {
        name evaluations(first: 3) { totalCount edges { node {
          uuid allocations(first: 2) { totalCount edges { node { uuid name } } }
        } } }
      } } } }
      jobs(first: ${first}) { edges { node { status type { name } } } }
    }`
    const cost = async (first: number) => {
      test.statements.length = 0
      await test.data(asked(first))
      return test.statements.filter((text) => !/change_index|from "change"/.test(text)).length
    }
    const few = await cost(1)
    expect(await cost(8)).toBe(few)
    expect(few).toBeLessThanOrEqual(12)
  })

  it('shows what an evaluation placed, and walks it', async () => {
    const { serviceJob } = await test.data<{ serviceJob: { evaluations: Jobs } }>(
      '{ serviceJob(name: "svc-2") { evaluations { edges { cursor node { id uuid } } } } }',
    )
    const uuid = String(Reflect.get(serviceJob.evaluations.edges[0]?.node ?? {}, 'uuid'))
    const rest = (await listEvaluationAllocations(test.context(), uuid)).value
    const page = (args: string) =>
      test.data<{
        evaluation: { allocations: { totalCount: number; edges: { cursor: string; node: { uuid: string } }[] } }
      }>(`{ evaluation(uuid: "${uuid}") { allocations(${args}) { totalCount edges { cursor node { uuid } } } } }`)
    const whole = (await page('first: 10')).evaluation.allocations
    expect(whole.edges.map(({ node }) => node.uuid).sort()).toEqual(rest.map((one) => one.uuid))
    expect(whole.totalCount).toBe(2)
    const [newest, oldest] = whole.edges
    const after = (await page(`first: 5, after: "${newest?.cursor}"`)).evaluation.allocations
    expect(after.edges).toEqual([oldest])
    expect((await page(`last: 5, before: "${oldest?.cursor}"`)).evaluation.allocations.edges).toEqual([newest])
  })
})
