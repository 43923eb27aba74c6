/**
 * Times `Query.jobs` on a small and on a large seed, in process and without a network: each order and each filter, at
 * the first page, from the middle of the list's time and at its end. `npm run bench graph-lists [--only text]`. Prints
 * the least times of both, and marks what takes more than three times as long on the large one, or more than 50 ms.
 */
import { parseArgs } from 'node:util'
import { graphql } from 'graphql'
import { schema } from '../src/schema/index.ts'
import type { Store } from '../src/store/store.ts'
import { type BenchServer, openServer, query } from './database.ts'
import { contextOf, createGateway, openBenchStore } from './gateway.ts'
import { findProbe, type Probe } from './scale-case.ts'
import { ensureSeed } from './seed.ts'

const sizes = [10_000, 1_000_000] as const
const allowed = { ratio: 3, ms: 50 }
/** A connection may make its plan anew until the sixth time; what is timed is the plan that stays. */
const settling = 6
const rounds = 5

type Variables = Readonly<Record<string, unknown>>
type Side = {
  readonly store: Store
  readonly probe: Probe
  /** The cursor of each order from the middle of the jobs. */
  readonly middle: Readonly<Record<string, string>>
  readonly ask: (variables: Variables) => Promise<number>
}

const document = `query ($filter: JobFilter, $orderBy: JobOrder, $first: Int, $last: Int, $after: String) {
  jobs(filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after) {
    edges { cursor node { id status createdAt modifiedAt } } pageInfo { hasNextPage hasPreviousPage }
  }
}`

const lists = { CREATED: 'jobs', MODIFIED: 'modifiedJobs', STATUS_CHANGED: 'changedJobs' } as const
const columns = { CREATED: 'created_at', MODIFIED: 'last_modified', STATUS_CHANGED: 'last_status_change' } as const
const fields = ['CREATED', 'MODIFIED', 'STATUS_CHANGED'] as const

async function openSide(server: BenchServer, jobs: number): Promise<Side> {
  const url = await ensureSeed(server, jobs)
  const [seeded] = await query<{ at: Date }>(url, 'select max(last_modified) as at from job')
  if (seeded === undefined) throw new Error('the seed is empty')
  const store = await openBenchStore(url)
  const gateway = createGateway(store, () => seeded.at)
  const ask = async (variables: Variables): Promise<number> => {
    const contextValue = { ctx: contextOf(gateway) }
    const { data, errors } = await graphql({ schema, source: document, variableValues: variables, contextValue })
    if (errors !== undefined) throw new Error(errors[0]?.message)
    const edges: unknown = Reflect.get(Object(data?.jobs), 'edges')
    return Array.isArray(edges) ? edges.length : 0
  }
  const middle = await Promise.all(fields.map(async (field) => [field, await cursorOf(url, field)] as const))
  return { store, probe: await findProbe(url, seeded.at), middle: Object.fromEntries(middle), ask }
}

async function cursorOf(url: string, field: (typeof fields)[number]): Promise<string> {
  const [row] = await query<{ at: string; id: string }>(
    url,
    `select to_char(${columns[field]} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, id
      from job order by ${columns[field]}, id offset (select count(*) / 2 from job) limit 1`,
  )
  return Buffer.from(JSON.stringify([lists[field], row?.at, Number(row?.id)])).toString('base64url')
}

const idOf = (typename: string, id: string) => Buffer.from(`${typename}:${id}`).toString('base64')

