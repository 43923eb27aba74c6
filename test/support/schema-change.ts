import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'
import { root } from './sources.ts'

/** A change after which an operation that was good may be refused, or answered with what its client does not expect. */
export type Breach = { readonly path: string; readonly message: string }

/** The breaking changes between two schemas, as text, by path. */
export async function breachesBetween(before: string, after: string): Promise<Breach[]> {
  const changes = await diff(buildSchema(before), buildSchema(after))
  return changes
    .filter(({ criticality }) => String(criticality.level) === 'BREAKING')
    .map(({ path = '', message }) => ({ path, message }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const run = promisify(execFile)

/** The last release: its tag, and its schema as text; null where there is no git, no tag, or no schema in it. */
export async function lastRelease(): Promise<{ readonly tag: string; readonly schema: string } | null> {
  const git = async (...args: readonly string[]) => (await run('git', args, { cwd: root, maxBuffer: 1e8 })).stdout
  try {
    const tag = (await git('describe', '--tags', '--abbrev=0')).trim()
    return { tag, schema: await git('show', `${tag}:schema.graphql`) }
  } catch {
    return null
  }
}
