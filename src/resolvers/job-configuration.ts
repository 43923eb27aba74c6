import { withoutSecrets } from '#model/documents/configuration.ts'
import type { JobConfiguration } from '#model/documents/configuration-schema.ts'
import type { Job } from '#model/job.ts'
import { configurationOf, manifestOf } from '#model/job-type.ts'
import type { Context } from './context.ts'
import { loadRequired } from './loaders.ts'

/**
 * The configuration that a queued job runs with, its own or else its type's. Left out is every setting that the
 * manifest calls secret, that of the job's revision or that of its type today: a setting may have become one since.
 */
export async function getJobConfiguration(ctx: Context, job: Job): Promise<JobConfiguration> {
  const [type, revision] = await Promise.all([
    loadRequired(ctx.loaders.jobType, job.jobTypeId),
    loadRequired(ctx.loaders.revision, job.jobTypeRevisionId),
  ])
  const configuration = configurationOf({ configuration: job.configuration ?? type.configuration })
  return withoutSecrets(withoutSecrets(configuration, manifestOf(revision)), manifestOf(type))
}
