import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { TestProject } from 'vitest/node'
import { openPglite, openPostgres } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { administer, databaseUrl, startPostgres, template } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that this run may use; databases are cloned from its template. */
    postgresUrl: string
    /** A dump of a migrated embedded database: loading it is far faster than migrating. */
    pgliteDump: string
  }
}

/** One Postgres and one embedded dump for the whole run. TEST_DATABASE_URL names a server of your own instead. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL
  const server = given === undefined ? await startPostgres(['-c', 'fsync=off']) : null
  const url = given ?? server?.url ?? ''
  await administer(url, [`drop database if exists ${template}`, `create database ${template}`])
  const open = openPostgres(databaseUrl(url, template), { size: 1, onIdleError: () => {} })
  await migrate(open.db)
  await open.close()
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-tests-'))
  const dump = join(directory, 'pglite.tar')
  await dumpPglite(dump)
  project.provide('postgresUrl', url)
  project.provide('pgliteDump', dump)
  return async () => {
    rmSync(directory, { recursive: true, force: true })
    await server?.stop()
  }
}

async function dumpPglite(path: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-pglite-'))
  const open = await openPglite(directory)
  await migrate(open.db)
  await open.close()
  const pglite = await PGlite.create({ dataDir: directory })
  const dump = await pglite.dumpDataDir('none')
  await pglite.close()
  writeFileSync(path, Buffer.from(await dump.arrayBuffer()))
  rmSync(directory, { recursive: true, force: true })
}
