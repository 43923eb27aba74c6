import { afterAll, beforeAll, expect, it } from 'vitest'
import { isObject } from '#model/json.ts'
import { publishEventResult } from '#resolvers/event.ts'
import { parity } from '#rest/parity.ts'
import { onBothStores } from '../support/store.ts'
import { globalId } from './parity-act.ts'
import { type Reading, readingsOf } from './parity-read.ts'
import { openParityStage, type ParityStage } from './parity-stage.ts'

const operations = parity.filter(({ twins }) => twins[0]?.startsWith('Mutation.') !== true)

const nowhere = '00000000-0000-4000-8000-000000000000'

/** Documents inside an answer, of which every member must be in the graph's. */
const whole: ReadonlySet<string> = new Set(['manifest', 'configuration', 'input', 'output', 'task_results', 'settings'])

/** What REST tells of the members that the graph tells; lists in full, so that their lengths count. */
function partOf(rest: unknown, graph: unknown): unknown {
  if (Array.isArray(rest) && Array.isArray(graph)) {
    const [told, asked]: [readonly unknown[], readonly unknown[]] = [rest, graph]
    return told.map((row, place) => partOf(row, asked[place]))
  }
  if (!isObject(rest) || !isObject(graph)) return rest
  const own: Readonly<Record<string, unknown>> = rest
  return Object.fromEntries(
    Object.entries(graph).map(([key, value]) => [key, whole.has(key) ? own[key] : partOf(own[key], value)]),
  )
}

/** Facts in one form: edges as their nodes, and whole numbers as text, since the graph gives 64-bit ones so. */
function facts(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map((row: unknown) => facts(isObject(row) && isEdge(row) ? row.node : row))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, facts(member)]))
}

function isEdge(row: object): boolean {
  return Object.keys(row).join() === 'node'
}

onBothStores('what REST and the graph tell of one state', (kind) => {
  let stage: ParityStage

  beforeAll(async () => {
    stage = await openParityStage(kind)
    await stage.test.rest('GET', '/v1/events/results/0')
    for (const value of ['"one"', '"two"', '"three"'])
      await publishEventResult(stage.test.context(), { error: '', value })
  }, 60_000)
  afterAll(async () => {
    expect(stage.test.bugs).toEqual([])
    await stage.test.close()
  })

  const askRest = async ({ path, body, rest = (answer) => answer }: Reading) => {
    const answer = await stage.test.rest(body === undefined ? 'GET' : 'POST', path, body === undefined ? {} : { body })
    expect(answer.status, answer.text).toBe(200)
    return rest(answer.headers.get('content-type')?.includes('json') === true ? answer.json() : answer.text)
  }

  it.each(operations.map((operation) => [operation.document, operation.title, operation] as const))(
    '%s: %s',
    async (_document, _title, { ids: [id = ''] }) => {
      const reading = readingsOf(stage)[id]
      if (reading === undefined) throw new Error(`${id} has no case`)
      const { query, variables, graph = (data) => Object.values(Object(data))[0] } = reading
      const told = facts(graph(await stage.test.data<unknown>(query, variables)))
      expect(JSON.stringify({ told }), 'there must be something to tell').not.toMatch(
        /"(?:told|results)":(?:\[\]|\{\}|"")/,
      )
      expect(told).toEqual(partOf(facts(await askRest(reading)), told))
    },
  )

  it('has a case for each reading operation, and no other', () => {
    expect(Object.keys(readingsOf(stage)).sort()).toEqual(operations.map(({ ids: [id] }) => id).sort())
  })

  it.each([
    ['/v6/jobs/999/', '{ found: job(number: 999) { id } }'],
    ['/v6/jobs/1/executions/9/', `{ found: execution(id: "${globalId('JobExecution', 999)}") { id } }`],
    ['/v6/job-types/none/1.0.0/', '{ found: jobType(name: "none", version: "1.0.0") { id } }'],
    ['/v6/job-types/plain/9.9.9/', '{ found: jobType(name: "plain", version: "9.9.9") { id } }'],
    [
      '/v6/job-types/plain/1.0.0/revisions/9/',
      '{ found: jobTypeRevision(name: "plain", version: "1.0.0", number: 9) { id } }',
    ],
    ['/v1/job/none', '{ found: serviceJob(name: "none") { id } }'],
    ['/job/none/summary', '{ found: serviceJob(name: "none") { id } }'],
    ['/v1/log/meta/none', '{ found: logSource(name: "none") { name } }'],
    [
      `/v1/log/fs/${nowhere}/web/stdout`,
      `{ found: logFile(allocation: "${nowhere}", task: "web", fileName: "stdout") { size } }`,
    ],
    [`/v1/log/allocs/${nowhere}`, `{ found: allocationLoggers(allocation: "${nowhere}") { level } }`],
    ['/secrets/secret/none', '{ found: secretValues(name: "none") { key } }'],
  ])('knows nothing at %s, nor does the graph', async (path, query) => {
    expect((await stage.test.rest('GET', path)).status).toBe(404)
    expect(await stage.test.data(query)).toEqual({ found: null })
  })
})
