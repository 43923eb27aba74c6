import { Client, fetchExchange, gql, type SubscriptionForwarder, subscriptionExchange } from '@urql/core'
import { createClient as createSseClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { until } from '../support/wait.ts'

const queueJob = gql`mutation ($jobType: ID!) {
  queueJob(input: { jobType: $jobType }) {
    __typename
    ... on QueueJobPayload { job { id status } }
    ... on Error { code message }
  }
}`

type Sink = Parameters<ReturnType<SubscriptionForwarder>['subscribe']>[0]
type Result = { readonly data?: Record<string, unknown> | null; readonly errors?: readonly Error[] }

/** The transports leave `data` out where there is none; urql wants it said. */
const whole = (sink: Sink) => ({
  ...sink,
  next: ({ data = null, errors = [] }: Result) => sink.next(errors.length === 0 ? { data } : { data, errors }),
})

describe('@urql/core', () => {
  let test: GraphqlGateway
  let jobType: string
  beforeAll(async () => {
    test = await openGraphql('pglite')
    await registerCommand(test, 'urql', 'true')
    const { jobType: type } = await test.data<{ jobType: { id: string } }>(
      '{ jobType(name: "urql", version: "1.0.0") { id } }',
    )
    jobType = type.id
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const overSse: SubscriptionForwarder = ({ query, variables }) => ({
    subscribe: (sink) => {
      const client = createSseClient({ url: test.url, retryAttempts: 0 })
      return { unsubscribe: client.subscribe({ query: query ?? '', variables: { ...variables } }, whole(sink)) }
    },
  })
  const overSocket: SubscriptionForwarder = ({ query, variables }) => ({
    subscribe: (sink) => ({
      unsubscribe: test.socketClient().subscribe({ query: query ?? '', variables: { ...variables } }, whole(sink)),
    }),
  })
  // Queries as GET, which urql prefers, need a header that no browser sends unasked.
  const open = (forwardSubscription: SubscriptionForwarder, headers?: Readonly<Record<string, string>>) =>
    new Client({
      url: test.url,
      exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription })],
      ...(headers === undefined ? { preferGetMethod: false } : { fetchOptions: { headers } }),
    })

  it.each([
    ['POST', undefined],
    ['GET', { 'graphql-require-preflight': 'yes' }],
  ])('queries by %s, and is told what is wrong with a document', async (_method, headers) => {
    const client = open(overSse, headers)
    const { data, error } = await client.query(gql`{ jobTypes { edges { node { name } } } }`, {})
    expect(error).toBeUndefined()
    expect(data).toMatchObject({ jobTypes: { edges: [{ node: { name: 'urql' } }] } })
    const wrong = await client.query(gql`{ jobz }`, {})
    expect(wrong.error?.graphQLErrors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  })

  it('mutates, and gets the errors that a caller can meet as data', async () => {
    const client = open(overSse)
    expect((await client.mutation(queueJob, { jobType })).data).toMatchObject({
      queueJob: { __typename: 'QueueJobPayload', job: { status: 'QUEUED' } },
    })
    const unknown = Buffer.from('JobType:999999').toString('base64')
    const refused = await client.mutation(queueJob, { jobType: unknown })
    expect(refused.error).toBeUndefined()
    expect(refused.data).toMatchObject({ queueJob: { __typename: 'NotFoundError', code: 'NOT_FOUND' } })
  })

  it.each([
    ['server-sent events', overSse],
    ['graphql-ws', overSocket],
  ])('subscribes over %s', async (_transport, forward) => {
    const client = open(forward)
    const heard: unknown[] = []
    const { unsubscribe } = client
      .subscription(gql`subscription { jobStatusChanged(snapshot: false) { kind to job { id } } }`, {})
      .subscribe(({ data, error }) => heard.push(error ?? data))
    await until('the stream to open', () => heard.length === 1)
    const { data } = await client.mutation(queueJob, { jobType })
    await until('the change', () => heard.length === 2)
    unsubscribe()
    expect(heard).toMatchObject([
      { jobStatusChanged: { kind: 'BOOKMARK' } },
      { jobStatusChanged: { kind: 'CHANGE', to: 'QUEUED', job: { id: data.queueJob.job.id } } },
    ])
  })
})
