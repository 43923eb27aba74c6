/** The beginning that the parity tests start from, and the whole state that a client can see. */
import { listJobAllocations } from '#resolvers/allocation.ts'
import { queueJob } from '#resolvers/job.ts'
import { registerBatch } from '#resolvers/reference.ts'
import { pathNames, type Route } from '#rest/route.ts'
import { surfaces } from '#rest/surfaces.ts'
import { findChangesAfter } from '#store/change.ts'
import { at, completed, failed, type HandWorker, handWorker, registerTile } from '../documents/scale-jobs.ts'
import { writeLog } from '../support/allocation.ts'
import { placeFile, queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { sentGroup } from '../support/job-spec.ts'
import { instances, type Stage, setStage } from '../support/service.ts'

/** A gateway with jobs of both families in many states. */
export type ParityStage = {
  readonly test: GraphqlGateway
  readonly service: Stage
  /** Of the job type `plain`. */
  readonly typeId: number
  readonly fileId: number
  /** The one allocation of the job `logged`, whose task `web` has written a log. */
  readonly logged: string
}

/** What the sample's logs are set to. */
export const sentLogs = [
  { id: 'web', group: 'g1', job: 'logged', task: 'web', fileName: 'stdout', logLevel: true },
  { id: 'err', group: 'g1', job: 'web', task: 't1', fileName: 'stderr', logLevel: false },
]

const game = {
  maps: [{ id: 'm', where: { key: ['cheer', '<who>'] } }],
  reductions: [{ id: 'r', where: { key: ['cheer', '<who>'] }, key: ['<who>'], value: ['$count'] }],
}

/** Event definitions, of which one file is at fault. */
export const sentEvents = [
  { key: 'game', value: JSON.stringify(game) },
  { key: 'broken', value: '{' },
]

/** Opens one; two of the same kind differ in uuids and times alone. */
export async function openParityStage(kind: 'pglite' | 'postgres'): Promise<ParityStage> {
  const test = await openGraphql(kind)
  await registerTile(test)
  await registerTile(test, 'tiler', '1.1.0')
  const type = await registerCommand(test, 'plain', 'true', {
    contract: {
      inputs: {
        files: [{ name: 'TEXT', required: false, multiple: true }],
        json: [{ name: 'ZOOM', type: 'integer', required: false }],
      },
    },
  })
  const fileId = await placeFile(test, 'a.txt', 'a')
  for (let made = 0; made < 6; made += 1)
    await queue(test, type, { files: { TEXT: [fileId] }, json: { ZOOM: made } }, { priority: 100 + made })
  const batch = await registerBatch(test.context(), { title: 'night' })
  await queueJob(test.context(), { jobTypeId: type.id }, { isPending: true, batchId: batch.id })
  await runSome(await handWorker(test))
  const service = await setStage(test)
  await service.register('web', instances(2, { Env: { COLOUR: 'red' } }))
  await service.register('auto', { ...instances(1), Meta: { genvid_autostart: 'true' } })
  const periodic = { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ProhibitOverlap: false }
  await service.register('cron', { ...instances(1), Type: 'batch', Periodic: periodic })
  const huge = { Resources: { CPU: 90_000, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null } }
  await service.register('huge', instances(1, huge))
  await service.register('pair', { TaskGroups: [sentGroup(), sentGroup({ Name: 'g2' })] })
  await service.register('logged', instances(1, { Name: 'web' }))
  await service.act()
  const placed = service.placed('logged.g1[0]')
  await writeLog(test, placed, 'web', 'stdout', 'Grüße\n', 'two\n')
  for (const [path, body] of [
    ['/v1/log/logs', sentLogs],
    ['/v1/log/defaults/web', { web: 'error' }],
    [`/v1/log/allocs/${placed.uuid}/web`, { web: 'debug' }],
    ['/v1/events', { mapreduce: sentEvents }],
    ['/v1/settings', { info: { name: 'before' } }],
    ['/secrets/secret/one', { a: 'x', b: 'y' }],
  ] as const) {
    const answer = await test.rest('POST', path, { body })
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`)
  }
  return { test, service, typeId: type.id, fileId, logged: placed.uuid }
}

/** Of the six queued jobs one ends well, one by a fault of the system, and one runs and writes. */
async function runSome(worker: HandWorker): Promise<void> {
  const well = await worker.claim()
  await worker.end(well, completed)
  await worker.end(await worker.claim(), failed())
  const running = await worker.claim()
  await worker.say(running, [
    ['stdout', 'hello\n', '2026-11-25T17:00:00.000001Z'],
    ['stderr', 'oh\n', '2026-11-25T17:00:00.000002Z'],
  ])
}

type AnyRoute = Omit<Route<never>, 'handler'>

/** What stands for each parameter of the paths; names that only some acts make are asked for all the same. */
async function valuesOf({ test, logged }: ParityStage): Promise<Readonly<Record<string, readonly string[]>>> {
  const listed: unknown = (await test.rest('GET', '/jobs')).json()
  const jobs = Array.isArray(listed) ? listed.map((row: unknown) => String(at(row, 'name'))) : []
  const allocations = await Promise.all(
    jobs.map(async (job) =>
      (await listJobAllocations(test.context(), job)).value.toSorted((a, b) => a.executionId - b.executionId),
    ),
  )
  return {
    job_id: ['1', '2', '3', '4', '7', '8', '9'],
    exe_num: ['1'],
    job_exe_id: ['1', '2', '3'],
    log_id: ['combined', 'stderr'],
    name: ['tiler', 'plain', 'new'],
    version: ['1.0.0'],
    revision_num: ['1', '2'],
    job: [...jobs, 'none'],
    jobName: [...jobs, 'none'],
    log: ['web', 'err', 'none'],
    alloc: [logged, ...allocations.flat().map(({ uuid }) => uuid)],
    task: ['web'],
    fs: ['stdout'],
    counter: ['0'],
    secret: ['one', 'two'],
  }
}

/** Every reading route of the documents with every value of its parameters. */
const readings: readonly AnyRoute[] = surfaces
  .flatMap((surface): readonly AnyRoute[] => surface.routes)
  .filter(({ method, path }) => method === 'GET' && path !== '/v1/schemas/settings.json')

/** All that a client sees: what each reading route answers, its index, and the change log. */
export async function viewOf(stage: ParityStage): Promise<unknown> {
  const values = await valuesOf(stage)
  const seen: (readonly [path: string, answer: unknown])[] = []
  for (const { path: pattern } of readings) {
    const paths = pathNames(pattern).reduce(
      (made, name) => made.flatMap((path) => (values[name] ?? []).map((value) => path.replace(`{${name}}`, value))),
      [pattern],
    )
    seen.push(...(await Promise.all(paths.map(async (path) => [path, await answerOf(stage, path)] as const))))
  }
  const changes = await findChangesAfter(stage.test.store.db, { index: 0, ordinal: 0 }, 10_000)
  return normalized({ seen, changes })
}

async function answerOf({ test }: ParityStage, path: string): Promise<unknown> {
  const { status, headers, text } = await test.rest('GET', path, { headers: { accept: 'application/json' } })
  return { status, index: headers.get('x-nomad-index') ?? headers.get('waitIndex'), body: bodyOf(text) }
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const uuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g
const time = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00(?::00)?)|(?<=periodic-)\d+|\b1[6-9]\d{11,17}\b/g

/**
 * A value without what two stores cannot have alike: each uuid becomes the number of its first appearance, each time
 * one word, and what Nomad lists by uuid stands in the order of its making.
 */
export function normalized(value: unknown): unknown {
  const known = new Map<string, string>()
  const text = JSON.stringify(value, (_key, member) => byMaking(member))
  const named = text.replace(uuid, (one) => {
    const name = known.get(one) ?? `uuid ${known.size}`
    known.set(one, name)
    return name
  })
  return JSON.parse(named.replace(/(?<!")\b1[6-9]\d{11,17}\b(?!")/g, '"time"').replace(time, 'time'))
}

function byMaking(member: unknown): unknown {
  if (typeof member === 'bigint') return String(member)
  if (!Array.isArray(member)) return member
  const rows: readonly unknown[] = member
  const isByUuid = rows.every((row) => typeof row === 'object' && row !== null && 'CreateIndex' in row && 'ID' in row)
  return isByUuid ? rows.toSorted((a, b) => orderOf(a).localeCompare(orderOf(b))) : rows
}

function orderOf(row: unknown): string {
  return `${String(at(row, 'CreateIndex')).padStart(9, '0')} ${String(at(row, 'Name'))}`
}
