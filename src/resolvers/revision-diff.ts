import { notFound } from '#model/error.ts'
import type { JobTypeRevision } from '#model/job-type.ts'
import { diffJson, type JsonChange } from '#model/json-diff.ts'
import type { Context } from './context.ts'

/**
 * What a revision's manifest changed since another revision, of whatever job type; null `sinceId` means the one before
 * it, and the answer is null where there is none.
 * @throws DomainError NOT_FOUND where the other revision does not exist
 */
export async function diffRevision(
  ctx: Context,
  revision: JobTypeRevision,
  sinceId: number | null,
): Promise<JsonChange[] | null> {
  const since = sinceId === null ? await previousOf(ctx, revision) : await ctx.loaders.revision.load(sinceId)
  if (since === null && sinceId !== null) throw notFound('There is no such revision to compare with.')
  return since === null ? null : diffJson(since.manifest, revision.manifest)
}

/** The previous revisions of a page of them are read together. */
async function previousOf(ctx: Context, { jobTypeId, revisionNum }: JobTypeRevision): Promise<JobTypeRevision | null> {
  const older = { parentId: jobTypeId, after: revisionNum, before: null, limit: 1, fromEnd: false }
  const [previous = null] = await ctx.loaders.revisionsOf.slice.load(older)
  return previous
}
