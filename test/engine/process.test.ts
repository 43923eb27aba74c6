import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Containment, detectContainment, processGroup } from '#engine/drivers/containment.ts'
import { createLineFramer, lineText } from '#engine/drivers/line.ts'
import { createOutputCap } from '#engine/drivers/output-cap.ts'
import { type ProcessOptions, type ProcessResult, startProcess } from '#engine/drivers/process.ts'
import { findRuns } from '#engine/drivers/tree.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jobgraph-test-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const detected = await detectContainment()
const env = { PATH: '/usr/local/bin:/usr/bin:/bin' }

const start = (argv: readonly string[], containment: Containment, options: Partial<ProcessOptions> = {}) =>
  startProcess({
    argv,
    containment,
    env,
    cwd: dir,
    token: `test-${crypto.randomUUID()}`,
    timeoutMs: 15_000,
    onOutput: () => {},
    ...options,
  })

type Finished = ProcessResult & { readonly stdout: string; readonly stderr: string }

async function finish(argv: readonly string[], containment: Containment, options: Partial<ProcessOptions> = {}) {
  const output = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  const run = await start(argv, containment, {
    onOutput: (stream, chunk) => {
      output[stream] = Buffer.concat([output[stream], chunk])
    },
    ...options,
  })
  const finished: Finished = {
    ...(await run.result),
    stdout: output.stdout.toString('latin1'),
    stderr: output.stderr.toString('latin1'),
  }
  return finished
}

const sh = (script: string) => ['sh', '-c', script]

/** Starts a script that prints "up" when it is ready, and waits for that. */
async function startUp(script: string, containment: Containment, options: Partial<ProcessOptions> = {}) {
  const up = Promise.withResolvers<void>()
  const token = `test-${crypto.randomUUID()}`
  const run = await start(sh(script), containment, { token, onOutput: () => up.resolve(), ...options })
  await Promise.race([up.promise, run.result])
  return { ...run, token }
}

