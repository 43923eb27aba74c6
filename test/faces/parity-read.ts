/**
 * The reading operations: the route to ask, and the query that means the same. Its aliases are the names of the REST
 * document, so that what the graph answers must be part of what the route answers.
 */
import { at, tile, tileConfiguration } from '../documents/scale-jobs.ts'
import { globalId } from './parity-act.ts'
import type { ParityStage } from './parity-stage.ts'
import { rowsAt } from './twin.ts'

/** A route and its query. */
export type Reading = {
  readonly path: string
  /** Sent by POST where it is given. */
  readonly body?: unknown
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  /** Brings the body of the answer into the form of the graph's facts; absent leaves it as it is. */
  readonly rest?: (body: unknown) => unknown
  /** The facts in the graph's data; absent means its first field. */
  readonly graph?: (data: unknown) => unknown
}

const typeBase = `id: number name version title description is_active: isActive is_paused: isPaused is_system: isSystem
  is_published: isPublished icon_code: iconCode unmet_resources: unmetResources`
const jobType = `${typeBase} max_scheduled: maxScheduled max_tries: maxTries revision_num: revisionNumber
  docker_image: dockerImage created: createdAt deprecated: deprecatedAt paused: pausedAt last_modified: modifiedAt`
const error = `error { name title description job_type_name: jobTypeName category is_builtin: isBuiltin
  should_be_retried: shouldBeRetried }`
const runTimes = 'created: createdAt queued: queuedAt started: startedAt ended: endedAt'
const jobShared = `job_type: type { ${typeBase} } event { type occurred: occurredAt } batch { title }
  is_superseded: isSuperseded status: rawStatus node: computeNode { hostname } ${error} max_tries: maxTries
  input_file_size: inputFileSize ${runTimes} last_status_change: statusChangedAt superseded: supersededAt
  last_modified: modifiedAt`
const execution = `id: restId status: rawStatus exe_num: number ${runTimes} node: computeNode { hostname } ${error}
  job_type: jobType { ${typeBase} } timeout: timeoutSeconds input_file_size: inputFileSize`
const page = (selection: string) => `count: totalCount results: edges { node { ${selection} } }`
const pageOf = (field: string, selection: string) => `{ list: ${field} { ${page(selection)} } }`

/** The rows of a list in the order of one member. */
function sorted(rows: unknown, member: string): unknown[] {
  return rowsAt({ rows }, 'rows').toSorted((a, b) => String(at(a, member)).localeCompare(String(at(b, member))))
}

const sortedResults = (body: unknown) => ({
  count: at(body, 'count'),
  results: rowsAt(body, 'results')
    .map((row) => at({ row: Object(row).node ?? row }, 'row'))
    .toSorted((a, b) => Number(at(a, 'id')) - Number(at(b, 'id'))),
})

/** One object of an answer, of which some members are read anew. */
function remade(row: unknown, members: Readonly<Record<string, (row: unknown) => unknown>>): unknown {
  const made = Object.entries(members).map(([name, make]) => [name, make(row)])
  return { ...Object(row), ...Object.fromEntries(made) }
}