function filtersOf({ ago, ...probe }: Probe): [string, Variables][] {
  const spans = ['created', 'modified', 'statusChanged', 'started', 'ended'].flatMap((kind): [string, Variables][] => [
    [`${kind} (a day)`, { [kind]: { from: ago(1) } }],
    [`${kind} (to 60 days ago)`, { [kind]: { to: ago(60) } }],
  ])
  const sources: [string, string[]][] = [
    ['sourceSensorClasses', ['class-1', 'nothing']],
    ['sourceSensors', ['sensor-0', 'sensor-39', 'nothing']],
    ['sourceCollections', ['collection-1', 'nothing']],
    ['sourceTasks', ['task-1', 'nothing']],
  ]
  return [
    ...['QUEUED', 'SERVICE'].map((family): [string, Variables] => [`families ${family}`, { families: [family] }]),
    ...['PENDING', 'BLOCKED', 'QUEUED', 'RUNNING', 'CANCELING', 'COMPLETED', 'FAILED', 'CANCELED'].map(
      (status): [string, Variables] => [`statuses ${status}`, { statuses: [status] }],
    ),
    ['statuses (three)', { statuses: ['RUNNING', 'FAILED', 'COMPLETED'] }],
    ['ids', { ids: [idOf('QueuedJob', probe.job)] }],
    ['jobTypes (common)', { jobTypes: [idOf('JobType', probe.type.common)] }],
    ['jobTypes (rare)', { jobTypes: [idOf('JobType', probe.type.rare)] }],
    ['jobTypeNames (rare)', { jobTypeNames: [probe.typeName.rare] }],
    ['jobTypeNames (none)', { jobTypeNames: ['nothing'] }],
    ['names', { names: [probe.typeName.common] }],
    ['namePrefix', { namePrefix: 'type-1' }],
    ['namePrefix (none)', { namePrefix: 'nothing' }],
    ['text', { text: 'TYPE 2' }],
    ['text (none)', { text: 'nothing' }],
    ['batches', { batches: [idOf('Batch', probe.batch)] }],
    ['recipes', { recipes: [idOf('Recipe', probe.recipe)] }],
    ['errors (common)', { errors: [idOf('JobError', probe.error.common)] }],
    ['errors (rare)', { errors: [idOf('JobError', probe.error.rare)] }],
    ...['SYSTEM', 'DATA', 'ALGORITHM'].map((category): [string, Variables] => [
      `errorCategories ${category}`,
      { errorCategories: [category] },
    ]),
    ['computeNodes', { computeNodes: [idOf('ComputeNode', probe.node)] }],
    ['computeNodes (none)', { computeNodes: [idOf('ComputeNode', '999999')] }],
    ['parents (none)', { parents: [idOf('ServiceJob', '999999')] }],
    ['inputFiles', { inputFiles: [idOf('WorkspaceFile', '7')] }],
    ['isSuperseded true', { isSuperseded: true }],
    ['isSuperseded false', { isSuperseded: false }],
    ...spans,
    ['sourceStartedFrom (a day)', { sourceStartedFrom: ago(1) }],
    ['sourceEndedTo (60 days ago)', { sourceEndedTo: ago(60) }],
    ...sources.flatMap(([kind, values]) =>
      values.map((value): [string, Variables] => [`${kind} ${value}`, { [kind]: [value] }]),
    ),
  ]
}

/** Requests by title; each at its first page, from the middle and at the end. */
function casesOf({ probe, middle }: Side): Map<string, Variables> {
  const filters: [string, Variables][] = [['all', {}], ...filtersOf(probe)]
  return new Map(
    filters.flatMap(([title, filter]) =>
      fields.flatMap((field): [string, Variables][] => {
        const asked = { filter, orderBy: { field, direction: 'DESC' } }
        return [
          [`${title}, ${field}, first`, asked],
          [`${title}, ${field}, middle`, { ...asked, after: middle[field] }],
          [`${title}, ${field}, end`, { ...asked, last: 50 }],
        ]
      }),
    ),
  )
}

async function time(sides: readonly Side[], asked: readonly Variables[]): Promise<[number, number][]> {
  const times: number[][] = sides.map(() => [])
  let found: number[] = []
  for (let round = -settling; round < rounds; round += 1) {
    found = []
    for (const [index, side] of sides.entries()) {
      const begun = performance.now()
      found.push(await side.ask(asked[index] ?? {}))
      const spent = performance.now() - begun
      if (round >= 0) times[index]?.push(spent)
      // What is this slow needs no more rounds to be called slow.
      if (spent > 500) round = Math.max(round, rounds - 3)
    }
  }
  // Other work on the machine only adds, so the least says most.
  return times.map((own, index) => [Math.min(...own), found[index] ?? 0])
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  const server = await openServer()
  try {
    const sides = [await openSide(server, sizes[0]), await openSide(server, sizes[1])]
    const cases = sides.map(casesOf)
    console.log(`| request | ${sizes[0]} jobs, ms | ${sizes[1]} jobs, ms | ratio | rows |\n|---|---:|---:|---:|---|`)
    for (const title of cases[0]?.keys() ?? []) {
      if (values.only !== undefined && !title.includes(values.only)) continue
      const [small, large] = await time(
        sides,
        cases.map((own) => own.get(title) ?? {}),
      )
      if (small === undefined || large === undefined) continue
      const ratio = large[0] / small[0]
      const mark = ratio > allowed.ratio || large[0] > allowed.ms ? ' *' : ''
      console.log(
        `| ${title} | ${small[0].toFixed(1)} | ${large[0].toFixed(1)} | ${ratio.toFixed(1)}${mark} | ${small[1]} / ${large[1]} |`,
      )
    }
    for (const { store } of sides) await store.close()
  } finally {
    await server.stop()
  }
}

await main()
