/** Which part of the graph does what a documented operation does: the source of the tables in docs/surfaces.md and of the usage page. */
import type { SurfaceName } from './route.ts'
import { surfaces } from './surfaces.ts'

/** A documented operation, its routes and its twins. */
export type Parity = {
  readonly surface: SurfaceName
  readonly document: string
  /** Its heading in the document, or a short form of what the document says it does. */
  readonly title: string
  /** Its routes' ids: one, or one for each method where the document leaves the choice. */
  readonly ids: readonly string[]
  readonly methods: readonly string[]
  /** With braces round parameters, as its route has it. */
  readonly path: string
  /** Fields of the graph as `Type.field`, the nearest first. */
  readonly twins: readonly string[]
}

type Row = readonly [title: string, ids: string, twins: string]

const routes = new Map(surfaces.flatMap((surface) => surface.routes.map((route) => [route.id, route] as const)))

function rowsOf(document: string, rows: readonly Row[]): Parity[] {
  return rows.map(([title, idText, twins]) => {
    const ids = idText.split(' ')
    const own = ids.flatMap((id) => routes.get(id) ?? [])
    const [first] = own
    if (first === undefined || own.length < ids.length) throw new Error(`${title} names a route that does not exist`)
    const { surface, path } = first
    return { surface, document, title, ids, methods: own.map(({ method }) => method), path, twins: twins.split(' ') }
  })
}

/** The 59 documented operations, in the order of their documents. */
export const parity: readonly Parity[] = [
  ...rowsOf('Scale v6 jobs', [
    ['Job List', 'listScaleJobs', 'Query.jobs Subscription.jobStatusChanged'],
    ['Queue New Job', 'queueScaleJob', 'Mutation.queueJob'],
    ['Job Details', 'getScaleJob', 'Query.job'],
    ['Job Input File List', 'listScaleJobInputFiles', 'QueuedJob.inputFiles'],
    ['Job Executions List', 'listScaleJobExecutions', 'QueuedJob.executions'],
    ['Job Execution Details', 'getScaleJobExecution', 'Query.execution'],
    ['Cancel Jobs', 'cancelScaleJobs', 'Mutation.cancelJobs'],
    ['Requeue Jobs', 'requeueScaleJobs', 'Mutation.requeueJobs'],
    [
      'Job Execution Log',
      'getScaleJobExecutionLog',
      'JobExecution.logLines Subscription.logTail Subscription.jobLogTail',
    ],
  ]),
  ...rowsOf('Scale v6 job types', [
    ['Job Type Names', 'listScaleJobTypeNames', 'Query.jobTypeNames'],
    ['Job Type List', 'listScaleJobTypes', 'Query.jobTypes'],
    ['Job Type Versions', 'listScaleJobTypeVersions', 'Query.jobTypes'],
    ['Job Type Details', 'getScaleJobType', 'Query.jobType'],
    ['Job Type Revisions', 'listScaleRevisions', 'JobType.revisions'],
    ['Job Type Revision Details', 'getScaleRevision', 'Query.jobTypeRevision'],
    ['Add Seed Image', 'registerScaleJobType', 'Mutation.registerJobType'],
    ['Validate Job Type', 'validateScaleJobType', 'Query.validateJobType'],
    ['Edit Job Type', 'editScaleJobType', 'Mutation.editJobType'],
    ['Job Type Status', 'listScaleJobTypeStatuses', 'Query.jobTypeStatuses'],
    ['Job Types Pending', 'listScalePendingJobTypes', 'Query.pendingJobTypes'],
    ['Job Types Running', 'listScaleRunningJobTypes', 'Query.runningJobTypes'],
    ['Job Type System Failures', 'listScaleSystemFailures', 'Query.systemFailures'],
  ]),
  ...rowsOf('Nomad /v1/job', [
    ['Query a job', 'getNomadJob', 'Query.serviceJob'],
    [
      'Query the allocations of a job',
      'listNomadJobAllocations',
      'ServiceJob.allocations Subscription.executionStatusChanged',
    ],
    [
      'Query the evaluations of a job',
      'listNomadJobEvaluations',
      'ServiceJob.evaluations Subscription.evaluationStatusChanged',
    ],
    ['Register or update a job', 'registerNomadJob registerNomadJobByPost', 'Mutation.registerServiceJob'],
    ['Create a new evaluation', 'evaluateNomadJob evaluateNomadJobByPost', 'Mutation.evaluateServiceJob'],
    ['Force a new instance of a periodic job', 'forceNomadJob forceNomadJobByPost', 'Mutation.launchPeriodicJob'],
    ['Deregister a job', 'deregisterNomadJob', 'Mutation.deregisterServiceJob'],
  ]),
  ...rowsOf('Bastion jobs', [
    ['List the jobs', 'listBastionJobs', 'Query.serviceJobs Subscription.jobStatusChanged'],
    ['Summary of a job', 'getBastionJobSummary', 'Query.serviceJob Subscription.serviceJobSummaryChanged'],
    ['Start a job', 'startBastionJob', 'Mutation.startServiceJob'],
    ['Stop a job', 'stopBastionJob', 'Mutation.stopServiceJob'],
    ['Start all autostart jobs', 'startAllBastionJobs', 'Mutation.startAllServiceJobs'],
    ['Stop all jobs', 'stopAllBastionJobs', 'Mutation.stopAllServiceJobs'],
    ['Change the count of a task group', 'updateBastionJobCounts', 'Mutation.updateServiceJobCounts'],
  ]),
  ...rowsOf('Cluster API', [
    ['Get the settings', 'getClusterSettings', 'Query.settings'],
    ['Get the default settings', 'getClusterDefaultSettings', 'Query.defaultSettings'],
    ['Get the settings schema', 'getClusterSettingsSchema', 'Query.settingsSchema'],
    ['Set the settings', 'setClusterSettings', 'Mutation.setSettings'],
    ['List the jobs', 'listClusterJobs', 'Query.serviceJobs Subscription.jobStatusChanged'],
    ['Start a job', 'startClusterJob', 'Mutation.startServiceJob'],
    ['Stop a job', 'stopClusterJob', 'Mutation.stopServiceJob'],
    ['Change the count of a task group', 'updateClusterJobCounts', 'Mutation.updateServiceJobCounts'],
    ['List the logs', 'listClusterLogs', 'Query.logSources'],
    ['Set the logs', 'setClusterLogs', 'Mutation.setLogSources'],
    ['List the instances of a log', 'listClusterLogMeta', 'LogSource.instances'],
    ['Read a log', 'getClusterLog', 'Query.logFile Subscription.jobLogTail'],
    ['Get the default loggers', 'getClusterDefaultLoggers', 'Query.defaultLoggers'],
    ['Set a default logger', 'setClusterDefaultLogger', 'Mutation.setDefaultLogger'],
    ['Get the loggers of an allocation', 'getClusterAllocationLoggers', 'Query.allocationLoggers'],
    ['Set a logger of an allocation', 'setClusterAllocationLogger', 'Mutation.setAllocationLogger'],
    ['Get the events', 'getClusterEvents', 'Query.eventDefinitions'],
    ['Update the events', 'setClusterEvents', 'Mutation.setEventDefinitions'],
    ['Get the event results', 'listClusterEventResults', 'Query.eventResults Subscription.eventResultsPublished'],
    ['List the secrets', 'listClusterSecretsV1', 'Query.secrets'],
    ['Get a secret', 'getClusterSecret', 'Query.secretValues'],
    ['Set a secret', 'setClusterSecret', 'Mutation.setSecret'],
    ['Delete a secret', 'deleteClusterSecret', 'Mutation.removeSecret'],
  ]),
]