function jobReadings({ fileId }: ParityStage): Record<string, Reading> {
  const first = globalId('QueuedJob', 1)
  const executions = 'executions { count: totalCount results: edges { node { ... on JobExecution {'
  return {
    listScaleJobs: {
      path: '/v6/jobs/?order=created',
      query: pageOf(
        'jobs(filter: { families: [QUEUED] }, orderBy: { field: CREATED, direction: ASC })',
        `... on QueuedJob { id: number num_exes: timesQueued ${jobShared} }`,
      ),
    },
    getScaleJob: {
      path: '/v6/jobs/2/',
      query: `{ job(number: 2) { ... on QueuedJob { id: number ${jobShared} output configuration input
        execution: latestExecution { ... on JobExecution { id: restId task_results: taskResults } }
        job_type_rev: revision { revision_num: number manifest } } } }`,
      // The graph shows null for no output yet, and data with its version.
      rest: (body) => remade(body, { output: () => null }),
      graph: (data) => remade(at(data, 'job'), { input: (job) => withoutVersion(at(job, 'input')) }),
    },
    listScaleJobInputFiles: {
      path: '/v6/jobs/1/input_files/',
      query: `query ($id: ID!) { job(id: $id) { ... on QueuedJob { inputFiles { file { id: number file_name: fileName
        file_path: filePath file_type: fileType file_size: size media_type: mediaType workspace { name }
        is_deleted: isDeleted created: createdAt last_modified: modifiedAt countries data_type_tags: dataTypeTags } } } } }`,
      variables: { id: first },
      rest: (body) => rowsAt(body, 'results'),
      graph: (data) => {
        const files = rowsAt(data, 'job', 'inputFiles').map((link) => at(link, 'file'))
        if (at(files, 0, 'id') !== fileId) throw new Error('not the file that the job was given')
        return files
      },
    },
    listScaleJobExecutions: {
      path: '/v6/jobs/1/executions/',
      query: `query ($id: ID!) { job(id: $id) { ${executions} ${execution} } } } } } }`,
      variables: { id: first },
      graph: (data) => at(data, 'job', 'executions'),
    },
    getScaleJobExecution: {
      path: '/v6/jobs/1/executions/1/',
      query: `query ($id: ID!) { execution(id: $id) { ... on JobExecution { ${execution} task_results: taskResults output } } }`,
      variables: { id: globalId('JobExecution', 1) },
      rest: (body) => remade(body, { output: (row) => withoutVersion(at(row, 'output'), 'output_data') }),
      graph: (data) => remade(at(data, 'execution'), { output: (row) => withoutVersion(at(row, 'output')) }),
    },
    getScaleJobExecutionLog: {
      path: '/v6/job-executions/3/logs/combined/',
      query: `query ($id: ID!) { execution(id: $id) { node: computeNode { hostname } logLines { edges { node {
        message: text at scale_order_num: order stream } } } } }`,
      variables: { id: globalId('JobExecution', 3) },
      graph: (data) =>
        rowsAt(data, 'execution', 'logLines', 'edges').map((edge) => {
          const { at: time, ...line } = Object(at(edge, 'node'))
          return { ...line, '@timestamp': time, scale_node: at(data, 'execution', 'node', 'hostname') }
        }),
    },
  }
}

/** Data v6 without its version, which only some of the answers name; `also` is a member that only REST adds. */
function withoutVersion(data: unknown, also = 'version'): unknown {
  const { version: _version, [also]: _also, ...others } = Object(data)
  return others
}

const document = { manifest: tile('tiler', '3.0.0'), configuration: { ...tileConfiguration, settings: { odd: '1' } } }

const jobTypeReadings: Record<string, Reading> = {
  listScaleJobTypeNames: {
    path: '/v6/job-type-names/',
    query: pageOf('jobTypeNames', `name versions latest { ${typeBase} }`),
    rest: (body) => ({
      count: at(body, 'count'),
      results: rowsAt(body, 'results').map((row) => ({
        name: at(row, 'name'),
        versions: at(row, 'versions'),
        latest: { ...Object(row), version: at(row, 'latest_version') },
      })),
    }),
    graph: (data) => {
      const rows = rowsAt(data, 'list', 'results').map((edge) => at(edge, 'node'))
      const latest = (row: unknown) => {
        const { id: _id, ...shown } = Object(at(row, 'latest'))
        return shown
      }
      return { count: at(data, 'list', 'count'), results: rows.map((row) => remade(row, { latest })) }
    },
  },
  listScaleJobTypes: { path: '/v6/job-types/', query: pageOf('jobTypes', jobType) },
  listScaleJobTypeVersions: {
    path: '/v6/job-types/tiler/',
    query: pageOf('jobTypes(filter: { names: ["tiler"] })', jobType),
    rest: sortedResults,
    graph: (data) => sortedResults(at(data, 'list')),
  },
  getScaleJobType: {
    path: '/v6/job-types/tiler/1.1.0/',
    query: `{ jobType(name: "tiler", version: "1.1.0") { ${jobType} manifest configuration recipe_types: recipeTypes { name } } }`,
  },
  listScaleRevisions: {
    path: '/v6/job-types/plain/1.0.0/revisions/',
    query: `{ jobType(name: "plain", version: "1.0.0") { revisions {
      ${page(`job_type: jobType { ${typeBase} } revision_num: number docker_image: dockerImage created: createdAt`)} } } }`,
    graph: (data) => at(data, 'jobType', 'revisions'),
  },
  getScaleRevision: {
    path: '/v6/job-types/plain/1.0.0/revisions/1/',
    query: `{ jobTypeRevision(name: "plain", version: "1.0.0", number: 1) { revision_num: number manifest
      job_type: jobType { ${typeBase} } docker_image: dockerImage created: createdAt } }`,
  },
  validateScaleJobType: {
    path: '/v6/job-types/validation/',
    body: document,
    query: `query ($manifest: JSON!, $configuration: JSON) { judged: validateJobType(manifest: $manifest,
      configuration: $configuration) { is_valid: isValid errors { name description } warnings { name description } } }`,
    variables: document,
  },
  listScaleJobTypeStatuses: {
    path: '/v6/job-types/status/',
    query: pageOf(
      'jobTypeStatuses',
      `job_type: jobType { ${typeBase} } job_counts: counts { status count most_recent: mostRecentAt category }`,
    ),
  },
  listScalePendingJobTypes: {
    path: '/v6/job-types/pending/',
    query: pageOf('pendingJobTypes', `job_type: jobType { ${typeBase} } count longest_pending: longestSince`),
  },
  listScaleRunningJobTypes: {
    path: '/v6/job-types/running/',
    query: pageOf('runningJobTypes', `job_type: jobType { ${typeBase} } count longest_running: longestSince`),
  },
  listScaleSystemFailures: {
    path: '/v6/job-types/system-failures/',
    query: pageOf(
      'systemFailures',
      `job_type: jobType { ${typeBase} } count first_error: firstAt last_error: lastAt ${error}`,
    ),
  },
}

