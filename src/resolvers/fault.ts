import { DomainError } from '#model/error.ts'
import { faultToDomain } from '#store/fault.ts'

/** What a caller may be told of a thrown value: a domain error, or what a database fault means. Null for a bug. */
export function domainErrorOf(error: unknown): DomainError | null {
  return error instanceof DomainError ? error : faultToDomain(error)
}
