import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { ConfigError } from '#model/error.ts'
import { keyRing } from '#store/key-ring.ts'

/** What a gateway was told by its environment. `docs/configuration.md` describes each variable. */
export type Config = {
  readonly host: string
  readonly port: number
  /** Null means the embedded database. */
  readonly databaseUrl: string | null
  /** Absolute; null keeps nothing. */
  readonly dataDirectory: string | null
  readonly engine: 'process' | 'off'
  readonly engineSlots: number
  readonly logLevel: LogLevel
  readonly workspaceMode: 'open' | 'strict'
  /** `name:base64` of 32 bytes each, newest first; empty means a key file in the data directory. */
  readonly secretKeys: readonly string[]
  /** Whether callers may see the values of the Cluster's secrets. */
  readonly revealSecrets: boolean
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Whether browsers get GraphiQL at /graphql. */
  readonly graphiql: boolean
  /** Whether the schema is told: by introspection, and as /schema.graphql. */
  readonly introspection: boolean
  /** Where the documents lie that clients may name by digest; absolute, null means there are none. */
  readonly persistedDocuments: string | null
  /** Whether nothing but those documents is run. */
  readonly persistedOnly: boolean
  /** Where Nomad's own clients are served, on the same host; null means nowhere. */
  readonly nomadPort: number | null
  /** Whether Nomad jobs are held to everything that v0.3.2 checks. */
  readonly nomadStrict: boolean
}

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment.
 * @throws ConfigError that names every variable at fault
 */
export function readConfig(env: Environment): Config {
  const mistakes: string[] = []
  const host = env.HOST || '127.0.0.1'
  const read = reader(env, mistakes)
  const graphiql = read.choice('GRAPHIQL', ['on', 'off'], isLoopback(host) ? 'on' : 'off')
  const config: Config = {
    host,
    port: read.integer('PORT', 4000, 0, 65_535),
    databaseUrl: read.url('DATABASE_URL'),
    dataDirectory: env.DATA_DIR === 'memory:' ? null : resolve(env.DATA_DIR || './data'),
    engine: read.choice('ENGINE', ['process', 'off'], isLoopback(host) ? 'process' : 'off'),
    engineSlots: read.integer('ENGINE_SLOTS', Math.max(2, availableParallelism()), 1, 500),
    logLevel: read.choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
    workspaceMode: read.choice('WORKSPACES', ['open', 'strict'], 'open'),
    secretKeys: read.keys('SECRET_KEYS'),
    revealSecrets: read.choice('REVEAL_SECRETS', ['on', 'off'], 'on') === 'on',
    allowedHosts: list(env.ALLOWED_HOSTS),
    allowedOrigins: list(env.ALLOWED_ORIGINS),
    nomadPort: env.NOMAD_PORT ? read.integer('NOMAD_PORT', 4646, 0, 65_535) : null,
    nomadStrict: read.choice('NOMAD_STRICT', ['on', 'off'], 'off') === 'on',
    graphiql: graphiql === 'on',
    introspection: read.choice('INTROSPECTION', ['on', 'off'], isLoopback(host) ? 'on' : graphiql) === 'on',
    persistedDocuments: env.PERSISTED_DOCUMENTS ? resolve(env.PERSISTED_DOCUMENTS) : null,
    persistedOnly: read.choice('PERSISTED_ONLY', ['on', 'off'], 'off') === 'on',
  }
  if (config.persistedOnly && config.persistedDocuments === null)
    mistakes.push('PERSISTED_ONLY=on needs PERSISTED_DOCUMENTS, a directory of documents.')
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'))
  return config
}

function reader(env: Environment, mistakes: string[]) {
  const text = (name: string) => {
    const value = env[name]
    return value === undefined || value === '' ? null : value
  }
  return {
    integer(name: string, usual: number, least: number, most: number): number {
      const value = text(name)
      if (value === null) return usual
      if (/^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value)
      mistakes.push(`${name} must be a whole number from ${least} to ${most}, not ${shown(value)}.`)
      return usual
    },
    choice<const T extends string>(name: string, choices: readonly T[], usual: T): T {
      const value = text(name)
      const found = choices.find((choice) => choice === value)
      if (value !== null && found === undefined)
        mistakes.push(`${name} must be ${choices.join(' or ')}, not ${shown(value)}.`)
      return found ?? usual
    },
    url(name: string): string | null {
      const value = text(name)
      if (value === null || /^postgres(ql)?:\/\/[^\s]+$/.test(value)) return value
      // The value may hold a password, so it is not repeated.
      mistakes.push(`${name} must start with postgres:// and hold no spaces.`)
      return null
    },
    keys(name: string): string[] {
      const keys = list(env[name])
      try {
        keyRing(keys)
      } catch {
        // The value is secret, so it is not repeated.
        mistakes.push(`${name} must list keys as name:base64, each base64 holding 32 bytes.`)
      }
      return keys
    },
  }
}

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function shown(value: string): string {
  return JSON.stringify(value.slice(0, 60))
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}
