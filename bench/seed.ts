/**
 * Makes databases full of jobs: `npm run bench seed [jobs …]`, by default 10000 and 1000000. Rows are made by the
 * database itself, a whole table a statement; job types come from the gateway's own resolvers.
 */
import pg from 'pg'
import { parseRegistration, registerJobType } from '../src/resolvers/job-type.ts'
import {
  type BenchServer,
  createDatabase,
  dropDatabase,
  findSeed,
  finishSeed,
  openServer,
  query,
  seedName,
} from './database.ts'
import { contextOf, createGateway, openBenchStore } from './gateway.ts'
import { registerPeriodicJobs } from './seed-service.ts'
import { type Known, type Step, seedSteps } from './seed-step.ts'

const typeNames = 25
const versions = ['1.0.0', '1.1.0']

/** The address of a seed of so many jobs, which is made where it is missing. */
export async function ensureSeed(server: BenchServer, jobs: number): Promise<string> {
  return (await findSeed(server, jobs)) ?? seed(server, jobs)
}

async function seed(server: BenchServer, jobs: number): Promise<string> {
  const begun = performance.now()
  const making = `${seedName(jobs)}_making`
  const url = await createDatabase(server, making)
  await register(url)
  await fill(url, jobs)
  await checkTallies(url)
  const made = await finishSeed(server, making, jobs)
  console.log(`${jobs} jobs in ${seconds(begun)} s`)
  return made
}

async function register(url: string): Promise<void> {
  const store = await openBenchStore(url)
  const ctx = contextOf(createGateway(store))
  for (let index = 0; index < typeNames; index += 1) {
    for (const version of versions) {
      const registration = parseRegistration({
        dockerImage: `registry.example/type-${index}:${version}`,
        manifest: manifest(index, version),
        configuration: { output_workspaces: { default: 'products' } },
        isActive: index % 10 !== 9,
        isPaused: index % 12 === 11,
        isPublished: index % 2 === 0,
        ...(index % 5 === 0 ? { maxScheduled: 10 } : {}),
      })
      // Every third type was registered again, and so has a second revision.
      for (let times = index % 3 === 0 ? 2 : 1; times > 0; times -= 1) await registerJobType(ctx, registration)
    }
  }
  await registerPeriodicJobs(ctx)
  await store.close()
}

function manifest(index: number, version: string) {
  return {
    seedVersion: '1.0.0',
    job: {
      name: `type-${index}`,
      jobVersion: version,
      packageVersion: '1.0.0',
      title: `Type ${index}`,
      description: 'Cuts a scene into tiles.',
      maintainer: { name: 'Ada Ruiz', email: 'ada@tile.test' },
      timeout: 3600,
      tags: ['seeded', `group-${index % 5}`],
      resources: { scalar: [{ name: 'cpus', value: 1 }] },
      interface: {
        command: '/bin/true',
        inputs: {
          files: [{ name: 'SCENE', required: false, multiple: true }],
          json: [{ name: 'ZOOM', type: 'integer', required: false }],
        },
        outputs: { files: [{ name: 'TILES', pattern: '*.tif', multiple: true, required: false }] },
      },
      errors: [
        { code: 3, name: 'bad-scene', title: 'Bad scene', category: 'data' },
        { code: 4, name: 'no-tile', title: 'No tile', category: 'job' },
      ],
    },
  }
}

/** Fills the tables with their indexes away, and with foreign keys unchecked where this user may ask for that. */
async function fill(url: string, jobs: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`set timezone = 'UTC'; set work_mem = '128MB'`)
    await client.query(`set session_replication_role = replica`).catch(() => console.log('(foreign keys are checked)'))
    const known = await findKnown(client)
    for (const step of seedSteps(jobs, known)) await run(client, step)
  } finally {
    await client.end()
  }
}

async function run(client: pg.Client, step: Step): Promise<void> {
  const begun = performance.now()
  let rows = 0
  for (const statement of step.statements) rows += (await client.query(statement)).rowCount ?? 0
  console.log(`  ${step.name.padEnd(22)} ${String(rows).padStart(9)} rows ${seconds(begun).padStart(7)} s`)
}

async function findKnown(client: pg.Client): Promise<Known> {
  const types = await client.query<{ id: string; name: string; revisions: string[] }>(
    `select t.id, t.name, array_agg(r.id order by r.id) as revisions from job_type t
     join job_type_revision r on r.job_type_id = t.id where t.family = 'queued' group by t.id order by t.id`,
  )
  const errors = await client.query<{ id: string; category: string }>(`select id, category from job_error order by id`)
  const periodic = await client.query<{ id: string }>(`select job_id as id from service_job order by job_id`)
  const head = await client.query<{ value: string }>(`select value from change_index`)
  const indexes = await client.query<{ name: string; definition: string }>(
    `select c.relname as name, pg_get_indexdef(c.oid) as definition from pg_index i
     join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
     where t.relnamespace = 'public'::regnamespace
       and t.relname in ('job', 'execution', 'workspace_file', 'job_input_file', 'log_stream', 'log_chunk', 'change')
       and not exists (select from pg_constraint k where k.conindid = i.indexrelid)`,
  )
  return {
    types: types.rows,
    errors: errors.rows,
    periodic: periodic.rows,
    indexes: indexes.rows,
    head: Number(head.rows[0]?.value ?? 0),
  }
}

/** Makes sure that the tallies, which the database's own triggers kept, tell the truth. */
async function checkTallies(url: string): Promise<void> {
  const kinds = 'family, job_type_id, status, error_id, is_superseded'
  await agree(
    url,
    `select ${kinds}, sum(n) from job_tally group by ${kinds} having sum(n) <> 0`,
    `select ${kinds}, count(*) from job group by ${kinds}`,
  )
  await agree(
    url,
    `select value, sum(n) from job_tally_value where dimension = 'source_sensor' group by 1`,
    `select source_sensor, count(*) from job where source_sensor is not null group by 1`,
  )
  await agree(
    url,
    `select bucket, sum(n) from job_tally_time where dimension = 'last_modified' group by 1`,
    `select tally_bucket(last_modified), count(*) from job where family = 'queued' group by 1`,
  )
  await agree(
    url,
    `select job_type_id, status, day, sum(n) from job_tally_day group by 1, 2, 3`,
    `select job_type_id, status, tally_day(last_status_change), count(*) from job
     where family = 'queued' and status not in ('RUNNING', 'FAILED') group by 1, 2, 3`,
  )
}

async function agree(url: string, tally: string, truth: string): Promise<void> {
  const wrong = await query(url, `(${tally} except ${truth}) union all (${truth} except ${tally})`)
  if (wrong.length > 0) throw new Error(`A tally does not agree with the jobs: ${tally}`)
}

function seconds(begun: number): string {
  return ((performance.now() - begun) / 1000).toFixed(1)
}

if (import.meta.main) {
  const asked = process.argv.slice(2).map(Number)
  const server = await openServer()
  try {
    for (const jobs of asked.length > 0 ? asked : [10_000, 1_000_000]) {
      await dropDatabase(server, seedName(jobs))
      await ensureSeed(server, jobs)
    }
  } finally {
    await server.stop()
  }
}
