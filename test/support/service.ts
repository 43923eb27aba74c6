import { randomUUID } from 'node:crypto'
import type { ClientStatus } from '#model/allocation.ts'
import { canonicalize, parseRegister } from '#model/documents/job-spec.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import type { NodeReport } from '#model/node.ts'
import type { Registration, ServiceJob, TaskGroupSummary } from '#model/service-job.ts'
import { listJobAllocations } from '#resolvers/allocation.ts'
import { listJobEvaluations } from '#resolvers/evaluation.ts'
import { findServiceJob, registerServiceJob } from '#resolvers/service-job.ts'
import {
  type AllocationClaim,
  claimAllocations,
  findUnwantedAllocations,
  updateAllocation,
} from '#store/allocation-work.ts'
import { registerNode, touchNode } from '#store/node.ts'
import { carryOutNextEvaluation } from '#store/plan.ts'
import { upsertWorker } from '#store/worker.ts'
import type { Placed } from './allocation.ts'
import type { TestGateway } from './gateway.ts'
import { sentGroup, sentJob, sentTask } from './job-spec.ts'

/** A specification as the routes would hand it on; `members` replace those of the sample. */
export function jobSpec(id: string, members: Readonly<Record<string, unknown>> = {}): JobSpec {
  const body = JSON.stringify({ Job: sentJob({ ID: id, Name: id, ...members }) })
  return canonicalize(parseRegister(body, id).job, 'lenient')
}

/** The members of a job with one group of that many instances of one task. */
export function instances(count: number, task: Readonly<Record<string, unknown>> = {}, group: object = {}) {
  return { TaskGroups: [sentGroup({ Count: count, Tasks: [sentTask(task)], ...group })] }
}

/** A machine with room for eighty of the sample's tasks. */
export const bigNode: NodeReport = {
  hostname: 'big.test',
  datacenter: 'dc1',
  attributes: { 'kernel.name': 'linux', 'cpu.arch': 'amd64', 'driver.raw_exec': '1', 'driver.exec': '1' },
  meta: {},
  cpu: 4_000,
  memoryMb: 4_000,
  diskMb: 100_000,
}

/** A gateway with a scheduler that takes a step when told, and a worker that does what it is told. */
export type Stage = {
  readonly worker: { readonly id: string; readonly nodeId: number }
  readonly register: (id: string, members?: Readonly<Record<string, unknown>>) => Promise<Registration>
  /** Carries out every evaluation that is due. */
  readonly schedule: () => Promise<void>
  /** Schedules, starts what was placed, and ends as `complete` what is no longer wanted, the oldest first. */
  readonly act: () => Promise<void>
  /** Reports a client status of the running instance of that name. */
  readonly report: (name: string, status: ClientStatus, exitCode?: number) => Promise<void>
  /** The running instance of that name, and the lease on it. */
  readonly placed: (name: string) => Placed
  /** The registered job; throws where there is none. */
  readonly job: (id: string) => Promise<ServiceJob>
  readonly summary: (id: string, group?: string) => Promise<TaskGroupSummary>
  /** `name desired/client` of each allocation, oldest first. */
  readonly allocations: (id: string) => Promise<string[]>
  /** `trigger status` of each evaluation, oldest first. */
  readonly evaluations: (id: string) => Promise<string[]>
}

/** Sets a stage on a gateway, with one node. */
export async function setStage(test: TestGateway, node: NodeReport = bigNode): Promise<Stage> {
  const { id: nodeId } = await registerNode(test.store, node)
  const worker = { id: randomUUID(), name: 'stage', nodeId, pid: null }
  await upsertWorker(test.store.db, worker)
  const held = new Map<number, AllocationClaim>()
  const update = async (claim: AllocationClaim, clientStatus: ClientStatus, exitCode: number | null = null) => {
    const { executionId } = claim.allocation
    await updateAllocation(test.store, { executionId, token: claim.token }, { clientStatus, exitCode })
    if (clientStatus !== 'running' && clientStatus !== 'pending') held.delete(executionId)
  }
  // The node of a stage is never silent, however long a busy machine takes from one step to the next.
  const schedule = async () => {
    do await touchNode(test.store.db, nodeId)
    while (await carryOutNextEvaluation(test.store))
  }
  const act = async () => {
    await schedule()
    for (const claim of await claimAllocations(test.store, worker, 1_000)) {
      held.set(claim.allocation.executionId, claim)
      await update(claim, 'running')
    }
    for (const executionId of (await findUnwantedAllocations(test.store, worker.id)).toSorted((a, b) => a - b)) {
      const claim = held.get(executionId)
      if (claim !== undefined) await update(claim, 'complete')
    }
  }
  const job = async (id: string) => {
    const { value } = await findServiceJob(test.context(), id)
    if (value === null) throw new Error(`there is no job ${id}`)
    return value
  }
  const holding = (name: string) => {
    const claim = [...held.values()].find(({ allocation }) => allocation.name === name)
    if (claim === undefined) throw new Error(`nobody holds ${name}`)
    return claim
  }
  return {
    worker,
    register: (id, members) => registerServiceJob(test.context(), jobSpec(id, members)),
    schedule,
    act,
    report: (name, status, exitCode) => update(holding(name), status, exitCode ?? null),
    placed: (name) => {
      const { allocation, token } = holding(name)
      return { uuid: allocation.uuid, lease: { executionId: allocation.executionId, token } }
    },
    job,
    summary: async (id, group = 'g1') => {
      const found = (await job(id)).groups.find(({ name }) => name === group)
      if (found === undefined) throw new Error(`there is no group ${group}`)
      return found.summary
    },
    allocations: async (id) =>
      [...(await listJobAllocations(test.context(), id)).value]
        .sort((a, b) => a.executionId - b.executionId)
        .map(({ name, desiredStatus, clientStatus }) => `${name} ${desiredStatus}/${clientStatus}`),
    evaluations: async (id) =>
      [...(await listJobEvaluations(test.context(), id)).value]
        .sort((a, b) => a.id - b.id)
        .map(({ triggeredBy, status }) => `${triggeredBy} ${status.toLowerCase()}`),
  }
}
