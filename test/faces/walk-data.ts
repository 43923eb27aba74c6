/** A store in which every list of the graph has more than a hundred rows, made by operations. */
import type { JobType } from '#model/job-type.ts'
import { queueJob } from '#resolvers/job.ts'
import { setLogSources } from '#resolvers/log-source.ts'
import { registerBatch, registerRecipe, registerRecipeType } from '#resolvers/reference.ts'
import { forceServiceJob } from '#resolvers/service-job.ts'
import { supersedeJob } from '#resolvers/supersede.ts'
import { appendLog, claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { registerWorkspace } from '#resolvers/workspace.ts'
import { rescueAllocations } from '#store/allocation-rescue.ts'
import { claimAllocations, updateAllocation } from '#store/allocation-work.ts'
import { expireLeases } from '#store/claim.ts'
import { upsertFile } from '#store/workspace.ts'
import { completed, failed } from '../documents/scale-jobs.ts'
import { writeLog } from '../support/allocation.ts'
import { registerCommand } from '../support/factory.ts'
import type { TestGateway } from '../support/gateway.ts'
import { bigNode, instances, type Stage, setStage } from '../support/service.ts'

/** How many there are of each kind, one more than the larger page of the walk. */
const filled = 101

const names = (prefix: string) => Array.from({ length: filled }, (_, at) => `${prefix}-${String(at).padStart(3, '0')}`)
const at = '2026-11-25T17:00:00.000001Z'

/**
 * Fills a gateway: types `t-*` with their jobs, of which some COMPLETED and made a file, some FAILED with that file as
 * input and superseded one another, some run and some are PENDING; service jobs `s-*` that lost their node once, `b-*`
 * that are blocked, `p-*` with a periodic child each and `r-*` amid a rolling update; and workspaces.
 */
export async function fill(test: TestGateway): Promise<void> {
  const types: JobType[] = []
  for (const name of names('t')) types.push(await makeType(test, name))
  await fillQueued(test, types)
  for (const name of names('w')) await registerWorkspace(test.context(), { name })
  const room = { cpu: 1_000_000, memoryMb: 1_000_000, diskMb: 10_000_000 }
  const stage = await setStage(test, { ...bigNode, ...room })
  await fillServices(test, stage)
}

/** A job type at its second revision, with a recipe type that uses it. */
async function makeType(test: TestGateway, name: string): Promise<JobType> {
  const contract = { inputs: { files: [{ name: 'SCENE', required: false }] } }
  await registerCommand(test, name, 'false', { contract })
  const type = await registerCommand(test, name, 'true', { contract })
  await registerRecipeType(test.context(), { name: `r-${name}`, jobTypes: [{ name, version: '1.0.0' }] })
  return type
}

async function fillQueued(test: TestGateway, types: readonly JobType[]): Promise<void> {
  const ctx = test.context()
  const { id: workspaceId } = await registerWorkspace(ctx, { name: 'products' })
  const worker = await registerWorker(ctx, { name: 'walk', hostname: 'walk.test' })
  const claimAll = async () => {
    const claims = await claimJobs(test.context(), worker.id, types.length)
    for (const claim of claims)
      await appendLog(test.context(), claim, [{ stream: 'stdout', bytes: Buffer.from(`job ${claim.jobId}\n`), at }])
    return claims
  }
  for (const type of types) await queueJob(test.context(), { jobTypeId: type.id })
  const scenes: number[] = []
  for (const { jobId, executionId, token } of await claimAll()) {
    const place = { workspaceId, fileName: `${jobId}.tif`, filePath: `${jobId}.tif`, mediaType: 'image/tiff' }
    const product = { ...place, fileType: 'PRODUCT' as const, fileSize: 7, jobId, executionId, jobOutput: 'OUT' }
    scenes.push((await upsertFile(test.store.db, product)).id)
    await reportOutcome(test.context(), { executionId, token }, completed)
  }
  const failing: number[] = []
  for (const [place, type] of types.entries()) {
    const { id: batchId } = await registerBatch(test.context(), { title: `batch of ${type.name}` })
    const { id: recipeId } = await registerRecipe(test.context(), `r-${type.name}`)
    const input = { version: '7', files: { SCENE: scenes.slice(place, place + 1) }, json: {} }
    failing.push((await queueJob(test.context(), { jobTypeId: type.id, input }, { batchId, recipeId })).id)
  }
  for (const claim of await claimAll()) await reportOutcome(test.context(), claim, failed())
  for (const [place, id] of failing.entries()) await supersedeJob(test.context(), id, failing[place + 1] ?? null)
  for (const { id: jobTypeId } of types) {
    await queueJob(test.context(), { jobTypeId })
    await queueJob(test.context(), { jobTypeId }, { isPending: true })
  }
  await claimAll()
}

async function fillServices(test: TestGateway, stage: Stage): Promise<void> {
  for (const name of names('s')) await stage.register(name)
  for (const name of names('b'))
    await stage.register(name, { Constraints: [{ LTarget: '1', RTarget: '2', Operand: '=' }] })
  const Periodic = { Enabled: true, SpecType: 'cron', Spec: '0 0 1 1 *' }
  for (const name of names('p')) {
    await stage.register(name, { Type: 'batch', Periodic })
    await forceServiceJob(test.context(), name)
  }
  await stage.schedule()
  await runAll(test, stage)
  await expireLeases(test.store.db, stage.worker.id)
  await rescueAllocations(test.store)
  await stage.schedule()
  await runAll(test, stage)
  await fillRolling(stage)
}

/** Service jobs whose tasks changed and are replaced one at a time: the next evaluation waits for an hour. */
async function fillRolling(stage: Stage): Promise<void> {
  const Update = { Stagger: 3_600_000_000_000, MaxParallel: 1 }
  for (const A of ['1', '2']) {
    for (const name of names('r')) await stage.register(name, { Update, ...instances(2, { Env: { A } }) })
    await stage.schedule()
  }
}

/** Sets a list of so many log sources: it comes without pages. */
export async function fillLogSources(test: TestGateway, count: number): Promise<void> {
  const sources = names('s').map((job) => ({ id: job, job, taskGroup: 'g1', task: 't1' }))
  await setLogSources(test.context(), sources.slice(0, count))
}

/** Starts what was placed: each task says a line and has an event to tell. */
async function runAll(test: TestGateway, { worker }: Stage): Promise<void> {
  const event = { type: 'Started', timeNs: 1_764_000_000_000_000_000n }
  for (const { allocation, token } of await claimAllocations(test.store, worker, 1_000)) {
    const lease = { executionId: allocation.executionId, token }
    const t1 = { state: 'running' as const, failed: false, events: [event] }
    await updateAllocation(test.store, lease, { clientStatus: 'running', taskStates: { t1 } })
    await writeLog(test, { uuid: allocation.uuid, lease }, 't1', 'stdout', `${allocation.name}\n`)
  }
}
