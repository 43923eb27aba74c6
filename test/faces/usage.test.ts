import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { parity } from '#rest/parity.ts'
import { createNomadListener } from '../../src/edge/nomad-listener.ts'
import { sampleJob } from '../documents/nomad.ts'
import { openApp, type TestApp } from '../support/app.ts'
import { until } from '../support/wait.ts'

type Operation = (typeof parity)[number] & {
  readonly served: number
  readonly refused: number
  readonly failed: number
  readonly lastAt: string | null
}

describe.each(['pglite', 'postgres'] as const)('what a gateway tells of its use on %s', (kind) => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp(kind)
  }, 60_000)
  afterAll(async () => {
    expect(app.bugs).toEqual([])
    await app.close()
  })

  /** The value of a measure with exactly these labels; 0 where it has none yet. */
  async function measured(name: string): Promise<number> {
    const lines = (await (await app.get('/metrics')).text()).split('\n')
    return Number(
      lines
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1) ?? 0,
    )
  }

  /** Asks until a measure has a value: what is counted at the end of an answer may come just after its client has it. */
  const comes = (name: string, value: number) =>
    until(`${name} to be ${value}`, async () => (await measured(name)) === value)

  const status = async (path: string, init?: RequestInit) => {
    const answer = await app.get(path, init)
    await answer.text()
    return answer.status
  }

  const operated = (query: string) =>
    status('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })

  const operation = async (title: string) => {
    const answer = await app.get('/usage', { headers: { accept: 'application/json' } })
    const { operations } = (await answer.json()) as { operations: Operation[] }
    return operations.find((one) => one.title === title)
  }

  it('serves measures in the form that Prometheus reads', async () => {
    const answer = await app.get('/metrics')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    const text = await answer.text()
    expect(text.endsWith('\n')).toBe(true)
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.e+-]+)$/)
    for (const name of ['process_resident_memory_bytes', 'process_cpu_seconds_total', 'nodejs_heap_used_bytes'])
      expect(await measured(name), name).toBeGreaterThan(0)
  })

  it('tells of a loop that was held up to everybody who asks, and whether anybody asks or not', async () => {
    const late = async () =>
      (await measured('nodejs_eventloop_lag_seconds_count')) -
      (await measured('nodejs_eventloop_lag_seconds_bucket{le="0.25"}'))
    const before = await late()
    const end = performance.now() + 400
    while (performance.now() < end) {}
    const seen = await until('the delay to be told', async () => ((await late()) > before ? late() : null))
    expect(await late()).toBeGreaterThanOrEqual(seen)
    expect(await measured('nodejs_eventloop_lag_seconds_sum')).toBeGreaterThan(0.3)
  })

  it('counts requests by route and class of status, and all without a route together', async () => {
    expect(await status('/v6/jobs/')).toBe(200)
    expect(await status('/v6/jobs/?page=x')).toBe(404)
    expect(await status('/v6/jobs/77/')).toBe(404)
    expect(await status('/v6/nothing/')).toBe(404)
    expect(await status('/elsewhere')).toBe(404)
    await comes('jobgraph_http_requests_total{surface="scale",route="listScaleJobs",status="2xx"}', 1)
    await comes('jobgraph_http_requests_total{surface="scale",route="listScaleJobs",status="4xx"}', 1)
    await comes('jobgraph_http_requests_total{surface="scale",route="getScaleJob",status="4xx"}', 1)
    await comes('jobgraph_http_requests_total{surface="none",route="unmatched",status="4xx"}', 2)
    await comes('jobgraph_http_request_duration_seconds_count{surface="scale"}', 3)
    expect(await operation('Job List')).toMatchObject({ served: 1, refused: 1, failed: 0 })
    expect(await operation('Job Details')).toMatchObject({ served: 0, refused: 1, failed: 0 })
  })

  it('counts GraphQL operations by kind and outcome', async () => {
    await operated('{ changeIndex { __typename } }')
    await operated('{ changeIndex { ')
    await operated('{ nothing }')
    await operated('mutation { cancelJobs(input: { jobs: [] }) { __typename } }')
    await operated('{ node(id: "not an id") { id } }')
    await comes('jobgraph_graphql_operations_total{kind="query",outcome="ok"}', 1)
    await comes('jobgraph_graphql_operations_total{kind="query",outcome="error"}', 1)
    await comes('jobgraph_graphql_operations_total{kind="none",outcome="refused"}', 3)
  })

  it('counts sockets and subscriptions while they are open, over both transports', async () => {
    const query = 'subscription { jobStatusChanged { kind } }'
    const client = createClient({ url: `${app.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket })
    const leave = client.subscribe({ query }, { next: () => {}, error: () => {}, complete: () => {} })
    const gone = new AbortController()
    const stream = await app.get('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
      signal: gone.signal,
    })
    expect(stream.status).toBe(200)
    await comes('jobgraph_graphql_subscriptions_open', 2)
    await comes('jobgraph_graphql_sockets_open', 1)
    await comes('jobgraph_graphql_operations_total{kind="subscription",outcome="ok"}', 2)
    const refused = await app.get('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: 'subscription { jobStatusChanged { kind } }' }),
    })
    expect(refused.status).toBe(406)
    expect(await refused.json()).toMatchObject({ errors: [{ message: expect.stringContaining('text/event-stream') }] })
    await comes('jobgraph_graphql_subscriptions_open', 2)
    leave()
    gone.abort()
    await comes('jobgraph_graphql_subscriptions_open', 0)
    await client.dispose()
    await comes('jobgraph_graphql_sockets_open', 0)
  })

  it('counts jobs from the ledger, the index, and long polls while they sleep but not in the durations', async () => {
    const body = JSON.stringify(sampleJob('svc'))
    const asked = { method: 'PUT', headers: { 'content-type': 'application/json' }, body }
    expect(await status('/v1/job/svc', asked)).toBe(200)
    await comes('jobgraph_jobs{family="service",status="PENDING"}', 1)
    const index = await until('the feed to have read', () => measured('jobgraph_change_index'))
    const timed = 'jobgraph_http_request_duration_seconds_count{surface="nomad"}'
    await comes(timed, 1)
    const gone = new AbortController()
    const poll = app.get(`/v1/job/svc?index=${index + 1000}&wait=60s`, { signal: gone.signal }).catch(() => null)
    await comes('jobgraph_long_polls_sleeping', 1)
    gone.abort()
    await poll
    await comes('jobgraph_long_polls_sleeping', 0)
    await comes('jobgraph_http_requests_total{surface="nomad",route="getNomadJob",status="2xx"}', 1)
    expect(await measured(timed)).toBe(1)
  })

  it('counts what the listener for Nomad answers too', async () => {
    const listener = createNomadListener(app.gateway, { host: '127.0.0.1', port: 0 }, app.usage)
    try {
      const { port } = await listener.listen()
      const answer = await fetch(`http://127.0.0.1:${port}/v1/job/svc`)
      expect([answer.status, (await answer.text()).length > 0]).toEqual([200, true])
      await comes('jobgraph_http_requests_total{surface="nomad",route="getNomadJob",status="2xx"}', 2)
    } finally {
      await listener.close(500)
    }
  })

  it('shows each documented operation with its twin and its use on a page that runs nothing', async () => {
    const before = (await operation('Job Types Pending')) ?? { served: -1 }
    expect(before).toMatchObject({
      served: 0,
      lastAt: null,
      path: '/v6/job-types/pending/',
      twins: ['Query.pendingJobTypes'],
    })
    await status('/v6/job-types/pending/')
    const used = await until('the use to be told', async () => {
      const one = await operation('Job Types Pending')
      return one?.served === 1 ? one : null
    })
    expect(Date.parse(used.lastAt ?? '')).toBeGreaterThanOrEqual(app.usage.since.getTime())
    const answer = await app.get('/usage', { headers: { accept: 'text/html,application/json;q=0.9' } })
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/)
    const page = await answer.text()
    expect(page).not.toContain('<script')
    expect(page).toContain(`since it started at <time>${app.usage.since.toISOString()}</time>`)
    expect(page.match(/<tr><td>/g)).toHaveLength(parity.length)
    expect(page).toContain(`<td>${used.lastAt}</td>`)
    const head = await app.get('/usage', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})
