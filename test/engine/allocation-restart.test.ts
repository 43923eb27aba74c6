import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { allocationMark } from '#engine/allocation.ts'
import { findRuns } from '#engine/drivers/tree.ts'
import { startServiceEngine } from '#engine/service-engine.ts'
import { deregisterServiceJob } from '#resolvers/service-job.ts'
import { findJobAllocations } from '#store/allocation.ts'
import { openStore } from '#store/store.ts'
import { openTestGateway } from '../support/gateway.ts'
import {
  allocationsOf,
  eventsOf,
  livingMarks,
  run,
  serviceEngineOf,
  shell,
  taskOf,
  untilAllocations,
  untilOne,
  untilOutput,
} from '../support/service-engine.ts'
import { root } from '../support/sources.ts'
import { createDatabase, onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

onBothStores('allocations', (kind) => {
  it('are left by an engine that stops, and started again as the same ones by the next', async () => {
    const test = await openTestGateway(kind)
    const first = await serviceEngineOf(test)
    await run(test, 'service', [shell('echo up; exec sleep 600')])
    await run(test, 'short', [shell('echo up; sleep 0.5; echo done')], { job: { Type: 'batch' } })
    await run(test, 'unwanted', [shell('exec sleep 600')])
    const { allocation } = await untilOne(test, 'service', 'run/running')
    await untilOutput(test, allocation.executionId, /^up\n$/)
    await untilOne(test, 'short', 'run/running')
    await untilOne(test, 'unwanted', 'run/running')
    await first.stop(8_000)
    expect(await livingMarks(test)).toEqual([])
    // The batch job was given the time to end; the service was not waited for.
    await untilOne(test, 'short', 'run/complete')
    const left = await untilOne(test, 'service', 'run/pending')
    expect(eventsOf(left.task)).toEqual(['Received', 'Started', 'Restarting'])
    expect(left.allocation.workerId).toBeNull()
    await deregisterServiceJob(test.context(), 'unwanted')
    expect((await allocationsOf(test, 'unwanted'))[0]).toMatchObject({ desiredStatus: 'run', clientStatus: 'pending' })

    const second = await serviceEngineOf(test)
    const again = await untilOne(test, 'service', 'run/running')
    expect(again.allocation).toMatchObject({ uuid: allocation.uuid, createIndex: allocation.createIndex })
    expect(eventsOf(again.task)).toEqual(['Received', 'Started', 'Restarting', 'Started'])
    await untilOutput(test, allocation.executionId, /^up\nup\n$/)
    await untilAllocations(test, 'unwanted', 'stop/complete')
    expect(await allocationsOf(test, 'short')).toHaveLength(1)
    await second.stop(0)
    expect(await livingMarks(test)).toEqual([])
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('of an engine that was killed are found at the next start, without a stray process', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'jobgraph-service-'))
    const database = kind === 'postgres' ? await createDatabase() : null
    const allocationsDirectory = join(directory, 'alloc')
    const runs = join(directory, 'runs')
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: database?.url ?? '',
      DATABASE_DIRECTORY: join(directory, 'database'),
      ALLOCATIONS: allocationsDirectory,
      SCRIPT: `echo up; echo "$NOMAD_ALLOC_ID" >> ${runs}; setsid sleep 600 & sleep 600`,
    }
    const child = spawn(process.execPath, [join(root, 'test/support/service-process.ts')], { env, stdio: 'pipe' })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await until('the first run', () => existsSync(runs) && said.includes('ready'), 30_000).catch((error) => {
      throw new Error(`${error}: ${said}`)
    })
    const linesOf = () => readFileSync(runs, 'utf8').trim().split('\n')
    const [uuid = ''] = linesOf()
    const isAlive = async () => [...(await findRuns()).keys()].some((token) => token.startsWith(allocationMark(uuid)))
    expect(await isAlive()).toBe(true)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended

    const faults: unknown[] = []
    const store = await openStore({
      url: database?.url ?? null,
      directory: join(directory, 'database'),
      keys: [],
      log: (_message, error) => faults.push(error),
    })
    const began = performance.now()
    const engine = await startServiceEngine({
      store,
      hostname: 'engine.test',
      allocationsDirectory,
      now: () => new Date(),
      newId: randomUUID,
      log: { debug: () => {}, info: () => {}, error: (_message, error) => faults.push(error) },
    })
    await until('the second run', () => linesOf().length === 2)
    // Long before a lease would run out.
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(linesOf()).toEqual([uuid, uuid])
    const found = () => findJobAllocations(store.db, { region: 'global', name: 'lasting' })
    const [only, ...others] = await until('the report', async () => {
      const all = await found()
      return all[0]?.taskStates?.t1?.events.length === 4 && all
    })
    expect(others).toEqual([])
    expect(only).toMatchObject({ uuid, desiredStatus: 'run', clientStatus: 'running' })
    expect(eventsOf(taskOf(only))).toEqual(['Received', 'Started', 'Restarting', 'Started'])
    expect(taskOf(only).events[2]?.restartReason).toBe('The gateway that ran it has ended')
    await engine.stop(0)
    expect(await isAlive()).toBe(false)
    expect(faults).toEqual([])
    await store.close()
    await database?.drop()
    await rm(directory, { recursive: true, force: true })
  }, 60_000)
})
