/** What the suites of the Nomad /v1/job document share: a gateway with its surface, a scheduler, and a worker that plays along. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { startScheduler } from '#engine/schedule.ts'
import type { TaskEvent } from '#model/allocation.ts'
import { isObject, parseJson } from '#model/json.ts'
import type { NodeReport } from '#model/node.ts'
import type { Context } from '#resolvers/context.ts'
import { nomadListenerSurface, nomadSurface } from '#rest/nomad/surface.ts'
import type { Surface } from '#rest/route.ts'
import {
  type AllocationClaim,
  claimAllocations,
  findUnwantedAllocations,
  updateAllocation,
} from '#store/allocation-work.ts'
import { upsertWorker } from '#store/worker.ts'
import { documentedRouter } from '../support/documented.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentGroup, sentJob, sentTask } from '../support/job-spec.ts'
import { until } from '../support/wait.ts'

/** An answer, read to its end; 64-bit integers are kept. */
export type NomadAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly index: number
}

/** What is sent: a text or bytes as they are, anything else as JSON. */
export type NomadBody = string | Uint8Array<ArrayBuffer> | object

/** A gateway asked by the words of the request line, so that paths arrive as they are written. */
export type Nomad = TestGateway & {
  readonly ask: (method: string, target: string, body?: NomadBody) => Promise<NomadAnswer>
  /** The same on the listener of Nomad's own clients. */
  readonly askListener: (method: string, target: string, body?: NomadBody) => Promise<NomadAnswer>
  /** How many reads have looked, found nothing new, and sleep. */
  readonly sleepers: () => number
}

/** Opens a gateway on either database. */
export async function openNomad(
  kind: 'pglite' | 'postgres',
  settings: Parameters<typeof openTestGateway>[1] & { readonly strict?: boolean } = {},
): Promise<Nomad> {
  const { strict = false, ...rest } = settings
  const test = await openTestGateway(kind, rest)
  let sleepers = 0
  const onSleep = () => {
    sleepers += 1
    return () => {
      sleepers -= 1
    }
  }
  const context = (): Context => ({ ...test.context(), onSleep, ...(strict ? { jobSpecMode: 'strict' } : {}) })
  const ask = askerOf(nomadSurface, test, context)
  const askListener = askerOf(nomadListenerSurface, test, context)
  return { ...test, context, ask, askListener, sleepers: () => sleepers }
}

function askerOf(surface: Surface<Context>, test: TestGateway, context: () => Context): Nomad['ask'] {
  const route = documentedRouter([surface], { report: (error) => test.bugs.push(error) })
  return async (method, target, body) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const init = body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }
    const request = new Request('http://127.0.0.1:4646/', { method, ...init })
    const response = await route(context, request, { target, remoteAddress: null, signal: request.signal })
    if (response === null) throw new Error(`nobody owns ${target}`)
    const text = await response.text()
    const { status, headers } = response
    return { status, headers, text, index: Number(headers.get('x-nomad-index') ?? Number.NaN) }
  }
}

/** The fixture J(id) of the sample cases: a minimal valid job. */
export function sampleJob(id: string, members: Readonly<Record<string, unknown>> = {}) {
  return { Job: sentJob({ ID: id, Name: id, ...members }) }
}

/** J(id) with another count, and other words for its one task. */
export function sampleGroup(count: number, task: Readonly<Record<string, unknown>> = {}, group: object = {}) {
  return { TaskGroups: [sentGroup({ Count: count, Tasks: [sentTask(task)], ...group })] }
}

/** The parsed body of a 200 that is JSON. */
export function ok(answer: NomadAnswer): unknown {
  expect(answer.text).not.toMatch(/\n$/)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  return parseJson(answer.text)
}

/** The members of a 200 that is a JSON object. */
export function okObject(answer: NomadAnswer): Readonly<Record<string, unknown>> {
  const body = ok(answer)
  if (!isObject(body)) throw new Error(`no object: ${answer.text}`)
  return body
}

/** The items of a 200 that is a JSON list of objects. */
export function okList(answer: NomadAnswer): Readonly<Record<string, unknown>>[] {
  const body = ok(answer)
  expect(Array.isArray(body)).toBe(true)
  return (body as unknown[]).map((item) => {
    if (!isObject(item)) throw new Error(`no object in ${answer.text}`)
    return item
  })
}

/** Expects a refusal as plain text without any of Nomad's headers. */
export function expectRefused(answer: NomadAnswer, status: number, words: string | RegExp): void {
  if (typeof words === 'string') expect(answer.text).toBe(words)
  else expect(answer.text).toMatch(words)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8'])
  for (const name of answer.headers.keys()) expect(name).not.toMatch(/^x-nomad/)
}

