import { type Periodic, serviceStatements } from './seed-service.ts'

/** The statements of a seed. Everything random follows from a row's number, so that every seed of a size is the same. */

/** What the gateway's own code made before. */
export type Known = {
  readonly types: readonly { readonly id: string; readonly name: string; readonly revisions: readonly string[] }[]
  readonly errors: readonly { readonly id: string; readonly category: string }[]
  readonly periodic: readonly Periodic[]
  /** The secondary indexes of the large tables, which are made anew once the rows are there. */
  readonly indexes: readonly { readonly name: string; readonly definition: string }[]
  /** The change index so far. */
  readonly head: number
}

/** Statements that belong together, and what is printed of them. */
export type Step = { readonly name: string; readonly statements: readonly string[] }

const nodes = 20

/** Jobs beyond this share of their numbers are recent, and many of them have yet to end. */
const settledShare = 0.9

/** All steps for so many jobs, in order. */
export function seedSteps(jobs: number, known: Known): Step[] {
  const sizes = sizesOf(jobs)
  return [
    { name: 'prepare', statements: [pick, ...known.indexes.map(({ name }) => `drop index ${name}`), ...keepTally] },
    { name: 'references', statements: references(sizes) },
    { name: 'files', statements: [files(sizes)] },
    { name: 'events', statements: [events(jobs)] },
    { name: 'jobs', statements: [jobRows(sizes, known)] },
    { name: 'input files', statements: [inputFiles(sizes)] },
    { name: 'executions', statements: [executions(known)] },
    { name: 'log streams', statements: [logStreams] },
    { name: 'log chunks', statements: [logChunks] },
    { name: 'changes', statements: changes(jobs, known.head) },
    { name: 'service jobs', statements: serviceStatements(jobs, { ...known, nodes }) },
    { name: 'indexes', statements: known.indexes.map(({ definition }) => definition) },
    { name: 'finish', statements: finish(jobs) },
    { name: 'analyze', statements: ['vacuum analyze'] },
  ]
}

type Sizes = ReturnType<typeof sizesOf>

function sizesOf(jobs: number) {
  return {
    jobs,
    settled: Math.floor(jobs * settledShare),
    files: Math.max(10, Math.floor(jobs / 10)),
    recipes: Math.max(10, Math.floor(jobs / 20)),
    batches: Math.max(5, Math.floor(jobs / 5_000)),
    collections: Math.max(5, Math.floor(jobs / 500)),
    /** How far a superseded job lies before its successor: some two days. */
    stride: Math.max(1, Math.floor(jobs / 50)),
  }
}

/** pick(row, salt, n): a number from 0 to n - 1. */
const pick = `create function pg_temp.pick(bigint, int, bigint) returns bigint immutable parallel safe language sql
  as 'select abs(hashint8extended($1, $2) % $3)'`

const tallies = ['job_tally_insert', 'job_tally_day_insert']

/**
 * The tallies' triggers fire although the session is a replica's. All jobs come in one statement, so that they leave one
 * row for each key, as the gateway's housekeeping would.
 */
const keepTally = tallies.map((name) => `alter table job enable always trigger ${name}`)

function references({ recipes, batches }: Sizes): string[] {
  return [
    `insert into node (hostname) select 'node-' || n from generate_series(1, ${nodes}) n`,
    `insert into worker (id, name, node_id) select md5(id::text)::uuid, hostname, id from node`,
    `insert into recipe_type (name, title) select 'recipe-' || n, 'Recipe ' || n from generate_series(1, 5) n`,
    `insert into recipe_type_revision (recipe_type_id, revision_num) select id, 1 from recipe_type`,
    `insert into event (type, occurred_at) values ('PARSE', now() - interval '90 days')`,
    `insert into recipe (recipe_type_id, recipe_type_revision_id, event_id, created_at)
      select 1 + n % 5, 1 + n % 5, 1, now() - interval '90 days' from generate_series(1, ${recipes}) n`,
    `insert into batch (title, created_at)
      select 'Batch ' || n, now() - interval '90 days' from generate_series(1, ${batches}) n`,
  ]
}

