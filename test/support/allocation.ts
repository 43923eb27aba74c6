import { sql } from 'kysely'
import type { ClientStatus, TaskStates } from '#model/allocation.ts'
import type { Lease } from '#model/execution.ts'
import { recordChanges } from '#store/change.ts'
import { writing } from '#store/store.ts'
import { appendLog } from '#store/work.ts'
import type { TestGateway } from './gateway.ts'

/** A registered service job, as far as allocations need one. */
export type PlacedService = {
  readonly jobId: number
  readonly typeId: number
  readonly revisionId: number
  readonly name: string
}

/** An allocation of it, and the lease of whoever runs it. */
export type Placed = { readonly uuid: string; readonly lease: Lease }

/** Makes a service job whose groups run the tasks named, in one transaction that records its change. */
export function placeService(
  test: TestGateway,
  name: string,
  groups: Readonly<Record<string, readonly string[]>>,
): Promise<PlacedService> {
  const taskGroups = Object.entries(groups).map(([group, tasks]) => ({
    Name: group,
    Count: 1,
    Tasks: tasks.map((task) => ({ Name: task, Driver: 'raw_exec' })),
  }))
  const spec = JSON.stringify({ Region: 'global', ID: name, Name: name, Type: 'service', TaskGroups: taskGroups })
  const clock = sql<string>`clock_timestamp()`
  return writing(test.store, async (tx) => {
    const type = await tx
      .insertInto('job_type')
      .values({
        family: 'service',
        name,
        version: '',
        version_key: '',
        revision_num: 1,
        docker_image: '',
        manifest: spec,
        configuration: '{}',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const revision = await tx
      .insertInto('job_type_revision')
      .values({ job_type_id: type.id, revision_num: 1, docker_image: '', manifest: spec })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { id } = await tx
      .insertInto('job')
      .values({
        id: sql<number>`nextval('service_job_id')`,
        family: 'service',
        job_type_id: type.id,
        job_type_revision_id: revision.id,
        status: 'RUNNING',
        priority: 50,
        created_at: clock,
        last_status_change: clock,
        last_modified: clock,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await tx
      .insertInto('service_job')
      .values({
        job_id: id,
        region: 'global',
        name,
        title: name,
        kind: 'service',
        spec,
        autostart: true,
        by_cluster: false,
        is_periodic: false,
      })
      .execute()
    await recordChanges(tx, [{ kind: 'JOB', entityId: id, jobId: id, to: 'RUNNING' }])
    return { jobId: id, typeId: type.id, revisionId: revision.id, name }
  })
}

/** Places one allocation of a group of a service and gives it to a worker; `slot` numbers them within the job. */
export function placeAllocation(
  test: TestGateway,
  { jobId, typeId, revisionId, name }: PlacedService,
  group: string,
  slot = 0,
): Promise<Placed> {
  const clock = sql<string>`clock_timestamp()`
  return writing(test.store, async (tx) => {
    const evaluation = await tx
      .insertInto('evaluation')
      .values({
        job_id: jobId,
        region: 'global',
        job_name: name,
        priority: 50,
        type: 'service',
        triggered_by: 'job-register',
        status: 'COMPLETE',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const execution = await tx
      .insertInto('execution')
      .values({
        id: sql<number>`nextval('service_execution_id')`,
        family: 'service',
        job_id: jobId,
        number: slot + 1,
        job_type_id: typeId,
        job_type_revision_id: revisionId,
        status: 'RUNNING',
        created_at: clock,
        queued_at: clock,
        last_modified: clock,
      })
      .returning(['id', 'token'])
      .executeTakeFirstOrThrow()
    const { uuid } = await tx
      .insertInto('allocation')
      .values({
        execution_id: execution.id,
        region: 'global',
        job_name: name,
        name: `${name}.${group}[${slot}]`,
        task_group: group,
        slot,
        evaluation_id: evaluation.id,
        desired_status: 'run',
        client_status: 'running',
        job_modify_index: 1,
        create_time_ns: '1764000000000000000',
      })
      .returning('uuid')
      .executeTakeFirstOrThrow()
    await recordChanges(tx, [{ kind: 'EXECUTION', entityId: execution.id, jobId, to: 'RUNNING' }])
    return { uuid, lease: { executionId: execution.id, token: execution.token } }
  })
}

/** Says where an allocation and its tasks stand. */
export async function moveAllocation(
  test: TestGateway,
  { lease }: Placed,
  clientStatus: ClientStatus,
  taskStates: TaskStates | null = null,
): Promise<void> {
  await writing(test.store, async (tx) => {
    await tx
      .updateTable('allocation')
      .set({ client_status: clientStatus, task_states: taskStates === null ? null : JSON.stringify(taskStates) })
      .where('execution_id', '=', lease.executionId)
      .execute()
    await recordChanges(tx, [{ kind: 'EXECUTION', entityId: lease.executionId, from: 'RUNNING', to: 'RUNNING' }])
  })
}

/** Writes a text to a log file of a task, in pieces of the sizes that it is cut into. */
export async function writeLog(
  test: TestGateway,
  { lease }: Placed,
  task: string,
  stream: string,
  ...pieces: readonly (string | Uint8Array)[]
): Promise<void> {
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    await appendLog(test.store, lease, task, [{ stream, bytes, at: '2026-11-25T17:00:00.000001Z' }])
  }
}
