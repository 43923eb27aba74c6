import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { type Containment, detectContainment, listContainments, processGroup } from '#engine/drivers/containment.ts'
import { startProcess } from '#engine/drivers/process.ts'
import { findRuns, sweep } from '#engine/drivers/tree.ts'

const detected = await detectContainment()
const working: Containment[] = []
for (const one of await listContainments()) if ((await detectContainment([one])).name === one.name) working.push(one)
const driver = new URL('../../src/engine/drivers/process.ts', import.meta.url).href
const tokens: string[] = []
const gateways: ChildProcess[] = []

afterEach(async () => {
  for (const gateway of gateways.splice(0)) gateway.kill('SIGKILL')
  for (const token of tokens.splice(0)) await sweep(token)
})

/** A process of its own that starts one run whose command has a grandchild and one more in a session of its own. */
async function startGateway(containment: Containment): Promise<{ gateway: ChildProcess; token: string }> {
  const token = `test-${crypto.randomUUID()}`
  tokens.push(token)
  const options = {
    argv: ['sh', '-c', 'sleep 60 & setsid sleep 60 & echo up; sleep 60; :'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    cwd: '/',
    token,
    timeoutMs: null,
    containment,
  }
  const script = `
    import { startProcess } from ${JSON.stringify(driver)}
    await startProcess({ ...${JSON.stringify(options)}, onOutput: (_, chunk) => process.stdout.write(chunk) })`
  const gateway = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  gateways.push(gateway)
  if (gateway.stdout !== null) await once(gateway.stdout, 'data')
  return { gateway, token }
}

const alive = async (token: string) => (await findRuns()).get(token)?.length ?? 0

describe.each(working)('when the gateway is killed with -9, runs in a $name', (containment) => {
  test('end with it, or are found and ended by the sweep of the next start', async () => {
    const { gateway, token } = await startGateway(containment)
    // A process that is amid its exec has no environment to be found by.
    await expect.poll(() => alive(token), { timeout: 5_000 }).toBeGreaterThanOrEqual(4)
    gateway.kill('SIGKILL')
    await once(gateway, 'exit')
    if (containment.onGatewayDeath === 'all') {
      await expect.poll(() => alive(token), { timeout: 5_000 }).toBe(0)
    } else {
      await expect.poll(() => alive(token), { timeout: 5_000 }).toBeGreaterThanOrEqual(2)
      expect(await sweep(token)).toEqual([])
      expect(await alive(token)).toBe(0)
    }
  })

  test('a sweep leaves other runs alone', async () => {
    const [one, other] = [await startGateway(containment), await startGateway(containment)]
    for (const { token } of [one, other])
      await expect.poll(() => alive(token), { timeout: 5_000 }).toBeGreaterThanOrEqual(4)
    await sweep(one.token)
    expect(await alive(one.token)).toBe(0)
    expect(await alive(other.token)).toBeGreaterThanOrEqual(4)
  })
})

test('the strongest containment comes first, and one always works', async () => {
  const names = (await listContainments()).map(({ name }) => name)
  expect(working[0]).toEqual(detected)
  expect(names.at(-1)).toBe('process-group')
  expect(await listContainments('/nowhere')).toEqual([processGroup])
})

test.runIf(detected.isolated)('a run sees its own processes only, and leaves no mount behind', async () => {
  const before = await readFile('/proc/self/mountinfo', 'utf8')
  let output = ''
  let during = ''
  const run = await startProcess({
    argv: ['sh', '-c', 'echo $(ls /proc | grep -c "^[0-9]")'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: tmpdir(),
    token: `test-${crypto.randomUUID()}`,
    timeoutMs: 10_000,
    containment: detected,
    onOutput: async (_, chunk) => {
      output += chunk
      during = await readFile('/proc/self/mountinfo', 'utf8')
    },
  })
  await run.result
  if (detected.name !== 'user-namespace-host-proc') expect(Number(output)).toBeLessThan(8)
  expect([during, await readFile('/proc/self/mountinfo', 'utf8')]).toEqual([before, before])
})

test.runIf(detected.isolated)(
  'a wrapper that fails is a fault of the system, not an exit code of the command',
  async () => {
    const prefix = detected.prefix.map((word) => (word === '--fork' ? '--no-such-option' : word))
    const run = await startProcess({
      argv: ['true'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: tmpdir(),
      token: `test-${crypto.randomUUID()}`,
      timeoutMs: 10_000,
      containment: { ...detected, prefix },
      onOutput: () => {},
    })
    expect((await run.result).error).toMatch(/never started/)
  },
)
