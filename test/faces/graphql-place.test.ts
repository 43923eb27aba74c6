import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobType } from '#model/job-type.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql, SubscriptionError } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

const globalId = (text: string) => Buffer.from(text).toString('base64')

onBothStores('The places of faults', (kind) => {
  let test: GraphqlGateway
  let type: JobType
  beforeAll(async () => {
    test = await openGraphql(kind)
    type = await registerCommand(test, 'placed', 'true')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it.each([
    ['{ node(id: "no") { id } }', ['id']],
    ['{ jobs(filter: { ids: ["no"] }) { totalCount } }', ['filter', 'ids', '0']],
    [
      '{ jobs(filter: { created: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" } }) { totalCount } }',
      ['filter', 'created'],
    ],
    ['{ jobs(first: -1) { totalCount } }', ['first']],
    [`{ jobTypeNames(keywords: ["a", "${'x'.repeat(257)}"]) { totalCount } }`, ['keywords', '1']],
  ])('are lists of texts in %s', async (query, inputPath) => {
    const { errors } = await test.ask(query)
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', inputPath }])
  })

  it('do not keep the ids beside a bad one from being read', async () => {
    const id = globalId(`JobType:${type.id}`)
    const ids = ['no', id, globalId('JobType:999'), `${id}=`, id]
    const { data, errors } = await test.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
    expect(data).toEqual({ nodes: [null, { id }, null, null, { id }] })
    expect(errors).toMatchObject(
      [0, 3].map((place) => ({
        message: `'${ids[place]}' is not an id that this API gave.`,
        path: ['nodes', place],
        extensions: { code: 'BAD_USER_INPUT', inputPath: ['ids', String(place)] },
      })),
    )
    expect(errors).toHaveLength(2)
  })

  it.each([
    ['logTail(execution: "no") { cursor }', ['execution']],
    ['logTail(execution: "no", filter: { contains: $long }) { cursor }', ['filter', 'contains']],
    ['jobLogTail(job: "no") { cursor }', ['job']],
    ['jobStatusChanged(after: "no") { cursor }', ['after']],
    ['jobStatusChanged(after: "MDAwMDAwMDAuMS4w") { cursor }', ['after']],
    ['executionStatusChanged(ids: ["no"]) { cursor }', ['ids', '0']],
    [`jobStatusChanged(ids: ["${globalId('QueuedJob:99')}"]) { cursor }`, ['ids', '0']],
    [`executionStatusChanged(jobs: ["${globalId('QueuedJob:99')}"]) { cursor }`, ['jobs', '0']],
    [`logTail(execution: "${globalId('JobExecution:99')}") { cursor }`, ['execution']],
    [`jobLogTail(job: "${globalId('QueuedJob:99')}") { cursor }`, ['job']],
  ])('are told in the stream %s', async (field, inputPath) => {
    const head = field.includes('$long') ? 'subscription ($long: String!)' : 'subscription'
    const events = test.events('graphql-ws', `${head} { ${field} }`, { long: 'x'.repeat(1_001) })
    const refused: unknown = await events.next().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SubscriptionError)
    expect(refused).toMatchObject({ inputPath })
  })

  it.each([
    ['queueJob(input: { jobType: $type, batch: $id })', 'Batch', 'batch', ['input', 'batch']],
    ['queueJob(input: { jobType: $type, recipe: $id })', 'Recipe', 'recipe', ['input', 'recipe']],
    ['supersedeJob(job: $id)', 'QueuedJob', 'job', ['job']],
    ['supersedeJob(job: $own, successor: $id)', 'QueuedJob', 'job', ['successor']],
  ])('are told of what %s does not find, by the id that was sent', async (call, typename, noun, path) => {
    const job = await queue(test, type)
    const sent = {
      type: globalId(`JobType:${type.id}`),
      id: globalId(`${typename}:99`),
      own: globalId(`QueuedJob:${job.id}`),
    }
    const head = Object.keys(sent).filter((name) => call.includes(`$${name}`))
    const declared = head.map((name) => `$${name}: ID!`).join(', ')
    const answer = await test.data<unknown>(
      `mutation (${declared}) { done: ${call} { __typename ... on Error { code message path } } }`,
      Object.fromEntries(head.map((name) => [name, Reflect.get(sent, name)])),
    )
    const message = `There is no ${noun} with the id '${sent.id}'.`
    expect(answer).toEqual({ done: { __typename: 'NotFoundError', code: 'NOT_FOUND', message, path } })
  })

  it('are told of a secret that is not there', async () => {
    const answer = await test.data<unknown>('mutation { removeSecret(name: "none") { ... on Error { code path } } }')
    expect(answer).toEqual({ removeSecret: { code: 'NOT_FOUND', path: ['name'] } })
  })

  it('keep keys whole that hold dots', async () => {
    const { setSettings } = await test.data<{ setSettings: unknown }>(
      `mutation ($s: JSON!) { setSettings(settings: $s) { ... on InvalidInputError { path faults { path } } } }`,
      { s: { 'a.b': [{ $ref: 'x' }] } },
    )
    expect(setSettings).toEqual({ path: ['settings'], faults: [{ path: ['a.b', '0', '$ref'] }] })
    const rest = await test.rest('POST', '/v1/settings', { body: { 'a.b': [{ $ref: 'x' }] } })
    expect(rest.json()).toMatchObject({ details: [{ path: 'a.b[0].$ref' }] })
  })
})
