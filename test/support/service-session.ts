/** A client of service jobs: it speaks to a gateway with both engines over REST alone, and looks at the real processes. */
import { allocationMark } from '#engine/allocation.ts'
import { findRuns } from '#engine/drivers/tree.ts'
import type { Answer, TestGateway } from './gateway.ts'
import { sentJob } from './job-spec.ts'
import { until } from './wait.ts'

/** How long anything may take, in milliseconds; a loaded machine needs it. */
const patienceMs = 20_000

/** A task group as the Cluster shows it. */
export type ShownGroup = {
  readonly name: string
  readonly count: number
  readonly countInit: number
  readonly summary: Readonly<Record<'queued' | 'complete' | 'failed' | 'running' | 'starting' | 'lost', number>>
}

/** A job as the Cluster shows it. */
export type ShownJob = {
  readonly name: string
  readonly status: string
  readonly taskGroups: readonly ShownGroup[]
}

/** What the session looks at of an allocation as Nomad shows it. */
export type ShownAllocation = {
  readonly ID: string
  readonly EvalID: string
  readonly Name: string
  readonly DesiredStatus: string
  readonly ClientStatus: string
  readonly CreateIndex: number
  readonly TaskStates: Readonly<Record<string, { readonly State: string; readonly Events: readonly ShownEvent[] }>>
}

/** An event of a task as Nomad shows it. */
export type ShownEvent = { readonly Type: string; readonly ExitCode: number; readonly RestartReason: string }

/** What a registration answers. */
export type Registered = { readonly EvalID: string; readonly JobModifyIndex: number }

/** A job as Nomad shows it, as far as the session looks. */
export type ShownSpec = Readonly<Record<'CreateIndex' | 'ModifyIndex' | 'JobModifyIndex', number>> & {
  readonly Status: string
  readonly Meta: Readonly<Record<string, string>> | null
}

type Read<T> = { readonly index: number; readonly value: T }

/** A session with one gateway. */
export type ServiceSession = {
  /** Registers a job by PUT; `members` replace those of the sample job. */
  readonly put: (id: string, members: Readonly<Record<string, unknown>>) => Promise<Registered>
  /** Sends a request that must be answered with 200, and returns its JSON. */
  readonly ask: (method: string, path: string, body?: object) => Promise<unknown>
  readonly spec: (id: string) => Promise<ShownSpec>
  /** The allocations of a job, oldest first. */
  readonly allocations: (id: string) => Promise<ShownAllocation[]>
  /** Waits by the Cluster's `waitIndex` until a job is shown as wanted, and returns it. */
  readonly untilShown: (name: string, isWanted: (job: ShownJob) => boolean) => Promise<ShownJob>
  /** Waits by Nomad's blocking query until the allocations of a job are as wanted, and returns them, oldest first. */
  readonly untilAllocations: (
    id: string,
    isWanted: (all: readonly ShownAllocation[]) => boolean,
  ) => Promise<ShownAllocation[]>
  /** Waits by Nomad's blocking query until an evaluation is complete. */
  readonly untilEvaluated: (id: string, done: Registered) => Promise<void>
  /** What task t1 of an allocation has written to stdout from a byte on, as the Cluster tells it. */
  readonly log: (allocation: ShownAllocation, offset?: number) => Promise<string>
  /** Waits until the log from a byte on is that. */
  readonly untilLog: (allocation: ShownAllocation, wanted: string, offset?: number) => Promise<void>
}