function files({ files }: Sizes): string {
  return `insert into workspace_file (workspace_id, file_name, file_path, file_type, media_type, file_size, created_at,
      data_started, data_ended, source_started, source_ended, source_sensor_class, source_sensor, last_modified)
    select (select min(id) from workspace), 'scene-' || n || '.tif', n % 1000 || '/scene-' || n || '.tif', 'SOURCE',
      'image/tiff', 1000000 + pg_temp.pick(n, 1, 50000000), t, t - interval '2 days', t - interval '47 hours',
      t - interval '2 days', t - interval '47 hours', 'class-' || n % 5, 'sensor-' || n % 40, t
    from generate_series(1, ${files}) n, lateral (select now() - interval '90 days' * n / ${files}) at(t)`
}

/** Event 1 belongs to the recipes, event n + 1 to job n. */
function events(jobs: number): string {
  return `insert into event (type, occurred_at)
    select case when pg_temp.pick(n, 12, 100) < 20 then 'PARSE' else 'USER' end, ${createdAt(jobs)}
    from generate_series(1, ${jobs}) n`
}

function createdAt(jobs: number, row = 'n'): string {
  return `now() - interval '90 days' * (${jobs} - (${row})) / ${jobs} - interval '2 minutes'`
}

function jobRows({ jobs, settled, files, recipes, batches, collections, stride }: Sizes, known: Known) {
  return `insert into job (id, family, job_type_id, job_type_revision_id, status, priority, event_id, recipe_id, batch_id,
      node_id, error_id, is_superseded, superseded_job_id, superseded_at, max_tries, num_exes, input, input_file_size,
      output, source_started, source_ended, source_sensor_class, source_sensor, source_collection, source_task,
      created_at, queued_at, started_at, ended_at, last_status_change, last_modified, create_index, modify_index)
    select n, 'queued', type, revision, status, 10 * (1 + pg_temp.pick(n, 10, 20)), n + 1,
      case when pg_temp.pick(n, 12, 100) < 20 then 1 + pg_temp.pick(n, 13, ${recipes}) end,
      case when pg_temp.pick(n, 14, 100) < 10 then 1 + pg_temp.pick(n, 15, ${batches}) end,
      case when status in ('RUNNING', 'COMPLETED', 'FAILED') then 1 + pg_temp.pick(n, 16, ${nodes}) end,
      case when status = 'FAILED' then ${errorOf('n', known)} end,
      superseded, case when n > ${stride} and ${isSuperseded(`n - ${stride}`, settled, stride)} then n - ${stride} end,
      case when superseded then modified end, 3, tries,
      json_build_object('files', case when ${hasFiles('n')} then json_build_object('SCENE',
        array(select 1 + pg_temp.pick(n * 4 + p, 18, ${files}) from generate_series(0, ${lastFile('n')}) p)) else '{}' end,
        'json', json_build_object('ZOOM', pg_temp.pick(n, 19, 20))),
      case when ${hasFiles('n')} then 1 + pg_temp.pick(n, 20, 100) else 0 end,
      case when status = 'COMPLETED' then '{"files":{},"json":{}}'::json end,
      source, source + interval '10 minutes', case when sourced then 'class-' || pg_temp.pick(n, 21, 5) end,
      case when sourced then 'sensor-' || floor(40 * power(pg_temp.pick(n, 22, 1000) / 1000.0, 2)) end,
      case when sourced then 'collection-' || pg_temp.pick(n, 23, ${collections}) end,
      case when sourced then 'task-' || pg_temp.pick(n, 24, 10) end,
      created, queued, started, ended, changed, modified, ${known.head} + 2 * n - 1, ${known.head} + 2 * n
    from generate_series(1::bigint, ${jobs}::bigint) n,
      lateral (select ${pickType(known)}, ${createdAt(jobs)}, ${statusOf(settled)},
        pg_temp.pick(n, 25, 100) < 60, ${isSuperseded('n', settled, stride)}) a(place, created, status, sourced, superseded),
      lateral (select (${array(known.types.map(({ id }) => id))})[place], (${revisions(known)})[place],
        case when status in ('PENDING', 'BLOCKED') then 0 when status = 'CANCELED' then 1
          else 1 + (pg_temp.pick(n, 26, 100) < 25)::int + (pg_temp.pick(n, 26, 100) < 4)::int end,
        case when status not in ('PENDING', 'BLOCKED')
          then least(now(), created + interval '1 second' * (1 + pg_temp.pick(n, 27, 60))) end,
        case when sourced then created - interval '1 hour' * (1 + pg_temp.pick(n, 28, 48)) end
      ) b(type, revision, tries, queued, source),
      lateral (select case when status not in ('PENDING', 'BLOCKED', 'QUEUED', 'CANCELED')
        then least(now(), queued + interval '1 second' * pg_temp.pick(n, 29, 600)) end) c(started),
      lateral (select case when status in ('COMPLETED', 'FAILED', 'CANCELED')
        then least(now(), coalesce(started, queued) + interval '1 second' * ${secondsOfRun}) end) d(ended),
      lateral (select coalesce(ended, started, queued, created)) e(changed),
      lateral (select case when superseded then greatest(changed, ${createdAt(jobs, `n + ${stride}`)}) else changed end) f(modified)`
}

