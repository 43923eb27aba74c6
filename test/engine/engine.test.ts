import { existsSync, readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Engine } from '#engine/engine.ts'
import { isObject } from '#model/json.ts'
import { cancelJobs } from '#resolvers/job.ts'
import { listLines } from '#resolvers/log.ts'
import { engineOf, placeFile, queue, registerCommand, untilStatus } from '../support/factory.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { until } from '../support/wait.ts'

const wordCount = `sh -c 'echo "reading $TEXT"; test -s "$TEXT" || { echo "nothing to count" >&2; exit 3; }
words=$(wc -w < "$TEXT"); echo "words,$words" > "$OUTPUT_DIR/count.csv"
echo "careful" >&2; printf "{\\"words\\": %d}" "$words" > "$OUTPUT_DIR/seed.outputs.json"'`

const contract = {
  inputs: { files: [{ name: 'TEXT', mediaTypes: ['text/plain'] }] },
  outputs: {
    files: [{ name: 'COUNT', pattern: '*.csv', mediaType: 'text/csv' }],
    json: [{ name: 'words', type: 'integer' }],
  },
}
const errors = [{ code: 3, name: 'empty-input', title: 'Empty', description: 'Nothing to count', category: 'data' }]

onBothStores('the engine', (kind) => {
  let test: TestGateway
  let engine: Engine
  beforeAll(async () => {
    test = await openTestGateway(kind)
    engine = await engineOf(test)
  })
  afterAll(async () => {
    await engine.stop(0)
    await test.close()
    expect(test.bugs).toEqual([])
  })

  const registerWordCount = () =>
    registerCommand(test, 'word-count', wordCount, {
      contract,
      job: { errors },
      request: { configuration: { output_workspaces: { default: 'results' } } },
    })
  const latest = async (jobId: number) => {
    const execution = await test.context().loaders.latestExecution.load(jobId)
    if (execution === null) throw new Error('no execution')
    return execution
  }

  it('runs a job on a real file, keeps what it wrote and what it printed', async () => {
    const type = await registerWordCount()
    const fileId = await placeFile(test, 'poem.txt', 'one two three\nfour\n')
    const job = await queue(test, type, { files: { TEXT: [fileId] } })
    expect(job).toMatchObject({ status: 'QUEUED', numExes: 1, inputFileSize: 1 })
    const done = await untilStatus(test, job.id, 'COMPLETED', 'FAILED')
    expect(done).toMatchObject({ status: 'COMPLETED', errorId: null, numExes: 1 })
    const output = done.output
    if (!isObject(output) || !isObject(output.files)) throw new Error('no output')
    expect(output.json).toEqual({ words: 4 })
    const [outputId] = output.files.COUNT as number[]
    const file = await test.context().loaders.file.load(outputId ?? 0)
    expect(file).toMatchObject({ fileName: 'count.csv', mediaType: 'text/csv', fileType: 'PRODUCT', jobId: job.id })
    const path = join(test.gateway.workspacesDirectory, 'results', file?.filePath ?? '')
    expect(readFileSync(path, 'utf8')).toMatch(/^words,\s*4\n$/)
    const execution = await latest(job.id)
    expect(execution).toMatchObject({ status: 'COMPLETED', number: 1, exitCode: 0, timeoutSeconds: 120 })
    const lines = await listLines(test.context(), { executionId: execution.id, limit: 100 })
    expect(lines.map((line) => [line.order, line.stream])).toEqual([
      [1, 'stdout'],
      [2, 'stderr'],
    ])
    expect(Buffer.from(lines[1]?.bytes ?? []).toString()).toBe('careful\n')
    const scratch = join(test.directory, 'scratch', `${execution.id}-1`)
    await until('the scratch directory to go', () => !existsSync(scratch))
  })

  it('maps an exit code to the error that the manifest names', async () => {
    const type = await registerWordCount()
    const fileId = await placeFile(test, 'empty.txt', '')
    const job = await queue(test, type, { files: { TEXT: [fileId] } })
    const done = await untilStatus(test, job.id, 'FAILED', 'COMPLETED')
    const error = await test.context().loaders.error.load(done.errorId ?? 0)
    expect(error).toMatchObject({ name: 'empty-input', jobTypeName: 'word-count', category: 'DATA' })
    expect(await latest(job.id)).toMatchObject({ status: 'FAILED', exitCode: 3 })
  })

  it('ends a job that runs longer than its manifest allows', async () => {
    const type = await registerCommand(test, 'sleeper', 'sleep 600', { job: { timeout: 1 } })
    const job = await queue(test, type)
    const done = await untilStatus(test, job.id, 'FAILED')
    expect(await test.context().loaders.error.load(done.errorId ?? 0)).toMatchObject({ name: 'timeout' })
    expect(await latest(job.id)).toMatchObject({ status: 'FAILED', exitCode: null })
  })

  it('cancels a running job with its whole tree, a grandchild in its own session included', async () => {
    const pidFile = join(test.directory, 'grandchild.pid')
    const command = `sh -c 'setsid sh -c "echo \\$\\$ > ${pidFile}; exec sleep 600" & echo up; wait'`
    const type = await registerCommand(test, 'stubborn', command)
    const job = await queue(test, type)
    await until('the grandchild', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '')
    expect(await cancelJobs(test.context(), { ids: [job.id] })).toEqual({ changed: 1, pending: false })
    const canceled = await untilStatus(test, job.id, 'CANCELED')
    expect(canceled.nodeId).toBeNull()
    expect(await latest(job.id)).toMatchObject({ status: 'CANCELED' })
    // Inside its namespace the pid is another, so the marker in the environment is what counts.
    const scratch = join(test.directory, 'scratch', `${(await latest(job.id)).id}-1`)
    await until('the scratch directory to go', () => !existsSync(scratch))
  })

  it('fails a job whose command cannot be started, and says why in its log', async () => {
    const type = await registerCommand(test, 'missing-program', '/no/such/program')
    const job = await queue(test, type)
    const done = await untilStatus(test, job.id, 'FAILED')
    expect(await test.context().loaders.error.load(done.errorId ?? 0)).toMatchObject({
      name: 'launch',
      category: 'SYSTEM',
    })
    const lines = await listLines(test.context(), { executionId: (await latest(job.id)).id, limit: 10 })
    expect(Buffer.from(lines[0]?.bytes ?? []).toString()).toContain('/no/such/program')
  })

  it('fails a job that lacks a mount, a setting or a file, by the name of what it lacks', async () => {
    const poem = await placeFile(test, 'lost.txt', 'one')
    const torn = await placeFile(test, 'deleted.txt', 'two')
    unlinkSync(join(test.directory, 'files', 'lost.txt'))
    await test.store.db
      .updateTable('workspace_file')
      .set({ is_deleted: true, deleted_at: new Date().toISOString() })
      .where('id', '=', torn)
      .execute()
    const needs = {
      mounts: [{ name: 'REF', path: '/ref' }],
      settings: [{ name: 'REGION' }],
      inputs: { files: [{ name: 'TEXT', required: false }] },
    }
    const type = await registerCommand(test, 'needy', 'true', { contract: needs })
    const mounts = { REF: { type: 'host', host_path: '/data/ref' } }
    const settings = { REGION: 'eu' }
    const ends: [configuration: object, files: object][] = [
      [{ settings }, {}],
      [{ mounts }, {}],
      [{ mounts, settings }, { TEXT: [poem] }],
      [{ mounts, settings }, { TEXT: [torn] }],
      [{ mounts, settings }, {}],
    ]
    const found: unknown[] = []
    for (const [configuration, files] of ends) {
      const job = await queue(test, type, { files, json: {} }, configuration)
      const { status, errorId, numExes } = await untilStatus(test, job.id, 'FAILED', 'COMPLETED')
      const error = errorId === null ? null : await test.context().loaders.error.load(errorId)
      found.push([status, numExes, error?.name, error?.category])
    }
    expect(found).toEqual([
      ['FAILED', 1, 'missing-mount', 'SYSTEM'],
      ['FAILED', 1, 'missing-setting', 'SYSTEM'],
      ['FAILED', 1, 'missing-file', 'SYSTEM'],
      ['FAILED', 1, 'deleted-file', 'SYSTEM'],
      ['COMPLETED', 1, undefined, undefined],
    ])
  })
})
