import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { codegen } from '@graphql-codegen/core'
import * as documentNode from '@graphql-codegen/typed-document-node'
import * as typescript from '@graphql-codegen/typescript'
import * as operations from '@graphql-codegen/typescript-operations'
import { parse } from 'graphql'
import { root } from './sources.ts'

/** A directory with a client generated from a schema, in which programs can be checked and run. */
export type TypedClient = {
  /** What the project's own compiler says of a program beside `client.ts`; empty where all is well. */
  readonly check: (program: string) => string
  /** Runs a program with Node; returns what it prints. @throws Error where it fails */
  readonly run: (program: string, args: readonly string[]) => Promise<string>
  readonly remove: () => void
}

/** Generates `client.ts`, typed documents for these operations, and `schema.ts`, the types of the whole schema. */
export async function generateClient(sdl: string, documents: readonly string[]): Promise<TypedClient> {
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-client-'))
  const generate = (filename: string, plugins: readonly string[]) =>
    codegen({
      filename,
      schema: parse(sdl),
      documents: documents.map((document) => ({ document: parse(document) })),
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { BigInt: 'string', DateTime: 'string', JSON: 'unknown', SafeInt: 'number' },
      },
      plugins: plugins.map((name) => ({ [name]: {} })),
      pluginMap: { typescript, operations, documentNode },
    })
  const write = (name: string, content: string) => writeFileSync(join(directory, name), content)
  write('schema.ts', await generate('schema.ts', ['typescript']))
  write('client.ts', await generate('client.ts', ['operations', 'documentNode']))
  write('package.json', JSON.stringify({ type: 'module' }))
  write('tsconfig.json', JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['*.ts'] }))
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return {
    check: (program) => {
      write('program.ts', program)
      const { status, stdout, stderr } = spawnSync(process.execPath, [compiler], { cwd: directory, encoding: 'utf8' })
      return status === 0 ? '' : stdout + stderr
    },
    run: async (program, args) => {
      write('program.ts', program)
      return (await promisify(execFile)(process.execPath, ['program.ts', ...args], { cwd: directory })).stdout
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
