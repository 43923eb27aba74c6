import type { Counted, Window } from '#model/window.ts'
import type { WorkspaceFile } from '#model/workspace.ts'
import { countInputFiles, findInputFileWindow, type InputFileFilter } from '#store/file-list.ts'
import type { Context } from './context.ts'
import { getJob } from './job.ts'
import { counted } from './window.ts'

/**
 * The input files of a job in a window of its list, longest unmodified first (Scale v6 "Job Input File List").
 * @throws DomainError NOT_FOUND for an unknown job
 */
export async function listInputFiles(
  ctx: Context,
  filter: InputFileFilter,
  window: Window,
): Promise<Counted<WorkspaceFile>> {
  const { db } = ctx.store
  await getJob(ctx, filter.jobId)
  const files = await findInputFileWindow(db, filter, window)
  for (const file of files) ctx.loaders.file.prime(file.id, file)
  return counted(window, files, () => countInputFiles(db, filter))
}
