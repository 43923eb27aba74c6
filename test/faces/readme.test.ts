import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GatewayProcess, startGateway } from '../support/process.ts'
import { root } from '../support/sources.ts'
import { until } from '../support/wait.ts'

type Block = { readonly kind: string; readonly text: string }

const blocks: readonly Block[] = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```([^\n]+)\n(.*?)^```$/gms),
].map((match) => ({ kind: match[1] ?? '', text: match[2] ?? '' }))

/** The examples run in their order on a fresh gateway, as a reader would run them. */
describe('the README', () => {
  const directory = mkdtempSync(join(tmpdir(), 'jobgraph-readme-test-'))
  let gateway: GatewayProcess
  beforeAll(async () => {
    gateway = await startGateway({ DATA_DIR: join(directory, 'data') })
  })
  afterAll(async () => {
    await gateway.end('SIGTERM')
    rmSync(directory, { recursive: true, force: true })
  })

  /** The port and the directory of the examples are this test's own. */
  const placed = (text: string) =>
    text.replaceAll('http://127.0.0.1:4000', gateway.url).replaceAll('/tmp/jobgraph-readme', join(directory, 'files'))

  const runs = blocks.flatMap((block, n) => (block.kind === 'sh run' ? [{ block, answer: blocks[n + 1] }] : []))

  it('has examples to run', () => {
    expect(runs.length).toBeGreaterThanOrEqual(5)
  })

  it.each(runs)('runs as printed: $block.text', ({ block, answer }) => {
    const shell = spawnSync('bash', ['-euo', 'pipefail', '-c', placed(block.text)], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(shell.stderr).toBe('')
    expect(shell.status).toBe(0)
    if (answer?.kind === 'json answer') expect(JSON.parse(shell.stdout)).toEqual(JSON.parse(answer.text))
    if (answer?.kind === 'text answer') expect(shell.stdout.trimEnd()).toBe(placed(answer.text).trimEnd())
  })

  it('has a subscription that tells what the examples did', async () => {
    const stream = blocks.find(({ kind }) => kind === 'sh stream')
    if (stream === undefined) throw new Error('no subscription')
    const shell = spawn('bash', ['-c', `exec ${placed(stream.text)}`], { stdio: ['ignore', 'pipe', 'ignore'] })
    let heard = ''
    shell.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    await until('the stream to open', () => heard.includes('cursor'))
    const queue = runs.find(({ block }) => block.text.includes('job_type_id'))
    spawnSync('bash', ['-c', placed(queue?.block.text ?? '')])
    await until('the job to be followed to its end', () => heard.includes('"to":"COMPLETED"'))
    expect([...heard.matchAll(/"to":"(\w+)"/g)].map((match) => match[1])).toEqual(['QUEUED', 'RUNNING', 'COMPLETED'])
    shell.kill()
  })
})
