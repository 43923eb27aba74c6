import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { claimJobs, registerWorker } from '#resolvers/work.ts'
import { startHousekeeping } from '../../src/engine/housekeeping.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const globalId = (text: string) => Buffer.from(text).toString('base64')

onBothStores('What the graph is given', (kind) => {
  let test: GraphqlGateway
  let type: JobType
  beforeAll(async () => {
    test = await openGraphql(kind)
    type = await registerCommand(test, 'given', 'true', { contract: { inputs: { files: [{ name: 'TEXT' }] } } })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const requests = async () =>
    (await sql<{ n: number }>`select count(*) as n from job_request`.execute(test.store.db)).rows

  it.each([
    ['a zero character in a text', 'setSecret(name: "n", values: [{ key: "k", value: "a\\u0000b" }]) { __typename }'],
    ['one in a name', 'removeSecret(name: "a\\u0000b") { __typename }'],
    ['one in a filter', 'cancelJobs(filter: { text: "\\u0000" }) { __typename }'],
    ['one in a block text', 'registerBatch(input: { title: """a\u0000b""" }) { __typename }'],
    ['half a pair', 'registerBatch(input: { title: "a\\uD800" }) { __typename }'],
    ['one in a JSON literal', 'setSettings(settings: { info: { name: "a\\u0000" } }) { __typename }'],
  ])('refuses %s before anything runs, and says where', async (_, field) => {
    const before = await requests()
    const { status, data, errors } = await test.ask(`mutation { ${field} }`)
    expect(status).toBe(400)
    expect(data).toBeNull()
    expect(errors.length).toBeGreaterThan(0)
    expect(await requests()).toEqual(before)
    expect(await test.data('{ secrets { name } batches { totalCount } }')).toEqual({
      secrets: [],
      batches: { totalCount: 0 },
    })
  })

  it.each([
    ['{ jobs(filter: { ended: { from: "2026-11-25" } }) { totalCount } }', 33],
    ['{ jobs(filter: { ended: { from: "2026-02-30T00:00:00Z" } }) { totalCount } }', 33],
    ['{ job(number: "1") { id } }', 15],
    ['{ job(number: 9007199254740993) { id } }', 15],
  ])('says where a literal stands that it cannot read: %s', async (query, column) => {
    const { status, errors } = await test.ask(query)
    expect(status).toBe(400)
    expect(errors).toMatchObject([{ locations: [{ line: 1, column }], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(errors[0]?.message).not.toContain('duration')
  })

  it('takes an id in the one spelling that it gave', async () => {
    const id = globalId(`JobType:${type.id}`)
    expect(await test.data('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: { id } })
    for (const other of [`${id}=`, ` ${id}`, `${id}\n`, id.replace(/=*$/, '-'), `${id}extra`]) {
      const { errors } = await test.ask('query ($id: ID!) { node(id: $id) { id } }', { id: other })
      expect(errors, other).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
  })

  it('says which ids it would have taken', async () => {
    const wrong = globalId(`JobType:${type.id}`)
    const { errors } = await test.ask('query ($id: ID!) { jobs(filter: { ids: [$id] }) { totalCount } }', { id: wrong })
    expect(errors[0]?.message).toBe(`'${wrong}' is not the id of a QueuedJob or a ServiceJob.`)
    const allocation = await test.ask('query ($id: ID!) { allocation(id: $id) { uuid } }', { id: wrong })
    expect(allocation.errors[0]?.message).toBe(`'${wrong}' is not the id of an Allocation.`)
  })

  it('queues a job on files that are there alone', async () => {
    const queueing = (files: readonly unknown[]) =>
      test.data<{ queueJob: object }>(
        `mutation ($input: QueueJobInput!) { queueJob(input: $input) {
          __typename ... on Error { message path }
        } }`,
        { input: { jobType: globalId(`JobType:${type.id}`), files } },
      )
    const gone = globalId('WorkspaceFile:999')
    expect(await queueing([{ inputName: 'TEXT', files: [gone] }])).toEqual({
      queueJob: {
        __typename: 'NotFoundError',
        message: `There is no file with the id '${gone}'.`,
        path: ['input', 'files', '0', 'files', '0'],
      },
    })
    expect(await queueing(['A', 'TEXT', 'TEXT'].map((inputName) => ({ inputName, files: [] })))).toMatchObject({
      queueJob: { path: ['input', 'files', '2', 'inputName'] },
    })
  })

  it('tells a heartbeat of a stranger that it is one, and each lost execution once', async () => {
    const beat = (worker: string, executions: readonly string[]) =>
      test.data<{ heartbeat: object }>(
        `mutation ($worker: String!, $executions: [ID!]!) { heartbeat(worker: $worker, executions: $executions) {
          __typename ... on HeartbeatPayload { held { id } lost { id } }
        } }`,
        { worker, executions },
      )
    const execution = globalId('JobExecution:1')
    expect(await beat('00000000-0000-4000-8000-000000000000', [execution])).toEqual({
      heartbeat: { __typename: 'NotFoundError' },
    })
    const free = await registerCommand(test, 'free', 'true')
    await queue(test, free)
    const holder = await registerWorker(test.context(), { name: 'holder', hostname: 'holder.test' })
    const other = await registerWorker(test.context(), { name: 'other', hostname: 'other.test' })
    const [claim] = await claimJobs(test.context(), holder.id, 1)
    const id = globalId(`JobExecution:${claim?.executionId}`)
    const payload = { __typename: 'HeartbeatPayload' }
    expect(await beat(holder.id, [id, id])).toEqual({ heartbeat: { ...payload, held: [{ id }], lost: [] } })
    expect(await beat(other.id, [id, id])).toEqual({ heartbeat: { ...payload, held: [], lost: [{ id }] } })
  })

  it('tells all that is wrong with a specification one by one', async () => {
    const { registerServiceJob } = await test.data<{ registerServiceJob: { message: string; faults: object[] } }>(
      `mutation { registerServiceJob(input: { specification: {} }) {
        ... on InvalidInputError { message path faults { path message } }
      } }`,
    )
    const [head = ''] = registerServiceJob.message.split('\n')
    expect(head).toBe(`${registerServiceJob.faults.length} error(s) occurred:`)
    expect(registerServiceJob.faults).toContainEqual({ path: [], message: 'Missing job region' })
  })

  it('cuts a message that quotes what is endless', async () => {
    const { registerRecipe } = await test.data<{ registerRecipe: { message: string } }>(
      'mutation ($name: String!) { registerRecipe(recipeType: $name) { ... on Error { message } } }',
      { name: 'x'.repeat(100_000) },
    )
    expect(registerRecipe.message.length).toBeLessThan(2_100)
  })

  it('lets a request that can never be carried out keep nothing else from its turn', async () => {
    const poison = JSON.stringify({ text: 'a\u0000b' })
    await sql`insert into job_request (action, filter) values ('CANCEL', ${poison}::json)`.execute(test.store.db)
    await sql`insert into job_request (action, filter) values ('CANCEL', '{"ids":[999999]}')`.execute(test.store.db)
    const told: unknown[] = []
    const housekeeping = startHousekeeping(test.store, (_message, error) => told.push(error))
    await until('the other request to be done', async () => {
      const { rows } = await sql<{ done: boolean }>`select done_at is not null as done from job_request
        where filter::text like '%999999%'`.execute(test.store.db)
      return rows[0]?.done === true
    })
    await housekeeping.stop()
    expect(told.length).toBeGreaterThan(0)
  })
})
