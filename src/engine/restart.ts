import type { RestartPolicySpec } from '#model/documents/job-spec-type.ts'
import { formatDuration } from '#model/duration.ts'

/** How a run of a task came to its end: by exit code 0, by any other, or because it could not be started. */
export type RunEnd = 'success' | 'failure' | 'start-error'

/** What follows: another run after a delay, or none; `failed` says whether the task then counts as failed. */
export type RestartDecision =
  | { readonly kind: 'restart'; readonly delayNs: number; readonly reason: string }
  | { readonly kind: 'stop'; readonly failed: boolean; readonly reason: string }

/** What a tracker needs beside the policy. */
export type RestartSurroundings = {
  /** Nomad's type of job: the tasks of `batch` are done when they succeed, those of any other are not. */
  readonly jobType: string
  readonly now: () => Date
  /** From 0 up to and without 1. */
  readonly random: () => number
}

/** Counts the restarts of one task against its policy. */
export type RestartTracker = {
  /** An update in place takes effect from the next decision on; restarts so far stay counted. */
  readonly setPolicy: (policy: RestartPolicySpec) => void
  /** Decides about one end; each call counts as one attempt. */
  readonly decide: (end: RunEnd) => RestartDecision
}

/** Where a job type has no default and none was given, nothing is restarted. */
export const noRestarts: RestartPolicySpec = { Attempts: 0, Interval: 0, Delay: 0, Mode: 'fail' }

/** A quarter of the delay at most is added, so that tasks that failed together do not come back together. */
const jitter = 0.25

/**
 * Starts counting, as the client of Nomad 0.3 does: `Attempts` restarts within an interval that begins with the task
 * (and anew with the first end after it has passed), each after the delay and its jitter. Beyond them mode `delay`
 * waits for the rest of the interval, and mode `fail` gives up. The reasons are Nomad's words.
 */
export function createRestartTracker(
  first: RestartPolicySpec,
  { jobType, now, random }: RestartSurroundings,
): RestartTracker {
  let policy = first
  let began = now().getTime()
  let count = 0
  const stop = (failed: boolean, reason: string): RestartDecision => ({ kind: 'stop', failed, reason })
  const leftNs = () => Math.max(0, Number(policy.Interval) - (now().getTime() - began) * 1e6)
  return {
    setPolicy: (next) => {
      policy = next
    },
    decide(end) {
      const attempts = Number(policy.Attempts)
      if (attempts === 0) return stop(end !== 'success', 'Policy allows no restarts')
      count += 1
      if (leftNs() === 0) {
        count = 0
        began = now().getTime()
      }
      if (end === 'start-error') return stop(true, 'Error was unrecoverable')
      if (end === 'success' && jobType === 'batch')
        return stop(false, 'Restart unnecessary as task terminated successfully')
      if (count <= attempts) {
        const delay = Number(policy.Delay)
        return {
          kind: 'restart',
          delayNs: Math.trunc(delay * (1 + random() * jitter)),
          reason: 'Restart within policy',
        }
      }
      if (policy.Mode === 'fail') {
        const within = formatDuration(policy.Interval)
        return stop(true, `Exceeded allowed attempts ${attempts} in interval ${within} and mode is "fail"`)
      }
      return { kind: 'restart', delayNs: leftNs(), reason: 'Exceeded allowed attempts, applying a delay' }
    },
  }
}
