import { badInput, type DomainError } from '#model/error.ts'
import { findJobTypeIds, findVersionsOfName, type JobTypeIdentity } from '#store/job-type-identity.ts'
import type { Context } from './context.ts'

/**
 * The ids of the job types that a bulk request names by name and version.
 * @throws DomainError BAD_USER_INPUT for the first pair that does not exist
 */
export async function resolveJobTypes(ctx: Context, pairs: readonly JobTypeIdentity[]): Promise<number[]> {
  return idsOfJobTypes(ctx, pairs, ({ name, version }) =>
    badInput(`Job Type with name: ${name} and version: ${version} does not exist`, { path: ['job_types'] }),
  )
}

/** The ids of job types. @throws what `refusal` makes of the first pair that does not exist, and of its place */
export async function idsOfJobTypes(
  ctx: Context,
  pairs: readonly JobTypeIdentity[],
  refusal: (missing: JobTypeIdentity, place: number) => DomainError,
): Promise<number[]> {
  if (pairs.length === 0) return []
  const found = await findJobTypeIds(ctx.store.db, pairs)
  const known = new Set(found.map(({ name, version }) => `${name} ${version}`))
  const place = pairs.findIndex(({ name, version }) => !known.has(`${name} ${version}`))
  const missing = pairs[place]
  if (missing !== undefined) throw refusal(missing, place)
  return found.map(({ id }) => id)
}

/** The versions that a job type's name has, newest first. */
export async function listVersionsOfName(ctx: Context, name: string): Promise<readonly string[]> {
  return findVersionsOfName(ctx.store.db, name)
}
