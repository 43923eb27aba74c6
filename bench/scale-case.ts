import { query } from './database.ts'

/** Values that lie in a seed: for each filter a common, a rare and an absent one where there are such. */
export type Probe = {
  readonly job: string
  readonly jobWithFiles: string
  readonly jobWithTries: string
  readonly fileName: string
  readonly node: string
  readonly error: { readonly common: string; readonly rare: string }
  readonly type: { readonly common: string; readonly rare: string }
  readonly typeName: { readonly common: string; readonly rare: string }
  readonly batch: string
  readonly recipe: string
  readonly ago: (days: number) => string
}

/** Looks the values up; times count back from `at`. */
export async function findProbe(url: string, at: Date): Promise<Probe> {
  const one = async (text: string) => {
    const [found] = await query<{ value: string }>(url, text)
    return String(found?.value)
  }
  const most = (column: string, direction: 'desc' | 'asc') =>
    one(`select ${column} as value from job where family = 'queued' and ${column} is not null
      group by 1 order by count(*) ${direction}, 1 limit 1`)
  const name = (id: string) => one(`select name as value from job_type where id = ${id}`)
  const type = { common: await most('job_type_id', 'desc'), rare: await most('job_type_id', 'asc') }
  return {
    job: await one(`select max(id) / 2 as value from job where family = 'queued'`),
    jobWithFiles: await one('select job_id as value from job_input_file where position = 2 order by job_id limit 1'),
    jobWithTries: await one('select id as value from job where num_exes = 3 order by id limit 1'),
    fileName: 'scene-7.tif',
    node: await one('select max(id) as value from node'),
    error: { common: await most('error_id', 'desc'), rare: await most('error_id', 'asc') },
    type,
    typeName: { common: await name(type.common), rare: await name(type.rare) },
    batch: await most('batch_id', 'desc'),
    recipe: await most('recipe_id', 'desc'),
    ago: (days) => new Date(at.getTime() - days * 86_400_000).toISOString(),
  }
}

/** Requests by title: every list route as it is, with each of its filters alone, and far down. */
export function listCases(probe: Probe): Map<string, string> {
  return new Map([...jobCases(probe), ...oneJobCases(probe), ...typeCases(probe), ...statisticCases(probe)])
}

type Cases = [title: string, path: string][]