/** Expects the three headers of a read. */
export function expectReadHeaders({ headers }: NomadAnswer): void {
  expect(headers.get('x-nomad-index')).toMatch(/^\d+$/)
  expect(headers.get('x-nomad-knownleader')).toBe('true')
  expect(headers.get('x-nomad-lastcontact')).toMatch(/^\d+$/)
}

/** A machine big enough for every sample. */
export const sampleNode: NodeReport = {
  hostname: 'vm',
  datacenter: 'dc1',
  attributes: { 'kernel.name': 'linux', arch: 'amd64', 'driver.raw_exec': '1', 'driver.exec': '1' },
  meta: {},
  cpu: 4_000,
  memoryMb: 4_000,
  diskMb: 100_000,
}

/** A cluster that runs what is registered, as far as a test can see. */
export type Cluster = {
  /** Asks again and again, and lets the worker take a step each time. */
  readonly until: <T>(what: string, ask: () => Promise<T | null | undefined | false>) => Promise<T>
  readonly stop: () => Promise<void>
}

/**
 * Starts a scheduler and a worker of which every task sleeps until it is stopped, but for those whose command is
 * `/bin/sh`: they end at once with the exit code that their last argument names as `exit <n>`.
 */
export async function startCluster(test: TestGateway, node: NodeReport = sampleNode): Promise<Cluster> {
  const failures: unknown[] = []
  const log = { error: (_message: string, error: unknown) => void failures.push(error) }
  const scheduler = await startScheduler({ store: test.store, node, now: () => new Date(), log })
  if (scheduler.node === null) throw new Error('the scheduler has no node')
  const worker = { id: randomUUID(), name: 'player', nodeId: scheduler.node.id, pid: null }
  await upsertWorker(test.store.db, worker)
  const held = new Map<number, AllocationClaim>()
  const step = async () => {
    for (const claim of await claimAllocations(test.store, worker, 100)) {
      held.set(claim.allocation.executionId, claim)
      await playStart(test, claim, held)
    }
    for (const executionId of await findUnwantedAllocations(test.store, worker.id)) {
      const claim = held.get(executionId)
      if (claim !== undefined) await playEnd(test, claim, held, [event('Killed')])
    }
  }
  return {
    until: (what, ask) =>
      until(what, async () => {
        await step()
        return ask()
      }),
    async stop() {
      await scheduler.stop()
      expect(failures).toEqual([])
    },
  }
}

function event(type: string, more: Partial<TaskEvent> = {}): TaskEvent {
  return { type, timeNs: 1_795_438_844_533_945_962n, ...more }
}

async function playStart(test: TestGateway, claim: AllocationClaim, held: Map<number, AllocationClaim>): Promise<void> {
  const states = statesOf(claim, 'running', [event('Received'), event('Started')])
  await updateAllocation(test.store, leaseOf(claim), { clientStatus: 'running', taskStates: states })
  const group = claim.spec.TaskGroups?.find(({ Name }) => Name === claim.allocation.taskGroup)
  const config = group?.Tasks?.[0]?.Config ?? {}
  if (config.command !== '/bin/sh') return
  const exitCode = Number(/exit (\d+)$/.exec(String(Array.isArray(config.args) ? config.args.at(-1) : ''))?.[1] ?? 0)
  const end = [event('Received'), event('Started'), event('Terminated', { exitCode })]
  await playEnd(test, claim, held, exitCode === 0 ? end : [...end, event('Not Restarting')], exitCode)
}

async function playEnd(
  test: TestGateway,
  claim: AllocationClaim,
  held: Map<number, AllocationClaim>,
  events: readonly TaskEvent[],
  exitCode = 0,
): Promise<void> {
  held.delete(claim.allocation.executionId)
  await updateAllocation(test.store, leaseOf(claim), {
    clientStatus: exitCode === 0 ? 'complete' : 'failed',
    taskStates: statesOf(claim, 'dead', events),
    exitCode,
  })
}

function statesOf({ allocation, spec }: AllocationClaim, state: 'running' | 'dead', events: readonly TaskEvent[]) {
  const group = spec.TaskGroups?.find(({ Name }) => Name === allocation.taskGroup)
  return Object.fromEntries((group?.Tasks ?? []).map(({ Name }) => [Name, { state, failed: false, events }]))
}

function leaseOf({ allocation, token }: AllocationClaim) {
  return { executionId: allocation.executionId, token }
}
