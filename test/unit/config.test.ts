import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '#model/error.ts'
import { readConfig } from '../../src/config.ts'
import { root } from '../support/sources.ts'

const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8')
const source = readFileSync(join(root, 'src/config.ts'), 'utf8')

/** The rows of the page's table: variable and default. */
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|/gm)].map(([, name = '', usual = '']) => ({ name, usual }))

function mistakesOf(env: Readonly<Record<string, string>>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split('\n')
  }
}

/** A value for each variable that can be wrong by itself, in the order in which they are read. */
const wrong: Readonly<Record<string, string>> = {
  GRAPHIQL: 'yes',
  PORT: 'http',
  DATABASE_URL: 'mysql://jobs:hunter2@db/jobs',
  ENGINE: 'docker',
  ENGINE_SLOTS: '0',
  LOG_LEVEL: 'loud',
  WORKSPACES: 'shut',
  SECRET_KEYS: 'k1:hunter2',
  REVEAL_SECRETS: 'maybe',
  NOMAD_PORT: 'nomad',
  NOMAD_STRICT: 'very',
  INTROSPECTION: 'no',
  PERSISTED_ONLY: 'all',
}

describe('docs/configuration.md', () => {
  it('has a row for every variable that is read, and for no other', () => {
    const read = [...source.matchAll(/\benv\.([A-Z_]+)|\bread\.\w+\('([A-Z_]+)'/g)].map(([, a, b]) => a ?? b ?? '')
    expect(read).toContain('DATA_DIR')
    expect(read).toContain('GRAPHIQL')
    expect(rows.map(({ name }) => name).sort()).toEqual([...new Set(read)].sort())
  })

  it('names the defaults that hold', () => {
    const literal = rows.flatMap(({ name, usual }) => {
      const value = /^`([^`]+)`/.exec(usual)?.[1]
      return value === undefined ? [] : [[name, value] as const]
    })
    expect(literal.length).toBeGreaterThan(6)
    for (const [name, value] of literal) expect(readConfig({ [name]: value }), name).toEqual(readConfig({}))
  })

  it('shows the line that each mistake gives', () => {
    for (const [name, value] of Object.entries(wrong)) {
      const lines = mistakesOf({ [name]: value })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(new RegExp(`^${name} must .+\\.$`))
      expect(page.split('\n')).toContain(lines[0])
    }
  })
})

describe('the configuration', () => {
  it('tells all mistakes at once and repeats no secret', () => {
    const lines = mistakesOf(wrong)
    expect(lines.map((line) => line.split(' ')[0])).toEqual(Object.keys(wrong))
    expect(lines.join('\n')).not.toContain('hunter2')
  })

  it('takes an empty value for none', () => {
    const empty = Object.fromEntries(rows.map(({ name }) => [name, '']))
    expect(readConfig(empty)).toEqual(readConfig({}))
  })

  it('runs commands and shows GraphiQL by itself only where nobody else can reach it', () => {
    for (const HOST of ['127.0.0.1', '127.9.9.9', 'localhost', '::1'])
      expect(readConfig({ HOST })).toMatchObject({ engine: 'process', graphiql: true })
    for (const HOST of ['0.0.0.0', '::', '10.0.0.7', '127.0.0.1.example'])
      expect(readConfig({ HOST })).toMatchObject({ engine: 'off', graphiql: false })
    expect(readConfig({ HOST: '0.0.0.0', ENGINE: 'process', GRAPHIQL: 'on' })).toMatchObject({
      engine: 'process',
      graphiql: true,
    })
  })

  it('tells the schema where GraphiQL may be, unless told otherwise', () => {
    expect(readConfig({})).toMatchObject({ introspection: true })
    expect(readConfig({ GRAPHIQL: 'off' })).toMatchObject({ introspection: true })
    expect(readConfig({ INTROSPECTION: 'off' })).toMatchObject({ introspection: false })
    expect(readConfig({ HOST: '0.0.0.0' })).toMatchObject({ introspection: false })
    expect(readConfig({ HOST: '0.0.0.0', GRAPHIQL: 'on' })).toMatchObject({ introspection: true })
  })

  it('runs persisted documents alone only where there are some', () => {
    expect(mistakesOf({ PERSISTED_ONLY: 'on' })).toEqual([
      'PERSISTED_ONLY=on needs PERSISTED_DOCUMENTS, a directory of documents.',
    ])
    expect(readConfig({ PERSISTED_ONLY: 'on', PERSISTED_DOCUMENTS: '/docs' })).toMatchObject({
      persistedOnly: true,
      persistedDocuments: '/docs',
    })
  })

  it('reads lists, the embedded directory and the URL as they are documented', () => {
    const key = `k1:${Buffer.alloc(32, 1).toString('base64')}`
    const config = readConfig({
      DATA_DIR: 'memory:',
      DATABASE_URL: 'postgresql://jobs@db/jobs',
      SECRET_KEYS: `${key}, ${key.replace('k1', 'k0')},`,
      ALLOWED_HOSTS: 'jobs.example, jobs.example:8443',
    })
    expect(config).toMatchObject({
      dataDirectory: null,
      databaseUrl: 'postgresql://jobs@db/jobs',
      secretKeys: [key, key.replace('k1', 'k0')],
      allowedHosts: ['jobs.example', 'jobs.example:8443'],
    })
    expect(readConfig({ DATA_DIR: '/srv/jobs' }).dataDirectory).toBe('/srv/jobs')
  })
})
