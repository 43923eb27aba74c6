import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Environment } from './environment.ts'

/** The absolute path of a program, or in one sentence why there is none. */
export type Program = { readonly path: string } | { readonly error: string }

/**
 * Finds a program as a shell would: a name with a slash is taken from `cwd`, any other is looked up in the PATH of `env` (not
 * in the gateway's). Done before anything is started, because a wrapper would report a missing program as
 * exit code 127 of the command.
 */
export async function findProgram(name: string, env: Environment, cwd: string): Promise<Program> {
  if (name === '') return { error: 'The name of the program is empty' }
  const places = name.includes('/') ? [''] : (env.PATH ?? '').split(':')
  let refusal = `Program not found: ${name}`
  for (const place of places) {
    const path = resolve(cwd, place, name)
    const state = await examine(path)
    if (state === 'runnable') return { path }
    if (state === 'forbidden') refusal = `Program may not be executed: ${path}`
  }
  return { error: refusal }
}

async function examine(path: string): Promise<'runnable' | 'forbidden' | 'absent'> {
  try {
    if (!(await stat(path)).isFile()) return 'forbidden'
    await access(path, constants.X_OK)
    return 'runnable'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'forbidden' : 'absent'
  }
}
