import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerServiceJob } from '#resolvers/service-job.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { instances, jobSpec } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

const mutation = `mutation ($input: UpdateServiceJobCountsInput!) {
  updateServiceJobCounts(input: $input) {
    __typename
    ... on UpdateServiceJobCountsPayload { job { id taskGroups { name count } } }
    ... on Error { code message }
  }
}`
const start = 'mutation ($name: String!) { startServiceJob(name: $name) { __typename } }'

onBothStores('an idempotency key over GraphQL', (kind) => {
  let test: GraphqlGateway
  let taskGroup = ''
  const read = async () => {
    const job = (await test.rest('GET', '/v1/job/counted')).json() as { TaskGroups: { Name: string; Count: number }[] }
    return job.TaskGroups[0]
  }
  const countOf = async () => (await read())?.Count ?? 0
  const input = (delta = 1) => ({ input: { jobName: 'counted', taskGroup, delta } })
  const add = (key: string, delta = 1) => test.ask(mutation, input(delta), { 'idempotency-key': key })
  const overSocket = async (query: string, variables: Record<string, unknown>, idempotencyKey: unknown) => {
    const answers: unknown[] = []
    const payload = { query, variables, extensions: { idempotencyKey } }
    for await (const answer of test.socketClient().iterate(payload)) answers.push(answer)
    return answers
  }

  beforeAll(async () => {
    test = await openGraphql(kind)
    await registerServiceJob(test.context(), jobSpec('counted', instances(1)))
    taskGroup = (await read())?.Name ?? ''
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('adds to a count once for fifty who ask at the same time', async () => {
    const before = await countOf()
    const answers = await Promise.all(Array.from({ length: 50 }, () => add('fifty')))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.data).toMatchObject({ updateServiceJobCounts: { __typename: 'UpdateServiceJobCountsPayload' } })
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect(await countOf()).toBe(before + 1)
  })

  it('gives the first answer again over a WebSocket, whichever way the key came first', async () => {
    const first = await add('"both"')
    const count = await countOf()
    expect(await overSocket(mutation, input(), 'both')).toEqual([JSON.parse(first.text)])
    const [one] = await overSocket(mutation, input(), 'socket')
    expect(await overSocket(mutation, input(), 'socket')).toEqual([one])
    expect(await countOf()).toBe(count + 1)
  })

  it('refuses a key that was used with other variables with 422, and does nothing', async () => {
    await add('reused')
    const before = await countOf()
    const other = await add('reused', 2)
    expect([other.status, other.errors[0]?.extensions?.code]).toEqual([422, 'KEY_REUSED'])
    expect(await overSocket(mutation, input(2), 'reused')).toMatchObject([
      { errors: [{ extensions: { code: 'KEY_REUSED' } }] },
    ])
    expect(await countOf()).toBe(before)
  })

  it('refuses several root fields under one key before any runs', async () => {
    const before = await countOf()
    const two = `mutation ($input: UpdateServiceJobCountsInput!) {
      a: updateServiceJobCounts(input: $input) { __typename } ...more
    }
    fragment more on Mutation { b: updateServiceJobCounts(input: $input) { __typename } }`
    const answer = await test.ask(two, input(), { 'idempotency-key': 'two' })
    expect([answer.status, answer.errors[0]?.extensions?.code]).toEqual([400, 'BAD_USER_INPUT'])
    expect(await countOf()).toBe(before)
  })

  it('refuses two different keys, and one that is no text, and takes the same key twice', async () => {
    const before = await countOf()
    const send = (idempotencyKey: unknown) =>
      test.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': '"one"' },
        body: JSON.stringify({ query: mutation, variables: input(), extensions: { idempotencyKey } }),
      })
    for (const wrong of ['other', 7, '']) expect((await send(wrong)).status).toBe(400)
    expect(await countOf()).toBe(before)
    expect((await send('one')).status).toBe(200)
    expect(await countOf()).toBe(before + 1)
  })

  it('keeps nothing of a mutation that answered a domain error', async () => {
    const ask = () => test.ask(start, { name: 'later' }, { 'idempotency-key': 'later' })
    expect((await ask()).data).toEqual({ startServiceJob: { __typename: 'NotFoundError' } })
    await registerServiceJob(test.context(), jobSpec('later', instances(1)))
    expect((await ask()).data).toEqual({ startServiceJob: { __typename: 'StartServiceJobPayload' } })
  })

  it('is free again after bad input, so the mended mutation does the work under it', async () => {
    const before = await countOf()
    const headers = { 'idempotency-key': 'mended' }
    const missing = await test.ask(mutation, { input: { jobName: 'counted' } }, headers)
    expect([missing.status, missing.errors[0]?.extensions?.code]).toEqual([400, 'BAD_USER_INPUT'])
    const refused = await test.ask(mutation, { input: { jobName: 'counted', taskGroup: 'none', delta: 1 } }, headers)
    expect(refused.data?.updateServiceJobCounts).not.toMatchObject({ __typename: 'UpdateServiceJobCountsPayload' })
    expect(await countOf()).toBe(before)
    const mended = await add('mended')
    expect(mended.data?.updateServiceJobCounts).toMatchObject({ __typename: 'UpdateServiceJobCountsPayload' })
    expect(mended.headers.get('idempotency-replayed')).toBeNull()
    expect(await countOf()).toBe(before + 1)
  })

  it('sends no statement more without a key, or for a query with one', async () => {
    test.statements.length = 0
    await test.ask(mutation, input())
    await test.ask('{ __typename }', {}, { 'idempotency-key': 'query' })
    expect(test.statements.length).toBeGreaterThan(0)
    expect(test.statements.filter((sql) => sql.includes('idempotency'))).toEqual([])
  })
})