function jobCases(probe: Probe): Cases {
  const { ago, error, type, typeName } = probe
  const filters: [string, string][] = [
    ['started (a day)', `started=${ago(1)}`],
    ['started (60 days)', `started=${ago(60)}`],
    ['ended (a day ago)', `ended=${ago(1)}`],
    ['ended (89 days ago)', `ended=${ago(89)}`],
    ['source_started (a day)', `source_started=${ago(1)}`],
    ['source_started (60 days)', `source_started=${ago(60)}`],
    ['source_ended (a day ago)', `source_ended=${ago(1)}`],
    ['source_ended (89 days ago)', `source_ended=${ago(89)}`],
    ...['class-1', 'nothing'].map(of('source_sensor_class')),
    ...['sensor-0', 'sensor-39', 'nothing'].map(of('source_sensor')),
    ...['collection-1', 'nothing'].map(of('source_collection')),
    ...['task-1', 'nothing'].map(of('source_task')),
    ...['PENDING', 'BLOCKED', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED', 'OTHER'].map(of('status')),
    ['job_id', `job_id=${probe.job}`],
    ['job_type_id (common)', `job_type_id=${type.common}`],
    ['job_type_id (rare)', `job_type_id=${type.rare}`],
    ['job_type_id (none)', 'job_type_id=999999999'],
    ['job_type_name (common)', `job_type_name=${typeName.common}`],
    ['job_type_name (rare)', `job_type_name=${typeName.rare}`],
    ['job_type_name (none)', 'job_type_name=nothing'],
    ['batch_id', `batch_id=${probe.batch}`],
    ['recipe_id', `recipe_id=${probe.recipe}`],
    ...['SYSTEM', 'DATA', 'ALGORITHM', 'OTHER'].map(of('error_category')),
    ['error_id (common)', `error_id=${error.common}`],
    ['error_id (rare)', `error_id=${error.rare}`],
    ['error_id (none)', 'error_id=999999999'],
    ...['true', 'false'].map(of('is_superseded')),
    ['page=last', 'page=last'],
    ['page=90 (of 10000 at the most)', 'page=90'],
    // Jobs are numbered from 1, so the middle one's number tells how many pages lie before it.
    ['page (the middle)', `page=${Math.ceil(Number(probe.job) / 100)}`],
    ['order=-last_modified', 'order=-last_modified'],
  ]
  return [['/v6/jobs/', '/v6/jobs/'], ...filters.map(on('/v6/jobs/'))]
}

function oneJobCases(probe: Probe): Cases {
  const files = `/v6/jobs/${probe.jobWithFiles}/input_files/`
  const runs = `/v6/jobs/${probe.jobWithTries}/executions/`
  const fileFilters: [string, string][] = [
    ['started', `started=${probe.ago(80)}`],
    ['ended', `ended=${probe.ago(1)}`],
    ...['source', 'data'].map((field): [string, string] => [
      `time_field=${field}`,
      `time_field=${field}&started=${probe.ago(80)}`,
    ]),
    ['file_name', `file_name=${probe.fileName}`],
    ['job_input', 'job_input=SCENE'],
  ]
  const runFilters: [string, string][] = [
    ...['COMPLETED', 'FAILED', 'RUNNING'].map(of('status')),
    ['node_id', `node_id=${probe.node}`],
    ['error_id', `error_id=${probe.error.common}`],
    ['error_category', 'error_category=SYSTEM'],
  ]
  return [
    ['/v6/jobs/{id}/input_files/', files],
    ...fileFilters.map(on(files, '/v6/jobs/{id}/input_files/')),
    ['/v6/jobs/{id}/executions/', runs],
    ...runFilters.map(on(runs, '/v6/jobs/{id}/executions/')),
  ]
}

function typeCases(probe: Probe): Cases {
  const filters: [string, string][] = [
    ['keyword', 'keyword=ype-1'],
    ['id', `id=${probe.type.common}`],
    ...['true', 'false'].map(of('is_active')),
    ...['true', 'false'].map(of('is_system')),
    ['order', 'order=-last_modified'],
  ]
  const versions = `/v6/job-types/${probe.typeName.common}/`
  return [
    ['/v6/job-types/', '/v6/job-types/'],
    ...filters.map(on('/v6/job-types/')),
    ['/v6/job-type-names/', '/v6/job-type-names/'],
    ...filters.map(on('/v6/job-type-names/')),
    ['/v6/job-types/{name}/', versions],
    ['/v6/job-types/{name}/?is_active', `${versions}?is_active=true`],
    ['/v6/job-types/{name}/{version}/revisions/', `${versions}1.0.0/revisions/`],
  ]
}

function statisticCases(probe: Probe): Cases {
  const status: [string, string][] = [
    ['is_active', 'is_active=true'],
    ['started (a day)', `started=${probe.ago(1)}`],
    ['started (30 days)', `started=${probe.ago(30)}`],
    ['started and ended', `started=${probe.ago(31)}&ended=${probe.ago(30)}`],
  ]
  return [
    ['/v6/job-types/status/', '/v6/job-types/status/'],
    ...status.map(on('/v6/job-types/status/')),
    ...['pending', 'running', 'system-failures'].map((name): [string, string] => [
      `/v6/job-types/${name}/`,
      `/v6/job-types/${name}/`,
    ]),
  ]
}

function of(name: string): (value: string) => [string, string] {
  return (value) => [`${name}=${value}`, `${name}=${value}`]
}

function on(path: string, title = path): (filter: readonly [string, string]) => [string, string] {
  return ([name, search]) => [`${title}?${name}`, `${path}?${search}`]
}

/** What the job list is sorted by in the orders that are timed on request. */
export const jobOrders: readonly string[] = [
  'id',
  '-id',
  'status',
  '-status',
  'created',
  '-created',
  'queued',
  '-ended',
  '-last_status_change',
  'duration',
  '-duration',
  'job_type',
  'job_type__version',
  'node',
  'recipe',
  'batch',
  'error.title',
  'error.category',
  'source_sensor',
  '-source_started',
  'input_file_size',
  'is_superseded',
]
