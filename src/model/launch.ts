import { nextAfter, parseCron } from './cron.ts'
import type { JobSpec } from './documents/job-spec-type.ts'

/**
 * When a periodic job is due after a moment, by its cron specification in UTC. Null for a job that is not periodic, for
 * a disabled one, and where the specification names no later moment.
 */
export function nextLaunchOf({ Periodic }: JobSpec, after: Date): Date | null {
  if (Periodic === null || !Periodic.Enabled) return null
  return nextAfter(parseCron(Periodic.Spec), after)
}
