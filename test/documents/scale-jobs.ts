/** The job types, jobs and states that the cases of the Scale v6 jobs document start from. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Claim, Outcome } from '#model/execution.ts'
import type { JobType } from '#model/job-type.ts'
import { parseRegistration, type RegistrationInput, registerJobType } from '#resolvers/job-type.ts'
import { appendLog, claimJobs, registerWorker, reportOutcome } from '#resolvers/work.ts'
import { recordChanges } from '#store/change.ts'
import { insertEvent, insertQueuedJob, type NewQueuedJob } from '#store/job.ts'
import { findRevision } from '#store/job-type.ts'
import { writing } from '#store/store.ts'
import { manifest } from '../support/factory.ts'
import type { Answer, TestGateway } from '../support/gateway.ts'

/** A manifest with every part of an interface. */
export function tile(name: string, version = '1.0.0') {
  return manifest(name, version, {
    tags: ['tiling'],
    interface: {
      command: 'tile',
      inputs: {
        files: [
          { name: 'SCENE', mediaTypes: ['image/tiff'] },
          { name: 'MASKS', required: false, multiple: true },
        ],
        json: [
          { name: 'ZOOM', type: 'integer' },
          { name: 'NOTE', type: 'string', required: false },
        ],
      },
      outputs: {
        files: [{ name: 'TILES', pattern: '*.jpg', multiple: true }],
        json: [{ name: 'tileCount', type: 'integer', key: 'tiles' }],
      },
      mounts: [{ name: 'REF', path: '/ref' }],
      settings: [{ name: 'REGION' }, { name: 'TOKEN', secret: true }],
    },
    resources: {
      scalar: [
        { name: 'cpus', value: 1.5 },
        { name: 'mem', value: 256 },
        { name: 'disk', value: 20, inputMultiplier: 2 },
      ],
    },
    errors: [
      { code: 3, name: 'bad-scene', category: 'data' },
      { code: 4, name: 'no-env' },
    ],
  })
}

/** A configuration that fits it. */
export const tileConfiguration = {
  mounts: { REF: { type: 'host', host_path: '/data/ref' } },
  output_workspaces: { default: 'ws-a' },
  settings: { REGION: 'eu', TOKEN: 's3cr3t' },
}

/** Registers a job type. */
export async function register(
  test: TestGateway,
  document: object,
  more: Partial<RegistrationInput> = {},
): Promise<JobType> {
  const registration = parseRegistration({ dockerImage: 'reg.test/img:1', manifest: document, ...more })
  return (await registerJobType(test.context(), registration)).jobType
}

/** Registers the tile job type with its configuration. */
export function registerTile(test: TestGateway, name = 'tiler', version = '1.0.0'): Promise<JobType> {
  return register(test, tile(name, version), { configuration: tileConfiguration })
}

/** Makes a job directly, for what no route can set: its batch, recipe, source, or that it was never queued. */
export async function makeJob(test: TestGateway, type: JobType, more: Partial<NewQueuedJob> = {}): Promise<number> {
  const [id] = await makeJobs(test, type, 1, more)
  if (id === undefined) throw new Error('no job was made')
  return id
}

/** Makes several jobs in one transaction. */
export async function makeJobs(
  test: TestGateway,
  type: JobType,
  count: number,
  more: Partial<NewQueuedJob> = {},
): Promise<number[]> {
  return writing(test.store, async (tx) => {
    const revision = await findRevision(tx, type.id, type.revisionNum)
    if (revision === null) throw new Error('no revision')
    const ids: number[] = []
    for (let made = 0; made < count; made += 1) {
      const job: NewQueuedJob = {
        jobTypeId: type.id,
        jobTypeRevisionId: revision.id,
        status: 'QUEUED',
        priority: 100,
        eventId: await insertEvent(tx, 'USER'),
        recipeId: null,
        batchId: null,
        maxTries: 3,
        input: { files: {}, json: {} },
        inputFileSize: 0,
        configuration: null,
        source: { started: null, ended: null, sensorClass: null, sensor: null, collection: null, task: null },
        ...more,
      }
      ids.push(await insertQueuedJob(tx, job))
    }
    await recordChanges(
      tx,
      ids.map((id) => ({ kind: 'JOB', entityId: id, jobId: id, jobTypeId: type.id, from: null, to: 'QUEUED' })),
    )
    return ids
  })
}

