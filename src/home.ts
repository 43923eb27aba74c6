import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '#model/error.ts'

/** Where a gateway keeps what is not in its database. All paths are absolute. */
export type Home = {
  /** The data directory itself. */
  readonly root: string
  /** The embedded database; null where it is kept in memory. */
  readonly database: string | null
  readonly workspaces: string
  readonly scratch: string
  /** `name:base64`: it seals where no keys are configured, and opens in any case. */
  readonly secretKey: string
  /** Gives the directory up; one that keeps nothing is removed. */
  readonly leave: () => void
}

/**
 * Makes a data directory ready and takes it for this process alone. Null makes a temporary one.
 * @throws ConfigError where another gateway that lives uses it, or it cannot be written
 */
export function openHome(directory: string | null): Home {
  const root = directory ?? mkdtempSync(join(tmpdir(), 'jobgraph-'))
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new ConfigError(`DATA_DIR ${root} cannot be made: ${error instanceof Error ? error.message : String(error)}`)
  }
  const lock = join(root, 'gateway.pid')
  takeLock(lock, root)
  return {
    root,
    database: directory === null ? null : join(root, 'database'),
    workspaces: join(root, 'workspaces'),
    scratch: join(root, 'scratch'),
    secretKey: readKey(join(root, 'secret-key')),
    leave: () => rmSync(directory === null ? root : lock, { recursive: true, force: true }),
  }
}

/** The embedded database does not guard its own files against a second process. */
function takeLock(lock: string, root: string): void {
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8').trim()) : 0
  if (holder > 0 && holder !== process.pid && isGateway(holder))
    throw new ConfigError(`DATA_DIR ${root} is in use by process ${holder}. Stop it, or choose another directory.`)
  writeFileSync(lock, `${process.pid}\n`)
}

/** Whether a process of that number lives and could be a gateway: after a reboot the number may be anybody's. */
function isGateway(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  const commandLine = `/proc/${pid}/cmdline`
  return existsSync(commandLine) ? readFileSync(commandLine, 'utf8').includes('node') : true
}

/** The key of a data directory's key file, `name:base64`; null where there is none. */
export function findKey(directory: string): string | null {
  const path = join(directory, 'secret-key')
  return existsSync(path) ? readKey(path) : null
}

/** The key that seals secrets, made at the first start and readable by this user only. */
function readKey(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('base64'), { mode: 0o600 })
  const key = readFileSync(path, 'utf8').trim()
  const name = createHash('sha256').update(key).digest('hex').slice(0, 8)
  return `file-${name}:${key}`
}
