// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad's references look like this.
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allocationDirectory } from '#engine/allocation-directory.ts'
import type { Engine } from '#engine/engine.ts'
import type { Allocation } from '#model/allocation.ts'
import { listLines } from '#resolvers/log.ts'
import { setAllocationLogger, setDefaultLogger } from '#resolvers/logger.ts'
import { setSecret } from '#resolvers/secret.ts'
import { deregisterServiceJob } from '#resolvers/service-job.ts'
import { replaceLogSources } from '#store/log-source.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentTask } from '../support/job-spec.ts'
import {
  allocationsDirectoryOf,
  eventsOf,
  livingMarks,
  output,
  restarts,
  run,
  serviceEngineOf,
  shell,
  untilOne,
  untilOutput,
} from '../support/service-engine.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

onBothStores('a task of an allocation', (kind) => {
  let test: TestGateway
  let engine: Engine
  beforeAll(async () => {
    test = await openTestGateway(kind)
    engine = await serviceEngineOf(test)
  })
  afterAll(async () => {
    await engine.stop(0)
    expect(await livingMarks(test)).toEqual([])
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const directoryOf = ({ uuid }: Allocation) => allocationDirectory(allocationsDirectoryOf(test), uuid)
  const job = { Type: 'batch' }
  /** Runs a batch job of one task to its end and gives what it printed, and where. */
  const complete = async (id: string, task: object, members: { job?: object; group?: object } = {}) => {
    await run(test, id, [task], { ...members, job: { ...job, ...members.job } })
    const { allocation } = await untilOne(test, id, 'run/complete')
    return { allocation, text: await output(test, allocation.executionId) }
  }
  const variables = (text: string) =>
    new Map(text.split('\n').map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)]))

  it('finds its surroundings in variables, and nothing of the gateway', async () => {
    process.env.GATEWAY_SECRET = 'not for tasks'
    const task = sentTask({
      Driver: 'exec',
      Config: { command: '/usr/bin/env', args: [] },
      Meta: { owner: 'task' },
      Env: {
        PLACE: '${NOMAD_ALLOC_INDEX} on ${node.unique.name} in ${node.datacenter} with ${attr.driver.exec}',
        UNKNOWN: '${NOMAD_NOTHING} ${attr.nothing} $HOME ${constructor}',
      },
    })
    const { allocation, text } = await complete('surroundings', task, {
      job: { Meta: { owner: 'job', team: 'red' } },
      group: { Meta: { owner: 'group', shelf: '4' } },
    })
    const directory = directoryOf(allocation)
    const found = variables(text)
    expect(found.get('GATEWAY_SECRET')).toBeUndefined()
    expect(Object.fromEntries(found)).toMatchObject({
      NOMAD_ALLOC_ID: allocation.uuid,
      NOMAD_ALLOC_NAME: 'surroundings.g1[0]',
      NOMAD_ALLOC_INDEX: '0',
      NOMAD_TASK_NAME: 't1',
      NOMAD_JOB_NAME: 'surroundings',
      NOMAD_ALLOC_DIR: directory.shared,
      NOMAD_TASK_DIR: directory.local('t1'),
      NOMAD_CPU_LIMIT: '50',
      NOMAD_MEMORY_LIMIT: '10',
      NOMAD_META_OWNER: 'task',
      NOMAD_META_SHELF: '4',
      NOMAD_META_TEAM: 'red',
      PLACE: '0 on engine.test in dc1 with 1',
      UNKNOWN: '${NOMAD_NOTHING} ${attr.nothing} $HOME ${constructor}',
    })
    for (const name of ['logs', 'tmp', 'data'])
      expect((await stat(join(directory.shared, name))).isDirectory()).toBe(true)
    delete process.env.GATEWAY_SECRET
  })

  it('is started by its argv, without a shell, with references to its variables replaced', async () => {
    const args = ['%s|', 'a b', '$HOME', '`id`', '${WORD}', '${NOMAD_TASK_NAME};', '*']
    const task = sentTask({ Config: { command: 'printf', args }, Env: { WORD: 'two words' } })
    expect((await complete('argv', task)).text).toBe('a b|$HOME|`id`|two words|t1;|*|')
  })

  it('gets secrets in its Env, and is not started where one is missing', async () => {
    await setSecret(test.context(), 'db.main', { password: 'p${NOMAD_TASK_NAME}w' })
    const task = (key: string) => shell('printf %s "$URL"', { Env: { URL: `u:\${secret.db.main.${key}}@h` } })
    expect((await complete('secretive', task('password'))).text).toBe('u:p${NOMAD_TASK_NAME}w@h')
    await run(test, 'forgetful', [task('user')], { job })
    const failed = await untilOne(test, 'forgetful', 'run/failed')
    expect(eventsOf(failed.task)).toEqual(['Received', 'Driver Failure', 'Not Restarting'])
    expect(failed.task.events[1]?.driverError).toMatch(/there is no secret db\.main\.user$/)
  })

  it('gets the ports that it asks for, free ones where it names none, and keeps them when it is restarted', async () => {
    const network = { Device: '', CIDR: '', IP: '', MBits: 1 }
    const ports = {
      ReservedPorts: [{ Label: 'fixed', Value: 21_234 }],
      DynamicPorts: [{ Label: 'http' }, { Label: 'rpc' }],
    }
    const Resources = { CPU: 50, MemoryMB: 10, DiskMB: 10, IOPS: 0, Networks: [{ ...network, ...ports }] }
    const group = { RestartPolicy: restarts(1, 60, 0.01, 'fail') }
    await run(test, 'ports', [shell('env | grep NOMAD_.*_; exit 1', { Resources })], { job, group })
    const { allocation } = await untilOne(test, 'ports', 'run/failed')
    const lines = (await output(test, allocation.executionId))
      .split('\n')
      .filter((line) => /_(fixed|http|rpc)=/.test(line))
    expect(lines).toHaveLength(18)
    expect(lines.slice(0, 9).toSorted()).toEqual(lines.slice(9).toSorted())
    const found = variables(lines.join('\n'))
    expect(found.get('NOMAD_ADDR_fixed')).toBe('127.0.0.1:21234')
    const [http, rpc] = [found.get('NOMAD_PORT_http'), found.get('NOMAD_PORT_rpc')]
    expect(Number(http)).toBeGreaterThan(1_023)
    expect(http).not.toBe(rpc)
    expect(found.get('NOMAD_IP_http')).toBe('127.0.0.1')
  })

  it('has every byte that it prints kept, whatever the bytes', async () => {
    const script = 'head -c 3000000 /dev/urandom | tee $NOMAD_TASK_DIR/copy; echo seen >&2'
    const { allocation, text } = await complete('bytes', shell(script))
    const written = await readFile(join(directoryOf(allocation).local('t1'), 'copy'))
    expect(written).toHaveLength(3_000_000)
    expect(Buffer.from(text, 'latin1').equals(written)).toBe(true)
    expect(await output(test, allocation.executionId, 't1', 'stderr')).toBe('seen\n')
  })

  it('has the beginning of a line seen before its end, as a piece with a number of its own', async () => {
    const script =
      'printf "first\\nhalf "; until test -e $NOMAD_TASK_DIR/go; do sleep 0.05; done; printf "whole\\nlast"'
    await run(test, 'prompt', [shell(script)], { job })
    const { allocation } = await untilOne(test, 'prompt', 'run/running')
    const began = performance.now()
    await untilOutput(test, allocation.executionId, /^first\nhalf $/)
    expect(performance.now() - began).toBeLessThan(2_000)
    await writeFile(join(directoryOf(allocation).local('t1'), 'go'), '')
    await untilOne(test, 'prompt', 'run/complete')
    const lines = await listLines(test.context(), { executionId: allocation.executionId, limit: 10 })
    expect(lines.map(({ order, byteOffset, bytes }) => [order, byteOffset, Buffer.from(bytes).toString()])).toEqual([
      [1, 0, 'first\n'],
      [2, 6, 'half '],
      [3, 11, 'whole\n'],
      [4, 17, 'last'],
    ])
  })

  it('reads the levels of its loggers from a file that follows them', async () => {
    await replaceLogSources(test.store, [
      { id: 'talk', job: 'logging', taskGroup: 'g1', task: 't1', fileName: 'stdout', hasLevel: true },
    ])
    const script = 'while :; do tr -d "\\n " < $NOMAD_ALLOC_DIR/loggers.json; echo; sleep 0.05; done'
    await run(test, 'logging', [shell(script)])
    const { allocation } = await untilOne(test, 'logging', 'run/running')
    await untilOutput(test, allocation.executionId, /\{"talk":"info"\}\n$/)
    const change = async (act: Promise<unknown>, seen: RegExp) => {
      await act
      const began = performance.now()
      await untilOutput(test, allocation.executionId, seen)
      expect(performance.now() - began).toBeLessThan(1_500)
    }
    await change(setDefaultLogger(test.context(), 'talk', 'debug'), /\{"talk":"debug"\}\n$/)
    await change(setAllocationLogger(test.context(), allocation.uuid, 'talk', 'error'), /\{"talk":"error"\}\n$/)
    await change(setAllocationLogger(test.context(), allocation.uuid, 'talk', ''), /\{"talk":"debug"\}\n$/)
    await deregisterServiceJob(test.context(), 'logging')
    await untilOne(test, 'logging', 'stop/complete')
  })

  it('is ended with its whole tree when its KillTimeout is over', async () => {
    const script = 'trap "" TERM; setsid sh -c "trap \\"\\" TERM; sleep 600" & echo up; while :; do sleep 600; done'
    await run(test, 'stubborn', [shell(script, { KillTimeout: 2e8, User: 'nobody' })])
    const { allocation, task } = await untilOne(test, 'stubborn', 'run/running')
    expect(task.events[1]?.message).toContain('nobody')
    await untilOutput(test, allocation.executionId, /up/)
    await deregisterServiceJob(test.context(), 'stubborn')
    await untilOne(test, 'stubborn', 'stop/complete')
    await until('its processes to be gone', async () => (await livingMarks(test)).length === 0)
  })
})