/** Makes a batch and returns its id. */
export async function makeBatch(test: TestGateway, title: string): Promise<number> {
  const row = await test.store.db.insertInto('batch').values({ title }).returning('id').executeTakeFirstOrThrow()
  return row.id
}

/** Makes a recipe of a new type and returns its id. */
export async function makeRecipe(test: TestGateway, name: string): Promise<number> {
  return writing(test.store, async (tx) => {
    const type = await tx
      .insertInto('recipe_type')
      .values({ name, title: name })
      .returning('id')
      .executeTakeFirstOrThrow()
    const revision = await tx
      .insertInto('recipe_type_revision')
      .values({ recipe_type_id: type.id, revision_num: 1 })
      .returning('id')
      .executeTakeFirstOrThrow()
    const event_id = await insertEvent(tx, 'USER')
    const values = { recipe_type_id: type.id, recipe_type_revision_id: revision.id, event_id }
    const recipe = await tx.insertInto('recipe').values(values).returning('id').executeTakeFirstOrThrow()
    return recipe.id
  })
}

/** Marks a job as superseded, by another where one is named. */
export async function supersede(test: TestGateway, jobId: number, by?: number): Promise<void> {
  await writing(test.store, async (tx) => {
    const superseded = { is_superseded: true, superseded_at: sql<string>`now()`, last_modified: sql<string>`now()` }
    await tx.updateTable('job').set(superseded).where('id', '=', jobId).execute()
    if (by !== undefined) await tx.updateTable('job').set({ superseded_job_id: jobId }).where('id', '=', by).execute()
    await recordChanges(tx, [{ kind: 'JOB', entityId: jobId, jobId }])
  })
}

/** What a worker reports of a run that went well. */
export const completed: Outcome = {
  kind: 'COMPLETED',
  exitCode: 0,
  output: { files: { TILES: [7, 8] }, json: { tileCount: 2 } },
  taskResults: { version: '1.0', tasks: [{ task_id: 't', type: 'main', was_launched: true, status: 'FINISHED' }] },
}

/** What a worker reports of a failure; `launch` is the product's own and not retried. */
export function failed(errorName = 'launch', errorJobTypeName: string | null = null): Outcome {
  return { kind: 'FAILED', exitCode: 1, errorName, errorJobTypeName, taskResults: { version: '1.0', tasks: [] } }
}

/** A worker in the test's hands. */
export type HandWorker = {
  /** Takes the next job of the queue. */
  readonly claim: () => Promise<Claim>
  readonly end: (claim: Claim, outcome: Outcome) => Promise<void>
  readonly say: (claim: Claim, lines: readonly (readonly [stream: string, text: string, at: string])[]) => Promise<void>
}

/** Registers a worker on a node. */
export async function handWorker(test: TestGateway, hostname = 'node-1.test'): Promise<HandWorker> {
  const { id } = await registerWorker(test.context(), { name: hostname, hostname })
  return {
    claim: async () => {
      const [claim] = await claimJobs(test.context(), id, 1)
      if (claim === undefined) throw new Error('the queue is empty')
      return claim
    },
    end: (claim, outcome) => reportOutcome(test.context(), claim, outcome),
    say: async (claim, lines) => {
      const rows = lines.map(([stream, text, at]) => ({ stream, bytes: Buffer.from(text), at }))
      await appendLog(test.context(), claim, rows)
    },
  }
}

/** The value at a place in a JSON answer. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, key) => {
    if (typeof node !== 'object' || node === null) throw new Error(`nothing at ${path.join('.')}`)
    return Reflect.get(node, key)
  }, value)
}

/** The ids on a page, in its order. */
export function idsOf(answer: Answer): unknown[] {
  expect(answer.status, answer.text).toBe(200)
  const results = at(answer.json(), 'results')
  if (!Array.isArray(results)) throw new Error('no page')
  return results.map((row: unknown) => at(row, 'id'))
}

/** Expects a refusal in the document's words: one sentence under `detail`. */
export function expectRefusal(answer: Answer, status: number, words: string | RegExp = ''): void {
  expect(answer.status, answer.text).toBe(status)
  const body = answer.json()
  expect(Object.keys(Object(body))).toEqual(['detail'])
  expect(at(body, 'detail')).toEqual(
    words instanceof RegExp ? expect.stringMatching(words) : expect.stringContaining(words),
  )
}