const indexes = 'CreateIndex: createIndex ModifyIndex: modifyIndex'
const summary = 'summary { queued complete failed running starting lost }'
const nodes = (list: unknown) => rowsAt(list, 'edges').map((edge) => at(edge, 'node'))

const serviceReadings: Record<string, Reading> = {
  getNomadJob: {
    path: '/v1/job/web',
    query: `{ serviceJob(name: "web") { ID: name Name: title Region: region Type: kind Priority: priority
      Status: rawStatus ${indexes} JobModifyIndex: jobModifyIndex specification } }`,
    graph: (data) => {
      const { specification, ...others } = Object(at(data, 'serviceJob'))
      return { ...Object(specification), ...others }
    },
  },
  listNomadJobAllocations: {
    path: '/v1/job/web/allocations',
    query: `{ serviceJob(name: "web") { allocations { edges { node { ID: uuid Name: name evaluation { uuid }
      TaskGroup: taskGroup desiredStatus clientStatus DesiredDescription: desiredDescription
      ClientDescription: clientDescription ${indexes} job { name } } } } } }`,
    rest: (body) => sorted(body, 'ID'),
    graph: (data) =>
      sorted(nodes(at(data, 'serviceJob', 'allocations')), 'ID').map((row) => {
        const { evaluation, job, desiredStatus, clientStatus, ...others } = Object(row)
        const [DesiredStatus, ClientStatus] = [desiredStatus, clientStatus].map((word) => String(word).toLowerCase())
        return { ...others, EvalID: at(evaluation, 'uuid'), JobID: at(job, 'name'), DesiredStatus, ClientStatus }
      }),
  },
  listNomadJobEvaluations: {
    path: '/v1/job/web/evaluations',
    query: `{ serviceJob(name: "web") { evaluations { edges { node { ID: uuid Priority: priority Type: jobKind
      TriggeredBy: triggeredBy JobID: jobName JobModifyIndex: jobModifyIndex NodeModifyIndex: nodeModifyIndex status
      StatusDescription: statusDescription Wait: waitNs next { uuid } previous { uuid } ${indexes} } } } } }`,
    rest: (body) => sorted(body, 'ID'),
    graph: (data) =>
      sorted(nodes(at(data, 'serviceJob', 'evaluations')), 'ID').map((row) => {
        const { status, next, previous, ...others } = Object(row)
        return {
          ...others,
          Status: status.toLowerCase(),
          NextEval: next?.uuid ?? '',
          PreviousEval: previous?.uuid ?? '',
        }
      }),
  },
  listBastionJobs: {
    path: '/jobs',
    query: `{ serviceJobs { edges { node { name status: rawStatus autostart: isAutostarted byCluster: isByCluster
      taskGroups { name count ${summary} } } } } }`,
    graph: (data) => nodes(at(data, 'serviceJobs')),
  },
  getBastionJobSummary: {
    path: '/job/web/summary',
    query: `{ serviceJob(name: "web") { name status: rawStatus autostart: isAutostarted byCluster: isByCluster
      taskGroups { name count ${summary} } } }`,
  },
  listClusterJobs: {
    path: '/v1/jobs',
    query: `{ serviceJobs { edges { node { name status: rawStatus
      taskGroups { name count countInit: initialCount countMax: maxCount ${summary} } } } } }`,
    graph: (data) => nodes(at(data, 'serviceJobs')),
  },
}

