/**
 * How fast the queue turns: no-op jobs a second through claim and finish, and commits a second that take a change
 * index, beside the same commits without one. `npm run bench queue [--seconds 5]`, on a database of its own.
 */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import type { Claim } from '../src/model/execution.ts'
import { registerJobType } from '../src/resolvers/job-type.ts'
import { registerWorker } from '../src/resolvers/work.ts'
import { recordChanges } from '../src/store/change.ts'
import { foldJobTally } from '../src/store/job-tally.ts'
import { type Store, writing } from '../src/store/store.ts'
import { claimWork, finishWork } from '../src/store/work.ts'
import { createDatabase, dropDatabase, openServer, query } from './database.ts'
import { contextOf, createGateway, noop, openBenchStore } from './gateway.ts'
import { median } from './load.ts'

const workers = 8
const rounds = 3
const name = 'jobgraph_bench_queue'

type Worker = Awaited<ReturnType<typeof registerWorker>>

async function prepare(store: Store): Promise<{ readonly typeId: number; readonly crew: Worker[] }> {
  const ctx = contextOf(createGateway(store))
  const { jobType } = await registerJobType(ctx, noop)
  const crew: Worker[] = []
  for (let index = 0; index < workers; index += 1)
    crew.push(await registerWorker(ctx, { name: randomUUID(), hostname: 'bench.test' }))
  return { typeId: jobType.id, crew }
}

/** Queues jobs faster than requests could: they are what is consumed, not what is measured. */
async function fillQueue(url: string, typeId: number, jobs: number): Promise<void> {
  await query(
    url,
    `insert into job (id, family, job_type_id, job_type_revision_id, status, priority, max_tries, num_exes, input,
       input_file_size, created_at, queued_at, last_status_change, last_modified, create_index, modify_index)
     select nextval('queued_job_id'), 'queued', ${typeId}, r.id, 'QUEUED', 100, 3, 1, '{"files":{},"json":{}}', 0, now(),
       now(), now(), now(), 1, 1
     from job_type_revision r, generate_series(1, ${jobs}) where r.job_type_id = ${typeId}`,
  )
  await query(url, 'vacuum analyze')
}

/** Jobs a second that so many workers claim, `batch` at a time, and finish one by one. */
async function drain(store: Store, crew: readonly Worker[], batch: number, seconds: number): Promise<number> {
  let done = 0
  const begun = performance.now()
  const until = begun + seconds * 1000
  const work = async (worker: Worker) => {
    while (performance.now() < until) {
      const claims = await claimWork(store, worker, batch)
      if (claims.length === 0) throw new Error('the queue ran empty before the time was up')
      for (const claim of claims) await finish(store, claim)
      done += claims.length
    }
  }
  await Promise.all(crew.map(work))
  return (done * 1000) / (performance.now() - begun)
}

function finish(store: Store, { executionId, token }: Claim): Promise<void> {
  const output = { files: {}, json: {} }
  return finishWork(store, { executionId, token }, { kind: 'COMPLETED', exitCode: 0, output, taskResults: null })
}

/** Commits a second of so many writers. */
async function commits(commit: () => Promise<unknown>, writers: number, seconds: number): Promise<number> {
  let done = 0
  const begun = performance.now()
  const until = begun + seconds * 1000
  const write = async () => {
    for (; performance.now() < until; done += 1) await commit()
  }
  await Promise.all(Array.from({ length: writers }, write))
  return (done * 1000) / (performance.now() - begun)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } })
  const seconds = Number(values.seconds)
  const server = await openServer()
  try {
    const url = await createDatabase(server, name)
    const store = await openBenchStore(url, 16)
    const { typeId, crew } = await prepare(store)
    console.log(`| workload, ${workers} at once | per second |\n|---|---:|`)
    for (const batch of [1, 20]) {
      const rates: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        await fillQueue(url, typeId, seconds * 5_000)
        await foldJobTally(store.db)
        rates.push(await drain(store, crew, batch, seconds))
        await query(url, `update job set status = 'CANCELED', ended_at = now() where status = 'QUEUED'`)
      }
      console.log(`| no-op jobs, claimed ${batch} at a time | ${median(rates).toFixed(0)} |`)
    }
    await compareCommits(store, url, typeId, seconds)
    await store.close()
    await dropDatabase(server, name)
  } finally {
    await server.stop()
  }
}

/**
 * A commit of one change row under the next index, and without one, in turn. The single writer shows what the disk
 * allows to commits that cannot share a flush.
 */
async function compareCommits(store: Store, url: string, typeId: number, seconds: number): Promise<void> {
  await query(url, 'create table plain (like change including all); create sequence plain_idx')
  const indexed = () =>
    writing(store, (tx) => recordChanges(tx, [{ kind: 'JOB_TYPE', entityId: typeId, jobTypeId: typeId }]))
  const plain = () =>
    store.db.transaction().execute((tx) =>
      sql`insert into plain (idx, ordinal, kind, entity_id, job_type_id, at)
        values (nextval('plain_idx'), 0, 'JOB_TYPE', ${typeId}, ${typeId}, clock_timestamp())`.execute(tx),
    )
  const rates: { indexed: number; plain: number; alone: number }[] = []
  for (let round = 0; round < rounds; round += 1)
    rates.push({
      indexed: await commits(indexed, workers, seconds),
      plain: await commits(plain, workers, seconds),
      alone: await commits(plain, 1, seconds),
    })
  const middle = (of: (rate: (typeof rates)[number]) => number) => median(rates.map(of))
  console.log(`| commits with a change index | ${middle(({ indexed }) => indexed).toFixed(0)} |`)
  console.log(`| commits without one | ${middle(({ plain }) => plain).toFixed(0)} |`)
  console.log(`| commits without one, a single writer | ${middle(({ alone }) => alone).toFixed(0)} |`)
  const kept = middle(({ indexed, plain }) => indexed / plain)
  const serial = middle(({ indexed, alone }) => indexed / alone)
  console.log(
    `\nIndexed commits come one after another: ${kept.toFixed(2)} of the plain rate, ${serial.toFixed(2)} of a single writer's.`,
  )
}

await main()
