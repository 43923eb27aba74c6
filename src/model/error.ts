/** Every way in which a caller can be at fault, or the store out of reach; each face maps these in one place. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'KEY_REUSED'
  | 'FORBIDDEN'
  | 'TOO_LARGE'
  | 'UNAVAILABLE'
  | 'STALE_LEASE'
  | 'COMPACTED'
  | 'FOREIGN_CURSOR'

/** One of several things that are wrong with a document: where, outermost key first, and what. */
export type Fault = { readonly path: readonly (string | number)[]; readonly message: string }

/** What a refusal carries beside its message. */
export type ErrorDetails = {
  /** Where in the input the fault lies, outermost key first; absent where it has no place. */
  readonly path?: readonly (string | number)[]
  /** The name a document gives to this fault, such as Scale's `MISSING_WORKSPACE`. */
  readonly name?: string
  /** Everything that is wrong, where a whole document was checked. */
  readonly faults?: readonly Fault[]
  /** The row that is missing, where the message names it by its number and a face may have another name for it. */
  readonly row?: MissingRow
}

/** What kind of thing was named, and by which number. */
export type MissingRow = {
  readonly noun: 'job' | 'job type of queued jobs' | 'execution' | 'evaluation' | 'batch' | 'recipe'
  readonly id: number
}

/**
 * The one error that a caller is meant to see. Its message is safe to print and names the offending input.
 * Anything else that is thrown is a bug: it is logged with its stack and masked.
 */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.details = details
  }
}

/**
 * What was thrown, as a fault of the document that lies under `key` of a larger input: a refusal of input says its
 * place from there on, and anything else stays as it is.
 */
export function faultWithin(key: string, error: unknown): unknown {
  if (!(error instanceof DomainError) || error.code !== 'BAD_USER_INPUT') return error
  const path = [key, ...(error.details.path ?? [])]
  return new DomainError(error.code, error.message, { ...error.details, path })
}

/** Reads the document that lies under `key` of a larger input; a fault says its place in that, as `faultWithin` has it. */
export function readWithin<T>(key: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw faultWithin(key, error)
  }
}

/** Refuses input; `path` says where the fault lies. */
export function badInput(message: string, details: ErrorDetails = {}): DomainError {
  return new DomainError('BAD_USER_INPUT', message, details)
}

/** Says that a named thing does not exist (or must look as if it did not). */
export function notFound(message: string, details: ErrorDetails = {}): DomainError {
  return new DomainError('NOT_FOUND', message, details)
}

/** Says that a row does not exist that was named at `path` of the input. */
export function noRow(noun: MissingRow['noun'], id: number, path: ErrorDetails['path'] = []): DomainError {
  return notFound(`There is no ${noun} ${id}.`, { path, row: { noun, id } })
}

/** What an operator must mend before the gateway can start: a plain line for each mistake. */
export class ConfigError extends Error {}
