import { badInput } from '#model/error.ts'
import type { Lease } from '#model/execution.ts'
import { builder } from './builder.ts'
import { readId } from './global-id.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Reads the uuid of a worker or the token of a lease. @throws DomainError BAD_USER_INPUT where it has not their form */
export function readUuid(
  text: string,
  what: 'the uuid of a worker' | 'the token of a lease',
  path: readonly string[],
): string {
  if (!uuid.test(text)) throw badInput(`'${text.slice(0, 60)}' is not ${what} that this API gave.`, { path })
  return text
}

/** What a worker proves its writes with. */
export const LeaseInput = builder.inputType('LeaseInput', {
  description: 'What a worker holds.',
  fields: (t) => ({
    execution: t.id({ required: true, description: 'The execution.' }),
    token: t.string({ required: true, description: 'The token that `claimJobs` gave with it.' }),
  }),
})

/** @throws DomainError BAD_USER_INPUT where it cannot be a lease */
export function readLease({ execution, token }: typeof LeaseInput.$inferInput): Lease {
  return {
    executionId: readId(execution, 'JobExecution', ['lease', 'execution']),
    token: readUuid(token, 'the token of a lease', ['lease', 'token']),
  }
}