const byLogger = (rows: readonly unknown[]) =>
  Object.fromEntries(rows.map((row) => [at(row, 'logger'), String(at(row, 'level') ?? '').toLowerCase()]))

function clusterReadings({ logged }: ParityStage): Record<string, Reading> {
  return {
    getClusterSettings: { path: '/v1/settings', query: '{ settings }' },
    getClusterDefaultSettings: { path: '/v1/settings/default', query: '{ settings: defaultSettings }' },
    getClusterSettingsSchema: { path: '/v1/schemas/settings.json', query: '{ settings: settingsSchema }' },
    listClusterLogs: {
      path: '/v1/log/logs',
      query: '{ logSources { id: name group: taskGroup job: jobName task fileName logLevel: hasLevel } }',
    },
    listClusterLogMeta: {
      path: '/v1/log/meta/web',
      query: `{ logSource(name: "web") { job: jobName task fileName hasLevel
        instances { allocation { uuid } status createTime: createdAt } } }`,
      graph: (data) => {
        const { job: jobName, task: taskName, fileName, hasLevel, instances } = Object(at(data, 'logSource'))
        const shared = { jobName, taskName, fileName, logLevel: String(hasLevel) }
        return rowsAt({ instances }, 'instances').map((one) => ({
          allocID: at(one, 'allocation', 'uuid'),
          status: String(at(one, 'status')).toLowerCase(),
          createTime: at(one, 'createTime'),
          ...shared,
        }))
      },
    },
    getClusterLog: {
      path: `/v1/log/fs/${logged}/web/stdout?offset=3`,
      query: `{ logFile(allocation: "${logged}", task: "web", fileName: "stdout", offset: 3) { base64 } }`,
      graph: (data) => Buffer.from(String(at(data, 'logFile', 'base64')), 'base64').toString(),
    },
    getClusterDefaultLoggers: {
      path: '/v1/log/defaults',
      query: '{ defaultLoggers { logger level } }',
      graph: (data) => byLogger(rowsAt(data, 'defaultLoggers')),
    },
    getClusterAllocationLoggers: {
      path: `/v1/log/allocs/${logged}`,
      query: `{ allocationLoggers(allocation: "${logged}") { logger level } }`,
      graph: (data) => byLogger(rowsAt(data, 'allocationLoggers')),
    },
    getClusterEvents: {
      path: '/v1/events',
      query: '{ eventDefinitions { errors mapreduce: files { key value: source } } }',
      graph: (data) =>
        remade(at(data, 'eventDefinitions'), { errors: (row) => rowsAt(row, 'errors').map(String).join('\n') }),
    },
    listClusterEventResults: {
      path: '/v1/events/results/1',
      query: '{ eventResults(counter: 1) { counter messages { error value } } }',
    },
    listClusterSecretsV1: {
      path: '/v1/secrets/list',
      query: '{ secrets { name } }',
      graph: (data) => ({ keys: rowsAt(data, 'secrets').map((row) => at(row, 'name')) }),
    },
    getClusterSecret: {
      path: '/secrets/secret/one',
      query: '{ secretValues(name: "one") { key value } }',
      graph: (data) =>
        Object.fromEntries(rowsAt(data, 'secretValues').map((row) => [at(row, 'key'), at(row, 'value')])),
    },
  }
}

/** Every reading operation, by the first of its routes' ids. */
export function readingsOf(stage: ParityStage): Readonly<Record<string, Reading>> {
  return { ...jobReadings(stage), ...jobTypeReadings, ...serviceReadings, ...clusterReadings(stage) }
}
