import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { detectContainment } from '#engine/drivers/containment.ts'
import { type Engine, startEngine } from '#engine/engine.ts'
import type { Bench } from '#engine/run.ts'
import type { Job } from '#model/job.ts'
import type { JobType } from '#model/job-type.ts'
import { queueJob } from '#resolvers/job.ts'
import { parseRegistration, type RegistrationInput, registerJobType } from '#resolvers/job-type.ts'
import { registerFile, registerWorkspace } from '#resolvers/workspace.ts'
import type { TestGateway } from './gateway.ts'
import { until } from './wait.ts'

/** The least that Seed manifest 1.0.0 asks for, with what a test adds to its `job`. */
export function manifest(name: string, version = '1.0.0', more: Readonly<Record<string, unknown>> = {}) {
  return {
    seedVersion: '1.0.0',
    job: {
      name,
      jobVersion: version,
      packageVersion: '1.0.0',
      title: `The ${name} job`,
      description: `What ${name} does`,
      maintainer: { name: 'Ada Ruiz', email: 'ada@tile.test' },
      timeout: 120,
      ...more,
    },
  }
}

/** Registers a job type whose command is given; `more` goes into the manifest's job, `request` into the request. */
export async function registerCommand(
  test: TestGateway,
  name: string,
  command: string,
  more: {
    readonly job?: Readonly<Record<string, unknown>>
    readonly contract?: object
    readonly request?: Partial<RegistrationInput>
  } = {},
): Promise<JobType> {
  const registration = parseRegistration({
    dockerImage: `reg.test/${name}:1`,
    manifest: manifest(name, '1.0.0', { ...more.job, interface: { command, ...more.contract } }),
    ...more.request,
  })
  return (await registerJobType(test.context(), registration)).jobType
}

/** Writes a file into the workspace `files` of the test and registers both; returns the file's id. */
export async function placeFile(test: TestGateway, name: string, content: string): Promise<number> {
  const directory = join(test.directory, 'files')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, name), content)
  await registerWorkspace(test.context(), { name: 'files', directory })
  return (await registerFile(test.context(), { workspace: 'files', path: name })).id
}

/** Queues a job of a type. */
export function queue(test: TestGateway, type: JobType, input: unknown = {}, configuration?: unknown): Promise<Job> {
  return queueJob(test.context(), { jobTypeId: type.id, input, configuration })
}

/** Starts a real engine on the test's store. */
export function engineOf(test: TestGateway, slots = 4): Promise<Engine> {
  return startEngine({
    store: test.store,
    hostname: 'engine.test',
    slots,
    scratchDirectory: join(test.directory, 'scratch'),
    workspacesDirectory: test.gateway.workspacesDirectory,
    now: test.gateway.now,
    newId: test.gateway.newId,
    log: test.gateway.log,
  })
}

/** What a single run needs of its surroundings, for tests that claim by themselves. */
export async function benchOf({ store, directory, gateway }: TestGateway): Promise<Bench> {
  return {
    store,
    containment: await detectContainment(),
    scratchDirectory: join(directory, 'scratch'),
    workspacesDirectory: gateway.workspacesDirectory,
    now: gateway.now,
    log: gateway.log,
  }
}

/** Waits until a job has one of the statuses. */
export function untilStatus(test: TestGateway, jobId: number, ...statuses: readonly string[]): Promise<Job> {
  return until(`job ${jobId} to be ${statuses.join(' or ')}`, async () => {
    const job = await test.context().loaders.job.load(jobId)
    return job !== null && statuses.includes(job.status) ? job : null
  })
}
