/**
 * A page of 100 jobs, each with its type, revision and latest execution, over GraphQL: the gateway beside a bare
 * handler (the floor) and PostGraphile 5 on the same rows. `npm run bench page [--jobs 1000000] [--rounds 7]
 * [--seconds 2]`. The servers take turns in one run, so that noise on the machine meets all of them; ratios are taken
 * round by round.
 */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openServer } from './database.ts'
import { type Load, load, median, type Subject, startSubject } from './load.ts'
import { ensureSeed } from './seed.ts'

const query = `query Page {
  jobs(first: 100, orderBy: { field: CREATED, direction: ASC }) {
    edges {
      node {
        ... on QueuedJob { number }
        status priority createdAt startedAt endedAt modifiedAt
        type { number name version title }
        revision { number dockerImage }
        latestExecution { number status exitCode startedAt endedAt }
      }
    }
  }
}`

/** The same in the words that PostGraphile makes of the tables. */
const postgraphileQuery = `query Page {
  jobs: allJobs(first: 100, orderBy: PRIMARY_KEY_ASC) {
    edges {
      node {
        number: rowId
        status priority createdAt startedAt endedAt modifiedAt: lastModified
        type: jobTypeByJobTypeId { number: rowId name version title }
        revision: jobTypeRevisionByJobTypeRevisionId { number: revisionNum dockerImage }
        latestExecution: executionsByJobId(first: 1, orderBy: NUMBER_DESC) {
          nodes { number status exitCode startedAt endedAt }
        }
      }
    }
  }
}`

const here = (name: string) => new URL(name, import.meta.url).pathname

async function startAll(url: string): Promise<Subject[]> {
  const body = JSON.stringify({ query })
  const subjects = [
    await startSubject('floor', here('page-floor.ts'), url, body),
    await startSubject('gateway', here('page-gateway.ts'), url, body),
  ]
  if (existsSync(here('postgraphile/node_modules'))) {
    const asked = JSON.stringify({ query: postgraphileQuery })
    subjects.push(await startSubject('PostGraphile 5', here('postgraphile/server.js'), url, asked))
  } else console.log('PostGraphile is left out: run `npm ci --prefix bench/postgraphile` to have it beside.')
  return subjects
}

/** All must say the same of the same jobs, or their speeds say nothing. */
async function checkAnswers(subjects: readonly Subject[]): Promise<void> {
  const answers = await Promise.all(subjects.map(async ({ ask }) => comparable(JSON.parse(await ask()))))
  for (const [index, { name }] of subjects.entries()) {
    if (answers[index] === answers[0] && (answers[0]?.length ?? 0) > 1000) continue
    throw new Error(`${name} and the floor disagree:\n${answers[index]?.slice(0, 600)}\n${answers[0]?.slice(0, 600)}`)
  }
}

/** The data of an answer with members in order, times as milliseconds, ids as text and lists of one as that one. */
function comparable(answer: unknown): string {
  return JSON.stringify(Reflect.get(Object(answer), 'data'), (key, inner: unknown) => {
    if (typeof inner === 'string' && key.endsWith('At')) return Date.parse(inner)
    if (key === 'number' || key === 'status') return String(inner)
    const nodes: unknown = inner === null || typeof inner !== 'object' ? undefined : Reflect.get(inner, 'nodes')
    const bare = Array.isArray(nodes) ? (nodes[0] ?? null) : inner
    if (bare === null || typeof bare !== 'object' || Array.isArray(bare)) return bare
    return Object.fromEntries(Object.entries(bare).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

type Turn = Load & { readonly postgresMs: number | null }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '2' },
    },
  })
  const server = await openServer()
  const subjects: Subject[] = []
  try {
    subjects.push(...(await startAll(await ensureSeed(server, Number(values.jobs)))))
    await checkAnswers(subjects)
    for (const subject of subjects) await load(subject, 3)
    const turns = subjects.map((): Turn[] => [])
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [index, subject] of subjects.entries()) {
        const before = server.cpuMs()
        const done = await load(subject, Number(values.seconds))
        const after = server.cpuMs()
        turns[index]?.push({ ...done, postgresMs: before === null || after === null ? null : after - before })
      }
    }
    report(subjects, turns)
  } finally {
    for (const { stop } of subjects) stop()
    await server.stop()
  }
}

function report(subjects: readonly Subject[], turns: readonly (readonly Turn[])[]): void {
  const rate = ({ requests, seconds }: Turn) => requests / seconds
  const node = ({ cpuMs, requests }: Turn) => cpuMs / requests
  const postgres = ({ postgresMs, requests }: Turn) => (postgresMs ?? Number.NaN) / requests
  const both = (turn: Turn) => node(turn) + postgres(turn)
  const floor = turns[0] ?? []
  console.log(
    '| server | requests/s | of the floor | CPU ms: Node | Postgres | both, of the floor | median ms | p99 ms |',
  )
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|')
  for (const [index, { name }] of subjects.entries()) {
    const own = turns[index] ?? []
    const against = (measure: (turn: Turn) => number) =>
      median(own.flatMap((turn, round) => (floor[round] === undefined ? [] : [measure(turn) / measure(floor[round])])))
    const wait = (share: number) =>
      median(own.map(({ waits }) => waits[Math.floor(waits.length * share)] ?? Number.NaN))
    const cells = [
      median(own.map(rate)).toFixed(0),
      against(rate).toFixed(2),
      median(own.map(node)).toFixed(2),
      median(own.map(postgres)).toFixed(2),
      against(both).toFixed(2),
      wait(0.5).toFixed(1),
      wait(0.99).toFixed(1),
    ]
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}

await main()
