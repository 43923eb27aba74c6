import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import type { JobType } from '#model/job-type.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { until } from '../support/wait.ts'

type Event = { readonly kind: string; readonly cursor: string; readonly job: { readonly number: number } | null }
type Data = { readonly jobStatusChanged: Event }

const query = `subscription ($after: String) {
  jobStatusChanged(after: $after) { kind cursor job { ... on QueuedJob { number } } }
}`

/** The clients as their own pages show them; their close codes and errors are in graphql-socket.test.ts and graphql-stream.test.ts. */
describe('A client of subscriptions', () => {
  let test: GraphqlGateway
  let type: JobType
  beforeAll(async () => {
    test = await openGraphql('pglite')
    type = await registerCommand(test, 'resumed', 'true')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('graphql-ws goes on after its last cursor when its socket breaks', async () => {
    const client = createSocketClient({
      url: test.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 9,
    })
    const variables: { after?: string } = {}
    const heard: Event[] = []
    // The payload is read anew at each attempt, so a cursor kept in it is where the next attempt begins.
    const leave = client.subscribe<Data>(
      { query, variables },
      {
        next: ({ data }) => {
          if (data === null || data === undefined) return
          heard.push(data.jobStatusChanged)
          variables.after = data.jobStatusChanged.cursor
        },
        error: () => {},
        complete: () => {},
      },
    )
    await until('the stream to stand', () => heard.at(-1)?.kind === 'BOOKMARK')
    const before = heard.length
    client.terminate()
    const missed = await queue(test, type)
    await until('what was missed', () => heard.length > before)
    const next = await queue(test, type)
    await until('what comes', () => heard.length > before + 1)
    leave()
    await client.dispose()
    expect(heard.slice(before)).toMatchObject([missed, next].map(({ id }) => ({ kind: 'CHANGE', job: { number: id } })))
  })

  it('graphql-sse, a connection for each operation, resumes after a cursor', async () => {
    const client = createSseClient({ url: test.url, singleConnection: false, retryAttempts: 0 })
    const read = async (after: string | null, enough: (event: Event) => boolean): Promise<Event[]> => {
      const events: Event[] = []
      for await (const { data, errors } of client.iterate<Data>({ query, variables: { after } })) {
        if (data === null || data === undefined) throw new Error(JSON.stringify(errors))
        events.push(data.jobStatusChanged)
        if (enough(data.jobStatusChanged)) break
      }
      return events
    }
    const start = await read(null, ({ kind }) => kind === 'BOOKMARK')
    const missed = await queue(test, type)
    const rest = await read(start.at(-1)?.cursor ?? null, ({ job }) => job?.number === missed.id)
    client.dispose()
    expect(rest).toMatchObject([{ kind: 'CHANGE', job: { number: missed.id } }])
  })

  it('graphql-sse takes queries and mutations too, and errors as results', async () => {
    const client = createSseClient({ url: test.url, retryAttempts: 0 })
    const results = async (document: string) => {
      const all: unknown[] = []
      for await (const result of client.iterate({ query: document })) all.push(result)
      return all
    }
    expect(await results('{ jobType(name: "resumed", version: "1.0.0") { name } }')).toMatchObject([
      { data: { jobType: { name: 'resumed' } } },
    ])
    expect(await results('mutation { cancelJobs(filter: { ids: [] }) { __typename } }')).toMatchObject([
      { data: { cancelJobs: { __typename: expect.any(String) } } },
    ])
    expect(await results('{ job(id: "x") { id } }')).toMatchObject([
      { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ])
    expect(await results('{ jobz }')).toMatchObject([
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ])
    client.dispose()
  })
})
