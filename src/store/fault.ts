import { DomainError } from '#model/error.ts'

/** SQLSTATEs that mean that the caller's value does not fit, whatever the statement. */
const badValue = new Set([
  '22001',
  '22003',
  '22007',
  '22008',
  '22015',
  '22021',
  '22P02',
  '22P05',
  '2201B',
  '2201W',
  '54000',
  '54001',
])

/** SQLSTATEs (or their classes) that mean that the database is busy, restarting or out of reach. */
const unavailable = /^(08|53|57P|55P03|57014|40001|40P01|25P03)/

/** Socket faults that node reports when the server went away, or the way to it. */
const socketFault = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** What pg says, without a code, of a connection that broke or did not come about. */
const lostConnection =
  /Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|connection has been discarded/

/** The SQLSTATE (or socket code) that a thrown value carries, or null. */
export function faultCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/**
 * What a database fault means to a caller: a value that does not fit, a duplicate, a missing reference, or a database
 * that cannot answer now. Null for anything else: that is a bug of ours.
 */
export function faultToDomain(error: unknown): DomainError | null {
  const code = faultCode(error)
  if (code === null) {
    const isLost = error instanceof Error && lostConnection.test(error.message)
    return isLost ? new DomainError('UNAVAILABLE', 'The database cannot be reached.') : null
  }
  if (badValue.has(code)) return new DomainError('BAD_USER_INPUT', 'A value does not fit what is stored.')
  if (code === '23505') return new DomainError('CONFLICT', 'Something with this identity exists already.')
  if (code === '23503') return new DomainError('NOT_FOUND', 'Something that was referred to does not exist.')
  if (unavailable.test(code) || socketFault.has(code))
    return new DomainError('UNAVAILABLE', 'The database cannot answer now; try again.')
  return null
}

/** Whether a transaction that failed so may simply be run again. */
export function isRetryable(error: unknown): boolean {
  const code = faultCode(error)
  return code === '40001' || code === '40P01'
}
