import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { describe, inject } from 'vitest'
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts'
import { administer, databaseUrl, template } from './postgres.ts'

/** A store of a test's own. */
export type TestStore = {
  readonly store: Store
  /** Its Postgres URL; null on the embedded database. */
  readonly url: string | null
  /** Every statement sent since the last `statements.length = 0`. */
  readonly statements: string[]
  readonly close: () => Promise<void>
}

const testKeys = [`test:${Buffer.alloc(32, 7).toString('base64')}`]

/** A fresh, migrated store on either database. */
export async function openTestStore(
  kind: 'pglite' | 'postgres',
  options: Partial<StoreOptions> = {},
): Promise<TestStore> {
  const statements: string[] = []
  const shared = {
    keys: testKeys,
    log: () => {},
    onStatement: (sql: string) => void statements.push(sql),
    ...options,
  }
  if (kind === 'pglite') {
    const dump = await openAsBlob(inject('pgliteDump'))
    const store = await openStore({ url: null, directory: null, dump, ...shared })
    return { store, url: null, statements, close: store.close }
  }
  const { url, drop } = await createDatabase()
  const store = await openStore({ url, directory: null, ...shared })
  const close = async () => {
    await store.close()
    await drop()
  }
  return { store, url, statements, close }
}

/** A database cloned from the migrated template, for tests that open it themselves. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = inject('postgresUrl')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(server, [`create database ${name} template ${template}`])
  return {
    url: databaseUrl(server, name),
    drop: () => administer(server, [`drop database if exists ${name} with (force)`]),
  }
}

/** Runs a suite on the embedded database and on Postgres alike: what one refuses, the other must. */
export function onBothStores(title: string, suite: (kind: 'pglite' | 'postgres') => void): void {
  describe.each(['pglite', 'postgres'] as const)(`${title} on %s`, suite)
}