/** An hour at the most, but up to ten days for one job in 25. */
const secondsOfRun = `(1 + pg_temp.pick(n, 30, case when pg_temp.pick(n, 32, 100) < 4 then 864000 else 3600 end))`

/** A few types have most of the jobs. */
function pickType(known: Known): string {
  return `1 + floor(${known.types.length} * power(pg_temp.pick(n, 11, 10000) / 10000.0, 2))::int`
}

/** Of those that have two revisions, the current one. */
function revisions(known: Known): string {
  return array(known.types.map(({ revisions }) => revisions.at(-1) ?? '0'))
}

function statusOf(settled: number): string {
  const share = 'pg_temp.pick(n, 9, 1000)'
  return `case
    when n <= ${settled} then case when ${share} < 860 then 'COMPLETED' when ${share} < 950 then 'FAILED' else 'CANCELED' end
    when ${share} < 200 then 'PENDING' when ${share} < 300 then 'BLOCKED' when ${share} < 600 then 'QUEUED'
    when ${share} < 700 then 'RUNNING' when ${share} < 900 then 'COMPLETED' when ${share} < 970 then 'FAILED'
    else 'CANCELED' end`
}

function isSuperseded(row: string, settled: number, stride: number): string {
  return `(${row} <= ${settled - stride} and pg_temp.pick(${row}, 8, 1000) < 30)`
}

/** Some errors are frequent, some rare. */
function errorOf(row: string, known: Known): string {
  const ids = array(known.errors.map(({ id }) => id))
  return `(${ids})[1 + floor(${known.errors.length} * power(pg_temp.pick(${row}, 17, 10000) / 10000.0, 2))::int]`
}

function hasFiles(row: string): string {
  return `pg_temp.pick(${row}, 31, 100) < 30`
}

function lastFile(row: string): string {
  return `case when pg_temp.pick(${row}, 31, 100) < 3 then 2 else 0 end`
}

function inputFiles({ jobs, files }: Sizes): string {
  return `insert into job_input_file (job_id, input_name, position, file_id)
    select n, 'SCENE', p, 1 + pg_temp.pick(n * 4 + p, 18, ${files})
    from generate_series(1, ${jobs}) n, generate_series(0, ${lastFile('n')}) p where ${hasFiles('n')}`
}

