import { parseCron } from '../cron.ts'
import { formatDuration } from '../duration.ts'
import { badInput, DomainError } from '../error.ts'
import { goQuote } from '../go-quote.ts'
import { constraintFaults } from './job-spec-constraint.ts'
import { driverFaults } from './job-spec-driver.ts'
import { faultsOfEach, faultsWhere, multiError } from './job-spec-fault.ts'
import { taskFaults } from './job-spec-task-check.ts'
import type { JobSpec, JobSpecMode, PeriodicSpec, RestartPolicySpec, TaskGroupSpec } from './job-spec-type.ts'

/** A million empty tasks have more to be said about them than anybody would read. */
const longestMessage = 100_000
const mostFaults = 100

/**
 * Holds a job, with its defaults filled, against Nomad's rules. Strict is all of v0.3.2; lenient leaves out resource
 * minimums, logs, artifacts and drivers, so that the document's own example passes.
 * @throws DomainError BAD_USER_INPUT named INVALID_JOB, its message byte for byte what Nomad answers, up to 100,000 characters of it
 */
export function validateJob(job: JobSpec, mode: JobSpecMode): void {
  const own = jobFaults(job, mode)
  const wrong = own.length > 0 || mode !== 'strict' ? own : driverFaults(job)
  const reason = multiError(wrong)
  const faults = wrong.slice(0, mostFaults).map((message) => ({ path: [], message: message.slice(0, longestMessage) }))
  if (reason !== null) throw badInput(reason.slice(0, longestMessage), { name: 'INVALID_JOB', faults })
  if (job.Type === '_core') throw badInput('job type cannot be core', { name: 'INVALID_JOB' })
}

function jobFaults(job: JobSpec, mode: JobSpecMode): string[] {
  return [
    ...faultsWhere(
      [job.Region === '', 'Missing job region'],
      [job.ID === '', 'Missing job ID'],
      [job.ID.includes(' '), 'Job ID contains a space'],
      [job.Name === '', 'Missing job name'],
      [job.Type === '', 'Missing job type'],
      [job.Priority < 1 || job.Priority > 100, 'Job priority must be between [1, 100]'],
      [(job.Datacenters ?? []).length === 0, 'Missing job datacenters'],
      [(job.TaskGroups ?? []).length === 0, 'Missing job task groups'],
    ),
    ...constraintFaults(job.Constraints),
    ...groupListFaults(job),
    ...faultsOfEach(
      job.TaskGroups,
      (group) => groupFaults(group, mode),
      (index) => `Task group ${index + 1} validation failed`,
    ),
    ...(job.Periodic?.Enabled === true ? periodicFaults(job.Type, job.Periodic) : []),
  ]
}

function groupListFaults({ TaskGroups, Type }: JobSpec): string[] {
  const nameFaults = nameFaultsOf(TaskGroups, 'Job task group', 'group')
  return (TaskGroups ?? []).flatMap(({ Count }, index) => [
    ...(nameFaults[index] ?? []),
    ...faultsWhere([
      Type === 'system' && Number(Count) !== 1,
      `Job task group ${index + 1} has count ${Count}. Only count of 1 is supported with system scheduler`,
    ]),
  ])
}

/** For each part what is wrong with its name: it has none, or an earlier part has the same. */
function nameFaultsOf(parts: readonly { readonly Name: string }[] | null, label: string, short: string): string[][] {
  const first = new Map<string, number>()
  return (parts ?? []).map(({ Name }, index) => {
    if (Name === '') return [`${label} ${index + 1} missing name`]
    const earlier = first.get(Name)
    if (earlier !== undefined) return [`${label} ${index + 1} redefines '${Name}' from ${short} ${earlier + 1}`]
    first.set(Name, index)
    return []
  })
}

function groupFaults(group: TaskGroupSpec, mode: JobSpecMode): string[] {
  return [
    ...faultsWhere(
      [group.Name === '', 'Missing task group name'],
      [group.Count < 0, "Task group count can't be negative"],
      [(group.Tasks ?? []).length === 0, 'Missing tasks for task group'],
    ),
    ...constraintFaults(group.Constraints),
    ...restartFaults(group.Name, group.RestartPolicy),
    ...nameFaultsOf(group.Tasks, 'Task', 'task').flat(),
    ...faultsOfEach(
      group.Tasks,
      (task) => taskFaults(task, mode),
      (index) => `Task ${index + 1} validation failed`,
    ),
  ]
}

function restartFaults(groupName: string, policy: RestartPolicySpec | null): string[] {
  if (policy === null) return [`Task Group ${groupName} should have a restart policy`]
  const { Attempts, Interval, Delay, Mode } = policy
  if (Mode !== 'delay' && Mode !== 'fail') return [`Unsupported restart mode: ${goQuote(Mode)}`]
  if (BigInt(Attempts) === 0n && Mode === 'delay') return ['Restart policy "delay" with 0 attempts is ambiguous']
  // The product wraps at 64 bits, as in Go.
  const waiting = BigInt.asIntN(64, BigInt(Attempts) * BigInt(Delay))
  if (BigInt(Interval) === 0n || waiting <= BigInt(Interval)) return []
  const [interval, delay] = [formatDuration(Interval), formatDuration(Delay)]
  return [`Nomad can't restart the TaskGroup ${Attempts} times in an interval of ${interval} with a delay of ${delay}`]
}

function periodicFaults(type: string, { Spec, SpecType }: PeriodicSpec): string[] {
  const faults = faultsWhere([type !== 'batch', 'Periodic can only be used with "batch" scheduler'])
  if (Spec === '') return [...faults, 'Must specify a spec']
  if (SpecType !== 'cron') return [...faults, `Unknown periodic specification type ${goQuote(SpecType)}`]
  try {
    parseCron(Spec)
    return faults
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return [...faults, error.message]
  }
}