describe.each([detected, processGroup])('in a $name', (containment) => {
  test('a command ends with its own exit code, its streams apart', async () => {
    const done = await finish(sh('echo out; echo err >&2; exit 3'), containment)
    expect(done).toMatchObject({ exitCode: 3, signal: null, timedOut: false, killed: false, killReason: null })
    expect([done.stdout, done.stderr, done.error]).toEqual(['out\n', 'err\n', undefined])
    expect(done.endedAt.getTime()).toBeGreaterThanOrEqual(done.startedAt.getTime())
  })

  test('arguments arrive as they are, and no shell reads them', async () => {
    const odd = ['a b', '', '$HOME', '$(id)', '; rm', "'", '\n', 'é', '-c']
    const done = await finish(['sh', '-c', 'for a in "$@"; do printf "<%s>" "$a"; done', 'sh', ...odd], containment)
    expect(Buffer.from(done.stdout, 'latin1').toString()).toBe(odd.map((text) => `<${text}>`).join(''))
  })

  test('a signal shows as 128 + n and by name, and the log holds no word of a wrapper', async () => {
    const done = await finish(sh('kill -SEGV $$'), containment)
    expect(done).toMatchObject({ exitCode: 139, signal: 'SIGSEGV', killed: false, stderr: '' })
  })

  test('the environment is what was given and nothing else', async () => {
    process.env.DATABASE_URL = 'postgres://secret'
    const done = await finish(['env'], containment, {
      env: { ...env, GIVEN: 'x y', '2D-IMAGE': '/in' },
      token: 'test-env',
    })
    const names = done.stdout.split('\n').map((line) => line.split('=')[0])
    expect(new Set(names)).toEqual(new Set(['PATH', 'GIVEN', '2D-IMAGE', 'JOBGRAPH_RUN', '']))
    expect(done.stdout).toContain('GIVEN=x y\n')
    expect(done.stdout).not.toContain('secret')
  })

  test('stdin is empty, and /dev/stdout and /dev/stderr can be opened', async () => {
    const done = await finish(sh('cat; echo out >/dev/stdout; echo err >/dev/stderr'), containment)
    expect(done).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' })
  })

  test('a time limit stops the command: first asked, then forced', async () => {
    const asked = await finish(sh('trap "echo bye; exit 9" TERM; while :; do sleep 60 & wait; done'), containment, {
      timeoutMs: 200,
    })
    expect(asked).toMatchObject({ exitCode: 9, timedOut: true, killed: false, stdout: 'bye\n' })
    const forced = await finish(sh('trap "" TERM; while :; do sleep 60; done'), containment, {
      timeoutMs: 200,
      killGraceMs: 100,
    })
    expect(forced).toMatchObject({ exitCode: 137, signal: 'SIGKILL', timedOut: true })
  })

  test('a plain command dies of the first, polite signal', async () => {
    const done = await finish(['sleep', '60'], containment, { timeoutMs: 200, killGraceMs: 60_000 })
    expect(done).toMatchObject({ exitCode: 143, signal: 'SIGTERM', timedOut: true })
  })

  test('the polite signal reaches a command that went into a session of its own', async () => {
    // The command takes longer to end than `setsid`, which leads the tree.
    const script = 'trap "sleep 0.3; echo bye; exit 9" TERM; echo up; while :; do sleep 60 & wait; done'
    let output = ''
    const up = Promise.withResolvers<void>()
    const run = await start(['setsid', '-w', ...sh(script)], containment, {
      onOutput: (_, chunk) => {
        output += chunk
        up.resolve()
      },
    })
    await up.promise
    await run.kill('cancelled', 60_000)
    expect(output).toBe('up\nbye\n')
  })

  test('kill ends the whole tree, sessions and wiped environments included', async () => {
    const mark = `61.${Date.now()}`
    const script = `trap "" TERM; (setsid sleep ${mark} &) ; env -i /bin/sh -c 'setsid -w sleep ${mark}; :' & setsid sh -c 'echo up; sleep ${mark}; :' & wait`
    const run = await startUp(script, containment)
    await expect.poll(() => processesWith(mark), { timeout: 5_000 }).toBeGreaterThanOrEqual(5)
    await run.kill('cancelled', 0)
    expect(await run.result).toMatchObject({ exitCode: 137, killed: true, killReason: 'cancelled', timedOut: false })
    expect(await processesWith(mark)).toBe(0)
    expect((await findRuns()).has(run.token)).toBe(false)
  })

  test('a second kill with less grace does not wait for the first', async () => {
    const run = await startUp('trap "" TERM; echo up; while :; do sleep 60; done', containment)
    const slow = run.kill('cancelled', 600_000)
    await run.kill('shutdown', 0)
    await slow
    expect(await run.result).toMatchObject({ killed: true, killReason: 'cancelled', signal: 'SIGKILL' })
  })

  test('a stray that keeps the output open ends with the command', async () => {
    const run = await startUp('setsid sh -c "echo up; sleep 60; echo late" & sleep 0.1; exit 4', containment)
    expect(await run.result).toMatchObject({ exitCode: 4, killed: false })
    expect((await findRuns()).has(run.token)).toBe(false)
  })

  test('a stray in the group that wiped its environment ends with the command too', async () => {
    const mark = `62.${Date.now()}`
    const run = await start(sh(`env -i sleep ${mark} & exit 4`), containment)
    expect(await run.result).toMatchObject({ exitCode: 4 })
    expect(await processesWith(mark)).toBe(0)
  })

  test('a kill after the end changes nothing', async () => {
    const run = await start(['true'], containment)
    await run.result
    await run.kill('too late')
    expect(await run.result).toMatchObject({ exitCode: 0, killed: false, killReason: null })
  })

  test('what cannot be started is told, not thrown', async () => {
    await writeFile(join(dir, 'plain'), 'x')
    await writeFile(join(dir, 'program'), '#!/bin/sh\necho $0', { mode: 0o755 })
    const refused = async (argv: string[], options: Partial<ProcessOptions> = {}) => {
      const done = await finish(argv, containment, options)
      expect(done).toMatchObject({ exitCode: null, signal: null, killed: false, timedOut: false })
      return done.error
    }
    expect(await refused([])).toBe('no command')
    expect(await refused([''])).toMatch(/empty/)
    expect(await refused(['no-such-program'])).toBe('Program not found: no-such-program')
    expect(await refused(['./nothing'])).toBe('Program not found: ./nothing')
    expect(await refused(['./plain'])).toMatch(/may not be executed/)
    expect(await refused([dir])).toMatch(/may not be executed/)
    expect(await refused(['true'], { env: {} })).toBe('Program not found: true')
    expect(await refused(['true', 'x'.repeat(2 ** 21)])).toMatch(/E2BIG/)
    expect(await refused(['true', 'a\0b'])).toMatch(/null bytes/)
    expect(await refused(['true'], { cwd: join(dir, 'gone') })).toMatch(/gone/)
    expect(await finish(['./program'], containment)).toMatchObject({ exitCode: 0, stdout: `${dir}/program\n` })
  })

  test('the command comes to wait while its output is not taken', async () => {
    let taken = 0
    const gate = Promise.withResolvers<void>()
    const first = Promise.withResolvers<void>()
    const token = `test-${crypto.randomUUID()}`
    const run = await start(['head', '-c', '10000000', '/dev/zero'], containment, {
      token,
      onOutput: async (_, chunk) => {
        taken += chunk.length
        first.resolve()
        await gate.promise
      },
    })
    await first.promise
    const writer = async () => {
      const stats = await Promise.all(((await findRuns()).get(token) ?? []).map(statOf))
      return stats.find((stat) => stat.includes('(head)'))?.split(') ')[1]?.[0]
    }
    // `head` never sleeps but for a pipe that is full.
    await expect.poll(writer, { timeout: 5_000 }).toBe('S')
    // One chunk: what the stream had buffered, and one read more.
    expect(taken).toBeLessThanOrEqual(131_072)
    gate.resolve()
    expect(await run.result).toMatchObject({ exitCode: 0 })
    expect(taken).toBe(10_000_000)
  })

  test('a failing taker of output ends the run', async () => {
    const run = await start(['yes'], containment, {
      onOutput: () => Promise.reject(new Error('the store is gone')),
    })
    expect(await run.result).toMatchObject({ error: 'The output could not be taken: the store is gone', killed: false })
  })
})

test('one line of 400 MB, all of it NUL, costs a fraction of that and is counted to the byte', async () => {
  const framer = createLineFramer({ maxLineBytes: 16_384 })
  const cap = createOutputCap()
  let kept = 0
  let highest = 0
  const before = process.memoryUsage().rss
  const done = await finish(['head', '-c', '400000000', '/dev/zero'], detected, {
    onOutput: (_, chunk, at) => {
      for (const line of framer.push(chunk, at)) kept += cap.push(line)?.bytes.length ?? 0
      highest = Math.max(highest, process.memoryUsage().rss)
    },
  })
  expect(done.exitCode).toBe(0)
  const last = framer.flush()
  if (last !== null) kept += cap.push(last)?.bytes.length ?? 0
  const [marker, ...tail] = cap.finish()
  kept += tail.reduce((sum, line) => sum + line.bytes.length, 0)
  expect(kept + cap.dropped()).toBe(400_000_000)
  expect(lineText(marker?.bytes ?? Buffer.alloc(0))).toBe(`[jobgraph: ${cap.dropped()} bytes dropped]`)
  expect((highest - before) / 1024 ** 2).toBeLessThan(128)
})

async function statOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
}

async function processesWith(argument: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line.includes(argument)).length
}