/** One execution for each try that began; all but the last failed. */
function executions(known: Known): string {
  return `insert into execution (id, family, job_id, number, job_type_id, job_type_revision_id, status, node_id, worker_id,
      lease_until, error_id, exit_code, timeout_seconds, input_file_size, configuration, resources, task_results, output,
      next_order, created_at, queued_at, started_at, ended_at, last_modified, create_index, modify_index)
    select row_number() over (order by j.id, k), 'queued', j.id, k, j.job_type_id, j.job_type_revision_id, state, node,
      (select w.id from worker w where w.node_id = node), case when state = 'RUNNING' then 'infinity'::timestamptz end,
      case when state <> 'FAILED' then null when k = j.num_exes then j.error_id else ${errorOf('j.id', known)} end,
      case state when 'COMPLETED' then 0 when 'FAILED' then 3 end, 3600, j.input_file_size, '{"version":"2.0"}',
      '{"resources":{"cpus":1}}', case when state <> 'RUNNING' then '{"version":"1.0","tasks":[]}'::json end, j.output,
      case when (row_number() over (order by j.id, k)) % 2 = 0 then 6 else 1 end,
      j.queued_at - back, j.queued_at - back, j.started_at - back, case when state <> 'RUNNING' then changed end, changed,
      j.create_index, j.modify_index
    from job j, generate_series(1, j.num_exes - (j.status = 'QUEUED')::int) k,
      lateral (select case when j.status = 'QUEUED' or k < j.num_exes then 'FAILED' else j.status end,
        interval '1 hour' * (j.num_exes - k), coalesce(j.node_id, 1 + pg_temp.pick(j.id, 16, ${nodes}))) a(state, back, node),
      lateral (select j.last_status_change - back) b(changed)`
}

/** Every second execution wrote five lines, and every tenth two of them to stderr. */
const logStreams = `insert into log_stream (id, execution_id, task, name, byte_count, line_count)
  overriding system value
  select 2 * e.id + err, e.id, 'main', case err when 0 then 'stdout' else 'stderr' end, 80 * lines, lines
  from execution e, generate_series(0, (e.id % 10 = 0)::int) err,
    lateral (select case when e.id % 10 <> 0 then 5 else 3 - err end) a(lines)
  where e.id % 2 = 0`

/** A line is 80 bytes long; the chunks of an execution came with one append, and so share their last order. */
const logChunks = `insert into log_chunk (stream_id, execution_id, byte_start, byte_end, first_order, last_order, first_at,
    last_at, lines, body)
  select s.id, e.id, 0, s.byte_count, min(o), 5, at, at + interval '4 seconds',
    json_agg(json_build_array(o, 80, to_char(at + interval '1 second' * (o - 1), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by o),
    convert_to(string_agg(rpad('execution ' || e.id || ' wrote tile ' || o || ' ', 79, '.') || e'\\n', '' order by o), 'UTF8')
  from log_stream s join execution e on e.id = s.execution_id,
    generate_series(1, 5) o, lateral (select coalesce(e.started_at, e.created_at)) a(at)
  where e.id % 10 <> 0 or (o in (2, 4)) = (s.name = 'stderr')
  group by s.id, e.id, at`

/** The recent part of the change log: what is older was compacted away. */
function changes(jobs: number, head: number): string[] {
  const kept = Math.min(jobs, 50_000)
  const first = head + 2 * (jobs - kept) + 1
  return [
    'delete from change',
    `insert into change (idx, ordinal, kind, entity_id, job_id, job_type_id, from_status, to_status, at)
      select case when made then create_index else modify_index end, 0, 'JOB', id, id, job_type_id,
        case when made then null when status in ('PENDING', 'QUEUED') then null else 'QUEUED' end,
        case when made then 'QUEUED' else status end, case when made then created_at else last_status_change end
      from job, unnest(array[true, false]) made where family = 'queued' and id > ${jobs - kept}`,
    `update change_index set value = ${head + 2 * jobs}, oldest = ${first}`,
  ]
}

function finish(jobs: number): string[] {
  return [
    ...tallies.map((name) => `alter table job enable trigger ${name}`),
    `select setval('queued_job_id', ${jobs})`,
    `select setval('queued_execution_id', (select max(id) from execution where family = 'queued'))`,
    `select setval(pg_get_serial_sequence('log_stream', 'id'), (select max(id) from log_stream))`,
  ]
}

function array(values: readonly string[]): string {
  return `array[${values.join(',')}]::bigint[]`
}
