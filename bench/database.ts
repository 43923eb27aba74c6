import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { administer, databaseUrl, startPostgres } from '../test/support/postgres.ts'

/** A Postgres server for a workload. */
export type BenchServer = {
  /** Where databases are made from. */
  readonly url: string
  /** The CPU time that the server's processes have used so far, in milliseconds; null where that cannot be seen. */
  readonly cpuMs: () => number | null
  readonly stop: () => Promise<void>
}

/** Everything durable, and the planner as it is shipped: what a server gets that nobody has tuned. */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '512MB',
  maintenance_work_mem: '256MB',
  max_wal_size: '4GB',
}

/**
 * The server of DATABASE_URL, or else one of our own whose data stays in BENCH_DIR (by default `jobgraph-bench` in the
 * system's temporary directory), so that a large seed is made once.
 */
export async function openServer(): Promise<BenchServer> {
  const given = process.env.DATABASE_URL
  if (given !== undefined && given !== '') return { url: given, cpuMs: () => null, stop: async () => {} }
  const home = process.env.BENCH_DIR || join(tmpdir(), 'jobgraph-bench')
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { url, stop } = await startPostgres(flags, home)
  const postmaster = Number(readFileSync(join(home, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0])
  return { url, cpuMs: () => cpuOfTree(postmaster), stop }
}

/** The name of the database that holds a seed of so many jobs. */
export function seedName(jobs: number): string {
  return `jobgraph_bench_${jobs}`
}

/**
 * The address of a finished seed of so many jobs, or null where none was made yet or the schema or the seed's own
 * scripts have changed since.
 */
export async function findSeed(server: BenchServer, jobs: number): Promise<string | null> {
  const found = await query<{ mark: string | null }>(
    server.url,
    `select shobj_description(oid, 'pg_database') as mark from pg_database where datname = '${seedName(jobs)}'`,
  )
  return found[0]?.mark === fingerprint() ? databaseUrl(server.url, seedName(jobs)) : null
}

/** Gives a seed that is complete its name. */
export async function finishSeed(server: BenchServer, making: string, jobs: number): Promise<string> {
  await dropDatabase(server, seedName(jobs))
  await query(server.url, `comment on database ${making} is '${fingerprint()}'`)
  await query(server.url, `alter database ${making} rename to ${seedName(jobs)}`)
  return databaseUrl(server.url, seedName(jobs))
}

/** What a seed is made of: the migrations and the scripts that fill it. */
function fingerprint(): string {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const sources = globSync(['src/store/migrations/*.ts', 'bench/seed*.ts'], { cwd: root }).sort()
  const hash = createHash('sha256')
  for (const path of sources) hash.update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/** Makes a database anew and returns its address. */
export async function createDatabase(server: BenchServer, name: string): Promise<string> {
  await dropDatabase(server, name)
  await administer(server.url, [`create database ${name}`])
  return databaseUrl(server.url, name)
}

/** Drops a database and cuts off whoever uses it. */
export async function dropDatabase(server: BenchServer, name: string): Promise<void> {
  await administer(server.url, [`drop database if exists ${name} with (force)`])
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** Own time of a process, that of its ended children, and own time of its living ones; null without /proc. */
function cpuOfTree(pid: number): number | null {
  try {
    const own = clockTicks(pid)
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    const living = children.map((child) => ownTicks(Number(child)))
    return (own.own + own.ended + living.reduce((sum, ticks) => sum + ticks, 0)) * msPerTick
  } catch {
    return null
  }
}

/** Nothing for a process that has just ended. */
function ownTicks(pid: number): number {
  try {
    return clockTicks(pid).own
  } catch {
    return 0
  }
}

/** Linux counts in hundredths of a second on every machine of today. */
const msPerTick = 10

function clockTicks(pid: number): { readonly own: number; readonly ended: number } {
  // The name in the second field may hold anything, so counting starts after its closing bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number)
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
  return { own: user + system, ended: endedUser + endedSystem }
}
