import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { sentJob } from '../support/job-spec.ts'
import { instances, type Stage, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

const shown = `
  __typename id name title region kind status rawStatus priority isStopped isPeriodic canCancel canRequeue
  deregisteredAt nextLaunchAt parent { name } createIndex modifyIndex jobModifyIndex
  type { name } latestExecution { __typename number } executions { totalCount }
  taskGroups {
    name count initialCount maxCount summary { queued complete failed running starting lost }
    tasks { name driver config env resources }
  }
  allocations(first: 5) { totalCount edges { node {
    __typename uuid name taskGroup slot number status rawStatus desiredStatus clientStatus createIndex
    job { name } evaluation { uuid } computeNode { hostname } taskStates { name state isFailed events { type timeNs } }
  } } }
  evaluations(first: 5) { totalCount edges { node {
    uuid status jobKind triggeredBy jobName statusDescription placementFailures { taskGroup count reasons }
    next { uuid } previous { uuid } job { name } createIndex modifyIndex
  } } }`

type Names = {
  serviceJobs: {
    edges: { cursor: string; node: { name: string } }[]
    totalCount: number
    pageInfo: { endCursor: string; hasNextPage: boolean }
  }
}

onBothStores('Service jobs in the graph', (kind) => {
  let test: GraphqlGateway
  let stage: Stage

  beforeAll(async () => {
    test = await openGraphql(kind)
    stage = await setStage(test)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('shows a job with its groups, allocations and evaluations as the REST routes tell them', async () => {
    await stage.register('web', instances(2, { Env: { COLOUR: 'red' } }))
    await stage.act()
    const { serviceJob } = await test.data<{ serviceJob: Record<string, unknown> }>(
      `{ serviceJob(name: "web") { ${shown} } }`,
    )
    const rest = Object(await test.rest('GET', '/v1/job/web').then((answer) => answer.json()))
    const placed = Object(await test.rest('GET', '/v1/job/web/allocations').then((answer) => answer.json()))
    expect(serviceJob).toMatchObject({
      __typename: 'ServiceJob',
      name: rest.ID,
      status: 'RUNNING',
      rawStatus: rest.Status,
      modifyIndex: String(rest.ModifyIndex),
      jobModifyIndex: String(rest.JobModifyIndex),
      latestExecution: { __typename: 'Allocation', number: 2 },
      executions: { totalCount: 2 },
      taskGroups: [
        {
          name: 'g1',
          count: 2,
          summary: { queued: 0, complete: 0, failed: 0, running: 2, starting: 0, lost: 0 },
          tasks: [{ name: 't1', driver: 'raw_exec', env: { COLOUR: 'red' }, resources: { CPU: 50 } }],
        },
      ],
      allocations: {
        totalCount: 2,
        edges: ['web.g1[1]', 'web.g1[0]'].map((name) => {
          const { ID, EvalID } = placed.find(({ Name }: { Name: string }) => Name === name)
          return {
            node: {
              __typename: 'Allocation',
              uuid: ID,
              name,
              taskGroup: 'g1',
              status: 'RUNNING',
              rawStatus: 'running',
              desiredStatus: 'RUN',
              clientStatus: 'RUNNING',
              job: { name: 'web' },
              evaluation: { uuid: EvalID },
              computeNode: { hostname: 'big.test' },
            },
          }
        }),
      },
      evaluations: {
        totalCount: 1,
        edges: [{ node: { status: 'COMPLETE', triggeredBy: 'job-register', job: { name: 'web' } } }],
      },
    })
  })

  it('reads a job, an allocation and an evaluation again by id and by uuid', async () => {
    const { serviceJob: job } = await test.data<{
      serviceJob: { id: string; allocations: Ids; evaluations: Ids }
    }>(
      `{ serviceJob(name: "web") { id allocations(first: 1) { edges { node { id uuid } } } evaluations { edges { node { id uuid } } } } }`,
    )
    const allocation = job.allocations.edges[0]?.node
    const evaluation = job.evaluations.edges[0]?.node
    const again = await test.data(
      `query ($ids: [ID!]!, $allocation: String!, $evaluation: String!) {
        nodes(ids: $ids) { __typename id }
        allocation(uuid: $allocation) { id }
        evaluation(uuid: $evaluation) { id }
        own: allocation(id: "${allocation?.id}") { uuid }
        run: execution(id: "${allocation?.id}") { __typename id job { id } }
        look: evaluation(id: "${evaluation?.id}") { uuid }
        service: serviceJob(id: "${job.id}") { name }
        here: serviceJob(name: "web", region: "global") { id }
        elsewhere: serviceJob(name: "web", region: "elsewhere") { id }
      }`,
      { ids: [job.id, allocation?.id, evaluation?.id], allocation: allocation?.uuid, evaluation: evaluation?.uuid },
    )
    expect(again).toEqual({
      nodes: [
        { __typename: 'ServiceJob', id: job.id },
        { __typename: 'Allocation', id: allocation?.id },
        { __typename: 'Evaluation', id: evaluation?.id },
      ],
      allocation: { id: allocation?.id },
      evaluation: { id: evaluation?.id },
      own: { uuid: allocation?.uuid },
      run: { __typename: 'Allocation', id: allocation?.id, job: { id: job.id } },
      look: { uuid: evaluation?.uuid },
      service: { name: 'web' },
      here: { id: job.id },
      elsewhere: null,
    })
  })

  it.each([
    ['serviceJob', 'id'],
    ['serviceJob(region: "global")', 'name'],
    ['serviceJob(id: "x", region: "global")', 'region'],
    ['serviceJob(id: "x", name: "web")', 'name'],
    ['serviceJob(id: "x")', 'id'],
    ['allocation', 'id'],
    ['allocation(id: "x", uuid: "y")', 'uuid'],
    ['evaluation(id: null)', 'id'],
    ['evaluation(id: "x", uuid: "y")', 'uuid'],
    ['execution(id: "x")', 'id'],
  ])('takes exactly one way to name a thing: %s', async (field, argument) => {
    const { errors } = await test.ask(`{ ${field} { id } }`)
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([
      { code: 'BAD_USER_INPUT', inputPath: [argument] },
    ])
    const [query = ''] = field.split('(')
    const words: Record<string, string> = { serviceJob: 'id or name; region only with name' }
    if (!/\(id: "x"\)/.test(field)) expect(errors[0]?.message).toBe(`Give ${words[query] ?? 'id or uuid'}.`)
  })

  it('knows an id of the other family from its own', async () => {
    const answer = await test.ask('query ($id: ID!) { execution(id: $id) { id } allocation(id: $id) { id } }', {
      id: Buffer.from('Allocation:1').toString('base64'),
    })
    expect(answer.data).toEqual({ execution: null, allocation: null })
  })

  it.each([
    'serviceJob(name: $text) { id }',
    'serviceJobs(namePrefix: $text) { totalCount }',
    'allocation(uuid: $text) { id }',
  ])('masks nothing where a text cannot be stored: %s', async (field) => {
    const { errors } = await test.ask(`query ($text: String!) { ${field} }`, { text: '\u0000' })
    expect(errors.map(({ extensions }) => extensions?.code).filter((code) => code !== 'BAD_USER_INPUT')).toEqual([])
    expect(test.bugs).toEqual([])
  })

  it('answers null for what does not exist', async () => {
    const answer = await test.data(
      '{ serviceJob(name: "none") { id } allocation(uuid: "none") { id } evaluation(uuid: "00000000-0000-0000-0000-000000000000") { id } }',
    )
    expect(answer).toEqual({ serviceJob: null, allocation: null, evaluation: null })
  })

  it('says what could not be placed', async () => {
    await stage.register(
      'huge',
      instances(1, { Resources: { CPU: 90_000, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null } }),
    )
    await stage.act()
    const { serviceJob } = await test.data<{ serviceJob: unknown }>(
      '{ serviceJob(name: "huge") { status evaluations(first: 1) { edges { node { status placementFailures { taskGroup count reasons } next { id } previous { status previous { id } } } } } } }',
    )
    expect(serviceJob).toMatchObject({
      status: 'BLOCKED',
      evaluations: {
        edges: [
          {
            node: {
              status: 'BLOCKED',
              placementFailures: [{ taskGroup: 'g1', count: 1, reasons: { nodesExhausted: 1 } }],
              next: null,
              previous: { status: 'COMPLETE', previous: null },
            },
          },
        ],
      },
    })
  })

  it('costs the same number of statements for 3 jobs and for 12, and walks them by name', async () => {
    for (let made = 0; made < 12; made += 1) await stage.register(`many-${String(made).padStart(2, '0')}`, instances(2))
    await stage.act()
    const cost = async (first: number) => {
      test.statements.length = 0
      const { serviceJobs } = await test.data<Names>(
        `{ serviceJobs(namePrefix: "many-", first: ${first}) { totalCount edges { node { ${shown} } } } }`,
      )
      expect(serviceJobs.edges).toHaveLength(first)
      expect(serviceJobs.totalCount).toBe(12)
      return test.statements.filter((sql) => !/change_index|from "change"/.test(sql)).length
    }
    const three = await cost(3)
    expect(await cost(12)).toBe(three)
    expect(three).toBeLessThanOrEqual(24)

    const seen: string[] = []
    let after: string | null = null
    do {
      const page: Names = await test.data<Names>(
        'query ($after: String) { serviceJobs(namePrefix: "many-", first: 5, after: $after) { edges { node { name } } pageInfo { endCursor hasNextPage } } }',
        { after },
      )
      seen.push(...page.serviceJobs.edges.map(({ node }) => node.name))
      after = page.serviceJobs.pageInfo.hasNextPage ? page.serviceJobs.pageInfo.endCursor : null
    } while (after !== null)
    expect(seen).toEqual(Array.from({ length: 12 }, (_, made) => `many-${String(made).padStart(2, '0')}`))
    const { serviceJobs: last } = await test.data<Names>(
      '{ serviceJobs(namePrefix: "many-", last: 2) { edges { node { name } } pageInfo { hasPreviousPage } } }',
    )
    expect(last).toEqual({
      edges: [{ node: { name: 'many-10' } }, { node: { name: 'many-11' } }],
      pageInfo: { hasPreviousPage: true },
    })
  })

  const evaluated = '__typename ... on Error { message code } ... on InvalidInputError { path }'

  it('registers, evaluates, launches and deregisters', async () => {
    const specification = sentJob({ ID: 'api', Name: 'api' })
    const register = `mutation ($specification: JSON!) { done: registerServiceJob(input: { specification: $specification }) {
      ${evaluated} ... on RegisterServiceJobPayload { index job { id name status modifyIndex } evaluation { uuid modifyIndex triggeredBy } }
    } }`
    const { done } = await test.data<Done>(register, { specification })
    const shownByRest = Object(await test.rest('GET', '/v1/job/api').then((answer) => answer.json()))
    expect(done).toMatchObject({
      __typename: 'RegisterServiceJobPayload',
      job: { name: 'api', status: 'PENDING', modifyIndex: String(shownByRest.ModifyIndex) },
      evaluation: { triggeredBy: 'job-register', modifyIndex: String(shownByRest.ModifyIndex + 1) },
      index: String(shownByRest.ModifyIndex + 1),
    })
    const again = await test.data<Done>(`mutation { done: evaluateServiceJob(name: "api") {
      ${evaluated} ... on EvaluateServiceJobPayload { index job { name } evaluation { modifyIndex status } }
    } }`)
    expect(again.done).toMatchObject({
      job: { name: 'api' },
      evaluation: { modifyIndex: again.done.index, status: 'PENDING' },
    })

    const Periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: false }
    const periodic = sentJob({ ID: 'tick', Name: 'tick', Type: 'batch', Periodic })
    expect((await test.data<Done>(register, { specification: periodic })).done).toMatchObject({
      job: { name: 'tick' },
      evaluation: null,
      index: '0',
    })
    const launched = await test.data<Done>(`mutation { done: launchPeriodicJob(name: "tick") {
      ${evaluated} ... on LaunchPeriodicJobPayload { index job { name parent { name } } evaluation { modifyIndex } }
    } }`)
    expect(launched.done).toMatchObject({
      job: { name: expect.stringMatching(/^tick\/periodic-\d+$/), parent: { name: 'tick' } },
      evaluation: { modifyIndex: launched.done.index },
    })
    const deregister = (name: string) =>
      test.data<Done>(`mutation { done: deregisterServiceJob(name: "${name}") {
        ${evaluated} ... on DeregisterServiceJobPayload { job { name deregisteredAt } evaluation { triggeredBy jobName } }
      } }`)
    const stops = (jobName: string) => ({ triggeredBy: 'job-deregister', jobName })
    const deregisteredAt = expect.any(String)
    expect((await deregister('api')).done).toMatchObject({
      job: { name: 'api', deregisteredAt },
      evaluation: stops('api'),
    })
    expect((await deregister('api')).done).toMatchObject({ job: null, evaluation: stops('api') })
    expect((await deregister('tick')).done).toMatchObject({ job: { name: 'tick', deregisteredAt }, evaluation: null })
    expect(await test.data('{ serviceJob(name: "api") { id } }')).toEqual({ serviceJob: null })
    expect(await test.data('query ($id: ID!) { serviceJob(id: $id) { name } }', { id: Object(done.job).id })).toEqual({
      serviceJob: { name: 'api' },
    })
  })

  it('answers what stands against a request with an error of its kind', async () => {
    const register = `mutation ($specification: JSON!) { done: registerServiceJob(input: { specification: $specification }) { ${evaluated} } }`
    const invalid = ['text', {}, sentJob({ Priority: 1_000 }), sentJob({ TaskGroups: [] })]
    for (const specification of invalid) {
      const { done } = await test.data<Done>(register, { specification })
      const path = ['input', 'specification']
      expect(done).toMatchObject({ __typename: 'InvalidInputError', code: 'BAD_USER_INPUT', path })
      const rest = await test.rest('PUT', '/v1/jobs', { body: { Job: specification } })
      expect([rest.status, rest.text]).toEqual([400, done.message])
    }
    const refused = await test.data(`mutation {
      evaluate: evaluateServiceJob(name: "none") { ${evaluated} }
      launch: launchPeriodicJob(name: "web") { ${evaluated} }
      unnamed: deregisterServiceJob(name: "") { ${evaluated} }
      start: startServiceJob(name: "none") { ${evaluated} }
      stop: stopServiceJob(name: "none") { ${evaluated} }
      group: updateServiceJobCounts(input: { jobName: "web", taskGroup: "none", delta: 1 }) { ${evaluated} }
      below: updateServiceJobCounts(input: { jobName: "web", taskGroup: "g1", delta: -3 }) { ${evaluated} }
    }`)
    expect(refused).toMatchObject({
      evaluate: { __typename: 'NotFoundError', message: 'job not found' },
      launch: { __typename: 'ConflictError' },
      unnamed: { __typename: 'InvalidInputError', path: ['name'] },
      start: { __typename: 'NotFoundError' },
      stop: { __typename: 'NotFoundError' },
      group: { __typename: 'NotFoundError' },
      below: { __typename: 'InvalidInputError' },
    })
  })

  it('starts, stops and counts as Bastion does, each answer as things stand after it', async () => {
    const job = 'job { name status isStopped taskGroups { count } }'
    const first = await test.data(`mutation {
      more: updateServiceJobCounts(input: { jobName: "web", taskGroup: "g1", delta: 3 }) { ... on UpdateServiceJobCountsPayload { ${job} } }
      stop: stopServiceJob(name: "web") { ... on StopServiceJobPayload { ${job} } }
      start: startServiceJob(name: "web") { ... on StartServiceJobPayload { ${job} } }
      group: updateServiceJobCounts(input: { jobName: "web", taskGroup: "g1", delta: 0, zeroStops: TASK_GROUP }) { ... on UpdateServiceJobCountsPayload { ${job} } }
      revive: updateServiceJobCounts(input: { jobName: "web", taskGroup: "g1", delta: 1 }) { ... on UpdateServiceJobCountsPayload { ${job} } }
      zero: updateServiceJobCounts(input: { jobName: "web", taskGroup: "g1", delta: 0 }) { ... on UpdateServiceJobCountsPayload { ${job} } }
    }`)
    const web = (isStopped: boolean, count: number) => ({ job: { name: 'web', isStopped, taskGroups: [{ count }] } })
    expect(first).toMatchObject({
      more: web(false, 5),
      stop: web(true, 5),
      start: web(false, 2),
      group: web(false, 0),
      revive: web(false, 1),
      zero: web(true, 1),
    })
    const all = await test.data<
      Record<'start' | 'stop', { jobs: { name: string; isStopped: boolean; isAutostarted: boolean }[] }>
    >(`mutation {
      stop: stopAllServiceJobs { ... on StopAllServiceJobsPayload { jobs { name isStopped isAutostarted } } }
      start: startAllServiceJobs { ... on StartAllServiceJobsPayload { jobs { name isStopped isAutostarted } } }
    }`)
    const listed = Object(await test.rest('GET', '/v1/jobs').then((answer) => answer.json()))
    expect(all.stop.jobs.map(({ name }) => name)).toEqual(listed.map(({ name }: { name: string }) => name))
    expect(all.stop.jobs.filter(({ isStopped, name }) => !isStopped && !name.startsWith('tick'))).toEqual([])
    expect(all.start.jobs.filter(({ isStopped, isAutostarted }) => isStopped || !isAutostarted)).toEqual([])
  })
})

type Ids = { readonly edges: readonly { readonly node: { readonly id: string; readonly uuid: string } }[] }

type Done = { readonly done: Readonly<Record<string, unknown>> }
