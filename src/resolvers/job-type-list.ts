import { badInput, notFound } from '#model/error.ts'
import type { JobType, JobTypeFilter, JobTypeName, JobTypeRevision } from '#model/job-type.ts'
import type { JobTypeOrder } from '#model/job-type-order.ts'
import type { Counted, Window } from '#model/window.ts'
import { findRevision } from '#store/job-type.ts'
import { findJobTypeNamePage, findJobTypePage } from '#store/job-type-list.ts'
import { findRevisionPage } from '#store/revision.ts'
import type { Context } from './context.ts'
import { getJobType } from './job-type.ts'

const longestKeyword = 256
const byName: JobTypeOrder = [{ field: 'name', descending: false }]
const byNameAndVersion: JobTypeOrder = [...byName, { field: 'version', descending: false }]

/**
 * A window on the queued job types that match, one row for each version (Scale v6 "Job Type List"). An empty order
 * sorts by name, then version.
 * @throws DomainError BAD_USER_INPUT for a keyword of more than 256 characters
 */
export async function listJobTypes(
  ctx: Context,
  filter: JobTypeFilter,
  order: JobTypeOrder,
  window: Window,
): Promise<Counted<JobType>> {
  checkKeywords(filter)
  const found = await findJobTypePage(ctx.store.db, filter, order.length === 0 ? byNameAndVersion : order, window)
  for (const type of found.rows) {
    ctx.loaders.jobType.prime(type.id, type)
    ctx.loaders.jobTypeHead.prime(type.id, type)
  }
  return found
}

/**
 * A window on the names of which any one version matches the whole filter (Scale v6 "Job Type Names"), each shown and
 * sorted by its newest version. An empty order sorts by name.
 * @throws DomainError BAD_USER_INPUT for a keyword of more than 256 characters
 */
export async function listJobTypeNames(
  ctx: Context,
  filter: JobTypeFilter,
  order: JobTypeOrder,
  window: Window,
): Promise<Counted<JobTypeName>> {
  checkKeywords(filter)
  return findJobTypeNamePage(ctx.store.db, filter, order.length === 0 ? byName : order, window)
}

/**
 * A window on the versions of a name, newest first by semantic versioning; an unknown name has none (Scale v6 "Job
 * Type Versions").
 */
export async function listJobTypeVersions(
  ctx: Context,
  filter: { readonly name: string; readonly isActive?: boolean },
  window: Window,
): Promise<Counted<JobType>> {
  return listJobTypes(ctx, filter, [{ field: 'version', descending: true }], window)
}

/**
 * A window on the revisions of a job type, newest first (Scale v6 "Job Type Revisions").
 * @throws DomainError NOT_FOUND where there is no such type
 */
export async function listRevisions(
  ctx: Context,
  name: string,
  version: string,
  window: Window,
): Promise<{ readonly jobType: JobType } & Counted<JobTypeRevision>> {
  const jobType = await getJobType(ctx, name, version)
  return { jobType, ...(await findRevisionPage(ctx.store.db, jobType.id, window)) }
}

/**
 * One revision by its number, with its type as it now stands.
 * @throws DomainError NOT_FOUND where there is no such type or number
 */
export async function getRevision(
  ctx: Context,
  name: string,
  version: string,
  revisionNum: number,
): Promise<{ readonly jobType: JobType; readonly revision: JobTypeRevision }> {
  const jobType = await getJobType(ctx, name, version)
  const revision = await findRevision(ctx.store.db, jobType.id, revisionNum)
  if (revision === null) throw notFound(`Job type ${name} ${version} has no revision ${revisionNum}.`)
  return { jobType, revision }
}

function checkKeywords(filter: JobTypeFilter): void {
  const place = filter.keywords?.findIndex((keyword) => keyword.length > longestKeyword) ?? -1
  if (place >= 0) throw badInput(`A keyword has at most ${longestKeyword} characters.`, { path: ['keywords', place] })
}
