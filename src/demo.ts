import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, createContext, type Gateway } from '#resolvers/context.ts'
import { listJobs, queueJob } from '#resolvers/job.ts'
import { parseRegistration, registerJobType } from '#resolvers/job-type.ts'
import { registerFile, registerWorkspace } from '#resolvers/workspace.ts'
import { findJobType } from '#store/job-type.ts'

/** A demonstration under way. */
export type Demo = { readonly stop: () => Promise<void> }

const everyMs = 2_000
/** More waiting jobs than this are not made: the demonstration shows life, not load. */
const enoughJobs = 6

const texts: Readonly<Record<string, string>> = {
  'harbour.txt': 'The harbour was quiet. Two boats came in before noon,\nand one more after the rain had stopped.\n',
  'market.txt': 'On market days the square fills early.\nBread first, then flowers, then the fish from the coast.\n',
  'night.txt': 'By ten the lamps were out.\nOnly the mill still turned, and the river under it.\n',
}

/** Registers a few sample job types and keeps small real jobs of them running, so that a first look shows life. */
export async function startDemo(gateway: Gateway): Promise<Demo> {
  const signal = new AbortController().signal
  const context = () => createContext(gateway, signal)
  const fileIds = await registerTexts(context(), gateway.workspacesDirectory)
  const types = await registerTypes(context())
  let turn = 0
  let queueing: Promise<void> = Promise.resolve()
  const queueNext = async () => {
    const active = await listJobs(
      context(),
      { statuses: ['QUEUED', 'RUNNING'] },
      { after: null, direction: 'desc', limit: enoughJobs },
    )
    if (active.jobs.length >= enoughJobs) return
    const type = types[turn % types.length]
    const fileId = fileIds[turn % fileIds.length]
    turn += 1
    if (type === undefined || fileId === undefined) return
    await queueJob(context(), { jobTypeId: type.id, input: type.input(fileId, turn) })
  }
  const timer = setInterval(() => {
    queueing = queueNext().catch((error: unknown) =>
      gateway.log.error('The demonstration could not queue a job', error),
    )
  }, everyMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await queueing
    },
  }
}

async function registerTexts(ctx: Context, workspacesDirectory: string): Promise<number[]> {
  const directory = join(workspacesDirectory, 'demo')
  await mkdir(directory, { recursive: true })
  await registerWorkspace(ctx, { name: 'demo', title: 'Demonstration', directory })
  const ids: number[] = []
  for (const [name, text] of Object.entries(texts)) {
    await writeFile(join(directory, name), text)
    ids.push((await registerFile(ctx, { workspace: 'demo', path: name })).id)
  }
  return ids
}

type DemoType = { readonly id: number; readonly input: (fileId: number, turn: number) => unknown }

async function registerTypes(ctx: Context): Promise<DemoType[]> {
  const wordCount = await register(ctx, 'word-count', 'Counts the words of a text', {
    command: `sh -c 'echo "reading $TEXT"; sleep 1; words=$(wc -w < "$TEXT"); echo "words,$words" > "$OUTPUT_DIR/count.csv"; echo "counted $words words"; printf "{\\"words\\": %d}" "$words" > "$OUTPUT_DIR/seed.outputs.json"'`,
    inputs: { files: [{ name: 'TEXT', mediaTypes: ['text/plain'] }] },
    outputs: {
      files: [{ name: 'COUNT', pattern: '*.csv', mediaType: 'text/csv' }],
      json: [{ name: 'words', type: 'integer' }],
    },
  })
  const countdown = await register(ctx, 'countdown', 'Counts down, one line a second', {
    command: `sh -c 'for n in $(seq "$FROM" -1 1); do echo "$n"; sleep 1; done; echo "warning: nothing left to count" >&2'`,
    inputs: { json: [{ name: 'FROM', type: 'integer' }] },
  })
  const coin = await register(ctx, 'coin', 'Fails on every other turn, with a mapped error', {
    command: `sh -c 'echo "turn $TURN"; test $((TURN % 2)) -eq 0 || { echo "tails" >&2; exit 3; }'`,
    inputs: { json: [{ name: 'TURN', type: 'integer' }] },
  })
  return [
    { id: wordCount, input: (fileId) => ({ files: { TEXT: [fileId] } }) },
    { id: countdown, input: (_fileId, turn) => ({ json: { FROM: 3 + (turn % 6) } }) },
    { id: coin, input: (_fileId, turn) => ({ json: { TURN: turn } }) },
  ]
}

async function register(ctx: Context, name: string, title: string, contract: object): Promise<number> {
  const known = await findJobType(ctx.store.db, 'queued', name, '1.0.0')
  if (known !== null) return known.id
  const registration = parseRegistration({
    dockerImage: `demo/${name}:1.0.0`,
    configuration: { output_workspaces: { default: 'demo' } },
    manifest: {
      seedVersion: '1.0.0',
      job: {
        name,
        jobVersion: '1.0.0',
        packageVersion: '1.0.0',
        title,
        description: `${title}. Registered by --demo.`,
        maintainer: { name: 'Jobgraph', email: 'demo@jobgraph.invalid' },
        timeout: 60,
        tags: ['demo'],
        interface: contract,
        errors: [{ code: 3, name: 'tails', title: 'Tails', description: 'The coin showed tails.', category: 'data' }],
      },
    },
  })
  return (await registerJobType(ctx, registration)).jobType.id
}
