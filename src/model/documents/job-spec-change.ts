import { isDeepStrictEqual } from 'node:util'
import type { JobSpec, NetworkSpec, TaskGroupSpec, TaskSpec } from './job-spec-type.ts'

/** What a new version of a job means for the allocations of one of its groups. */
export type GroupChange = 'none' | 'in-place' | 'destructive'

/**
 * Tells what a new version of a job does to a group. `none` means that the whole job is the same (registering it again
 * still gives its allocations a new evaluation). Tasks added, taken away, or with another driver, user, config,
 * environment, meta, artifacts, resources or ports are `destructive`: their allocations are replaced. All else, such as
 * count, meta of job or group, constraints, restart policy and services, is `in-place`. A group that either version
 * lacks counts as destructive.
 */
export function changeOf(oldJob: JobSpec, newJob: JobSpec, groupName: string): GroupChange {
  const before = groupOf(oldJob, groupName)
  const after = groupOf(newJob, groupName)
  if (before === undefined || after === undefined || areTasksReplaced(before, after)) return 'destructive'
  return isDeepStrictEqual(oldJob, newJob) ? 'none' : 'in-place'
}

function groupOf({ TaskGroups }: JobSpec, name: string): TaskGroupSpec | undefined {
  return TaskGroups?.find(({ Name }) => Name === name)
}

function areTasksReplaced(before: TaskGroupSpec, after: TaskGroupSpec): boolean {
  const old = new Map((before.Tasks ?? []).map((task) => [task.Name, task]))
  const tasks = after.Tasks ?? []
  if (old.size !== tasks.length) return true
  return tasks.some((task) => {
    const earlier = old.get(task.Name)
    return earlier === undefined || !isDeepStrictEqual(essence(earlier), essence(task))
  })
}

/** What cannot change under a running task. An empty list or map is as good as none. */
function essence(task: TaskSpec): unknown {
  const { CPU = 0, MemoryMB = 0, DiskMB = 0, IOPS = 0, Networks = null } = task.Resources ?? {}
  return {
    name: [task.Driver, task.User],
    maps: [task.Config ?? {}, task.Env ?? {}, task.Meta ?? {}],
    artifacts: task.Artifacts ?? [],
    resources: [CPU, MemoryMB, DiskMB, IOPS],
    networks: (Networks ?? []).map((network) => [network.MBits, portsOf(network)]),
  }
}

/** Ports by label; the number that a dynamic port happens to have does not count. */
function portsOf({ ReservedPorts, DynamicPorts }: NetworkSpec): ReadonlyMap<string, unknown> {
  const reserved = (ReservedPorts ?? []).map(({ Label, Value }) => [Label, Value] as const)
  const dynamic = (DynamicPorts ?? []).map(({ Label }) => [Label, 'dynamic'] as const)
  return new Map<string, unknown>([...reserved, ...dynamic])
}
