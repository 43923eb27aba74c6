import { toJson } from '#model/json.ts'
import type { Log } from '#resolvers/context.ts'
import type { LogLevel } from './config.ts'

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A log of one JSON object a line, so that no value can forge a line; `write` gets each with its newline. */
export function createLog(level: LogLevel, write: (line: string) => void): Log {
  const put = (at: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => {
    if (levels.indexOf(at) < levels.indexOf(level)) return
    write(`${toJson({ time: new Date().toISOString(), level: at, message, ...fields })}\n`)
  }
  return {
    debug: (message, fields = {}) => put('debug', message, fields),
    info: (message, fields = {}) => put('info', message, fields),
    warn: (message, fields = {}) => put('warn', message, fields),
    error: (message, error) => put('error', message, describe(error)),
  }
}

function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: String(error) }
  return { error: error.message, stack: error.stack }
}