/** Begins a session. */
export function openServiceSession(test: TestGateway): ServiceSession {
  const ask = async (method: string, path: string, body?: object) =>
    okJson(path, await test.rest(method, path, body === undefined ? {} : { body }))
  const jobs = async (index: number, waitMs: number): Promise<Read<ShownJob[]>> => {
    const answer = await test.rest('GET', `/v1/jobs?wait=${waitMs}ms`, { headers: { waitIndex: String(index) } })
    const value = okJson('/v1/jobs', answer) as ShownJob[]
    return { index: Number(answer.headers.get('waitIndex')), value }
  }
  const read = (path: string) => async (index: number, waitMs: number) => {
    const answer = await test.rest('GET', `${path}?index=${index}&wait=${waitMs}ms`)
    return { index: Number(answer.headers.get('x-nomad-index')), value: okJson(path, answer) }
  }
  const listAllocations = async (id: string, index: number, waitMs: number): Promise<Read<ShownAllocation[]>> => {
    const found = await read(`/v1/job/${id}/allocations`)(index, waitMs)
    const all = found.value as ShownAllocation[]
    return { index: found.index, value: all.toSorted((a, b) => a.CreateIndex - b.CreateIndex) }
  }
  const log = async ({ ID }: ShownAllocation, offset = 0) => {
    const { status, text } = await test.rest('GET', `/v1/log/fs/${ID}/t1/stdout?offset=${offset}`)
    return status === 200 ? text : ''
  }
  return {
    ask,
    log,
    put: async (id, members) => {
      const body = { Job: sentJob({ ID: id, Name: id, ...members }) }
      return (await ask('PUT', `/v1/job/${id}`, body)) as Registered
    },
    spec: async (id) => (await ask('GET', `/v1/job/${id}`)) as ShownSpec,
    allocations: async (id) => (await listAllocations(id, 0, 0)).value,
    untilShown: async (name, isWanted) => {
      const named = (all: readonly ShownJob[]) => all.find((job) => job.name === name)
      const isShown = (all: readonly ShownJob[]) => {
        const job = named(all)
        return job !== undefined && isWanted(job)
      }
      const job = named(await untilNews(`${name} in the list`, jobs, isShown))
      if (job === undefined) throw new Error(`${name} is not listed`)
      return job
    },
    untilAllocations: (id, isWanted) =>
      untilNews(`the allocations of ${id}`, (index, waitMs) => listAllocations(id, index, waitMs), isWanted),
    untilEvaluated: async (id, { EvalID }) => {
      const isDone = (all: unknown) =>
        (all as { ID: string; Status: string }[]).some((one) => one.ID === EvalID && one.Status === 'complete')
      await untilNews(`evaluation ${EvalID}`, read(`/v1/job/${id}/evaluations`), isDone)
    },
    untilLog: async (allocation, wanted, offset) => {
      const isThere = async () => (await log(allocation, offset)) === wanted
      await until(`the log ${JSON.stringify(wanted)}`, isThere, patienceMs)
    },
  }
}

/** The processes that live on this machine of each of these allocations that has any. */
export async function processesOf(allocations: readonly ShownAllocation[]): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const [token, pids] of await findRuns()) {
    const owner = allocations.find(({ ID }) => token.startsWith(allocationMark(ID)))
    if (owner !== undefined) found.set(owner.ID, pids)
  }
  return found
}

/** Waits until exactly these of the allocations have a process, and returns the processes. */
export function untilAlive(
  all: readonly ShownAllocation[],
  alive: readonly ShownAllocation[],
): Promise<Map<string, number[]>> {
  const wanted = alive.map(({ ID }) => ID).sort()
  return until(
    `processes of ${wanted.length} allocations of ${all.length}`,
    async () => {
      const found = await processesOf(all)
      return [...found.keys()].sort().join() === wanted.join() ? found : null
    },
    patienceMs,
  )
}

/** Reads again and again, each time held back by the gateway until there is news, until what is read is as wanted. */
async function untilNews<T>(
  what: string,
  read: (index: number, waitMs: number) => Promise<Read<T>>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + patienceMs
  let last = await read(0, 0)
  while (!isWanted(last.value)) {
    const leftMs = Math.ceil(deadline - performance.now())
    if (leftMs <= 0) throw new Error(`waited in vain for ${what}: ${JSON.stringify(last.value)}`)
    const next = await read(last.index, leftMs)
    if (next.index <= last.index && performance.now() < deadline) throw new Error(`an answer without news of ${what}`)
    last = next
  }
  return last.value
}

function okJson(path: string, answer: Answer): unknown {
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
  return answer.json()
}
