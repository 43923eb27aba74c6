import type { Constraint } from './constraint.ts'
import { distinctHosts } from './constraint.ts'
import type { ConstraintSpec, JobSpec, NetworkSpec, TaskGroupSpec } from './documents/job-spec-type.ts'
import { type Amounts, noAmounts, plus } from './node-fit.ts'
import type { ScheduledJob } from './schedule.ts'

/** What the scheduler needs of a specification whose counts are the present ones. */
export function toScheduledJob(spec: JobSpec, isStopped: boolean): ScheduledJob {
  const { Stagger, MaxParallel } = spec.Update
  return {
    title: spec.Name,
    kind: spec.Type,
    isStopped,
    isDistinct: (spec.Constraints ?? []).some(({ Operand }) => Operand === distinctHosts),
    maxParallel: Number(Stagger) > 0 && Number(MaxParallel) > 0 ? Number(MaxParallel) : null,
    groups: (spec.TaskGroups ?? []).map((group) => ({
      name: group.Name,
      count: Number(group.Count),
      needs: {
        datacenters: spec.Datacenters ?? [],
        drivers: [...new Set((group.Tasks ?? []).map(({ Driver }) => Driver))],
        constraints: constraintsOf(spec, group),
        amounts: amountsOf(group),
      },
    })),
  }
}

/** What one instance of a group takes of its node: its tasks' resources together. */
export function amountsOf(group: TaskGroupSpec): Amounts {
  return (group.Tasks ?? []).reduce((sum, { Resources: asked }) => {
    if (asked === null) return sum
    const { CPU, MemoryMB, DiskMB, IOPS, Networks } = asked
    const measures = { cpu: Number(CPU), memoryMb: Number(MemoryMB), diskMb: Number(DiskMB), iops: Number(IOPS) }
    return plus(sum, { ...measures, ports: portsOf(Networks ?? []) })
  }, noAmounts)
}

/** The ports that a task must have, whatever the address: a node has each once. Dynamic ones are found when it starts. */
function portsOf(networks: readonly NetworkSpec[]): number[] {
  return networks.flatMap(({ ReservedPorts }) => (ReservedPorts ?? []).map(({ Value }) => Number(Value)))
}

function constraintsOf(spec: JobSpec, group: TaskGroupSpec): Constraint[] {
  const jobOwn = (spec.Constraints ?? []).filter(({ Operand }) => Operand !== distinctHosts)
  const tasks = (group.Tasks ?? []).flatMap((task) => task.Constraints ?? [])
  return [...jobOwn, ...(group.Constraints ?? []), ...tasks].map(toConstraint)
}

function toConstraint({ LTarget, RTarget, Operand }: ConstraintSpec): Constraint {
  return { lTarget: LTarget, rTarget: RTarget, operand: Operand }
}
