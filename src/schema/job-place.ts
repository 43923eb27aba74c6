import type { Job } from '#model/job.ts'
import type { JobPlace } from '#model/slice.ts'
import { type CursorForm, isId } from './connection.ts'

/** How lists of jobs mark their rows: by one of a job's times, and its id among those of one time. */
export function byTime(list: string, timeOf: (job: Job) => string): CursorForm<Job, JobPlace> {
  return {
    list,
    key: (job) => [timeOf(job), job.id],
    read: ([at, id, ...rest]) => (isTime(at) && isId(id) && rest.length === 0 ? { at, id } : null),
  }
}

/** A time as the store writes it, of a day that exists: what the database could not read must not reach it. */
function isTime(part: unknown): part is string {
  if (typeof part !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$/.test(part)) return false
  const day = new Date(part)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(part.slice(0, 19)) && !part.startsWith('0000')
}
