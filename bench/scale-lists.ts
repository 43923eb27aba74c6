/**
 * Times the Scale v6 list routes on a small and on a large seed, in process and without a network:
 * `npm run bench scale-lists [--orders] [--only text]`. Prints for each request the median of both, and marks those
 * that take more than three times as long on the large one.
 */
import { parseArgs } from 'node:util'
import { createRouter } from '../src/rest/router.ts'
import { surfaces } from '../src/rest/surfaces.ts'
import type { Store } from '../src/store/store.ts'
import { type BenchServer, openServer, query } from './database.ts'
import { contextOf, createGateway, openBenchStore } from './gateway.ts'
import { median } from './load.ts'
import { findProbe, jobOrders, listCases, type Probe } from './scale-case.ts'
import { ensureSeed } from './seed.ts'

const sizes = [10_000, 1_000_000] as const
const allowed = 3
/** Each request is asked so often of each seed in turn, after two that are not counted. */
const rounds = 9
/** A request that takes this long is asked fewer times. */
const slowMs = 1_000

type Answer = { readonly status: number; readonly count: unknown }
type Side = {
  readonly store: Store
  readonly probe: Probe
  readonly get: (path: string) => Promise<Answer>
}

async function openSide(server: BenchServer, jobs: number): Promise<Side> {
  const url = await ensureSeed(server, jobs)
  const [seeded] = await query<{ at: Date }>(url, 'select max(last_modified) as at from job')
  if (seeded === undefined) throw new Error('the seed is empty')
  const store = await openBenchStore(url)
  // The clock stands at the moment of the seed, so that "three hours ago" means the same for a seed of last week.
  const gateway = createGateway(store, () => seeded.at)
  const route = createRouter(surfaces, { report: (error) => console.error(error) })
  const get = async (path: string): Promise<Answer> => {
    const response = await route(() => contextOf(gateway), new Request(`http://bench.test${path}`))
    if (response === null) throw new Error(`nobody serves ${path}`)
    const text = await response.text()
    return { status: response.status, count: response.ok ? Reflect.get(JSON.parse(text), 'count') : text.slice(0, 60) }
  }
  return { store, probe: await findProbe(url, seeded.at), get }
}

type Timing = { readonly ms: number; readonly answer: Answer }

async function time(sides: readonly [Side, Side], paths: readonly [string, string]): Promise<[Timing, Timing]> {
  const times: [number[], number[]] = [[], []]
  const answers: [Answer, Answer] = [await sides[0].get(paths[0]), await sides[1].get(paths[1])]
  const ask = async (at: 0 | 1) => {
    const begun = performance.now()
    answers[at] = await sides[at].get(paths[at])
    times[at].push(performance.now() - begun)
  }
  await ask(0)
  await ask(1)
  const slow = Math.max(...times.flat()) > slowMs
  times[0].length = 0
  times[1].length = 0
  for (let round = 0; round < (slow ? 3 : rounds); round += 1) {
    await ask(0)
    await ask(1)
  }
  return [
    { ms: median(times[0]), answer: answers[0] },
    { ms: median(times[1]), answer: answers[1] },
  ]
}

function row(title: string, [small, large]: readonly [Timing, Timing]): string {
  const ratio = large.ms / small.ms
  const mark = ratio > allowed ? ' *' : ''
  const failed = [small, large].find(({ answer }) => answer.status !== 200)
  const found = failed === undefined ? `${small.answer.count} / ${large.answer.count}` : `HTTP ${failed.answer.status}`
  return `| ${title} | ${small.ms.toFixed(1)} | ${large.ms.toFixed(1)} | ${ratio.toFixed(1)}${mark} | ${found} |`
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { orders: { type: 'boolean' }, only: { type: 'string' } } })
  const server = await openServer()
  try {
    const sides: [Side, Side] = [await openSide(server, sizes[0]), await openSide(server, sizes[1])]
    const [small, large] = [listCases(sides[0].probe), listCases(sides[1].probe)]
    const cases = [...small.keys()].map((title) => ({ title, paths: pairOf(small, large, title) }))
    const orders = jobOrders.map((order) => {
      const path = `/v6/jobs/?order=${order}`
      return { title: path, paths: [path, path] as const }
    })
    console.log(`| request | ${sizes[0]} jobs, ms | ${sizes[1]} jobs, ms | ratio | count |\n|---|---:|---:|---:|---|`)
    for (const { title, paths } of values.orders === true ? orders : cases) {
      if (values.only !== undefined && !title.includes(values.only)) continue
      console.log(row(title, await time(sides, paths)))
    }
    for (const { store } of sides) await store.close()
  } finally {
    await server.stop()
  }
}

function pairOf(small: ReadonlyMap<string, string>, large: ReadonlyMap<string, string>, title: string) {
  return [small.get(title) ?? '', large.get(title) ?? ''] as const
}

if (import.meta.main) await main()
