import type { TaskGroupSpec, TaskSpec } from '#model/documents/job-spec-type.ts'
import type { ServiceJob, TaskGroup, TaskGroupSummary } from '#model/service-job.ts'
import { builder } from './builder.ts'

const SummaryRef = builder.objectRef<TaskGroupSummary>('TaskGroupSummary').implement({
  description:
    'How many instances of a task group stand where. Mirrors the `summary` of Bastion and the Cluster, and `GET /v1/job/{job}/summary` of Nomad.',
  fields: (t) => ({
    queued: t.exposeInt('queued', { description: 'Wanted, evaluated and not placed.' }),
    complete: t.exposeInt('complete', { description: 'Ended well since the job was registered.' }),
    failed: t.exposeInt('failed', { description: 'Failed since the job was registered.' }),
    running: t.exposeInt('running', { description: 'Run now.' }),
    starting: t.exposeInt('starting', { description: 'Placed, and not yet running.' }),
    lost: t.exposeInt('lost', { description: 'Lost with their node since the job was registered.' }),
  }),
})

const TaskRef = builder.objectRef<TaskSpec>('Task').implement({
  description: 'One process of a task group. Mirrors an entry of `Tasks` in the Nomad document.',
  fields: (t) => ({
    name: t.exposeString('Name', { description: 'Unique in its group.' }),
    driver: t.exposeString('Driver', { description: 'What runs it, such as `raw_exec`.' }),
    user: t.exposeString('User', { description: 'The account that it runs as; empty means the own of the node.' }),
    config: t.expose('Config', {
      type: 'JSON',
      nullable: true,
      description: 'What its driver is told, such as `command` and `args`; null where nothing was given.',
    }),
    env: t.expose('Env', {
      type: 'JSON',
      nullable: true,
      description: 'Its environment, text by name; null where none was given.',
    }),
    resources: t.expose('Resources', {
      type: 'JSON',
      nullable: true,
      description: 'What it needs: `CPU` in MHz, `MemoryMB`, `DiskMB`, `IOPS` and `Networks`.',
    }),
    constraints: t.expose('Constraints', {
      type: 'JSON',
      nullable: true,
      description: 'What it asks of nodes, as in the Nomad document; null where nothing was given.',
    }),
    meta: t.expose('Meta', {
      type: 'JSON',
      nullable: true,
      description: 'What its author noted, text by name; null where nothing was.',
    }),
  }),
})

/** A task group, with its part of the specification; null where the specification no longer names it. */
type GroupAndSpec = { readonly group: TaskGroup; readonly spec: TaskGroupSpec | null }

/** The task groups of a service job, in the order of its specification. */
export function taskGroupsOf({ groups, spec }: ServiceJob): GroupAndSpec[] {
  return groups.map((group) => ({ group, spec: spec.TaskGroups?.find(({ Name }) => Name === group.name) ?? null }))
}

/** A task group in the graph. */
export const TaskGroupRef = builder.objectRef<GroupAndSpec>('TaskGroup').implement({
  description:
    'Tasks that are placed together on one node, `count` times. Mirrors an entry of `taskGroups` in the Bastion and Cluster documents, and of `TaskGroups` in the Nomad document.',
  fields: (t) => ({
    name: t.string({ description: 'Unique in its job.', resolve: ({ group }) => group.name }),
    count: t.int({ description: 'How many instances are wanted.', resolve: ({ group }) => group.count }),
    initialCount: t.int({
      description: 'What a start sets the count to: the Meta `genvid_count_init`.',
      resolve: ({ group }) => group.countInit,
    }),
    maxCount: t.int({
      description: 'What the count may not exceed: the Meta `genvid_count_max`.',
      resolve: ({ group }) => group.countMax,
    }),
    summary: t.field({
      type: SummaryRef,
      description: 'How many instances stand where.',
      resolve: ({ group }) => group.summary,
    }),
    tasks: t.field({
      type: [TaskRef],
      description: 'Its tasks in the order of the specification.',
      resolve: ({ spec }) => [...(spec?.Tasks ?? [])],
    }),
  }),
})
