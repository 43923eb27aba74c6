import type { Evaluation } from '#model/evaluation.ts'
import type { Execution } from '#model/execution.ts'
import type { Job } from '#model/job.ts'
import type { JobError, JobType, JobTypeHead, JobTypeRevision, RevisionHead } from '#model/job-type.ts'
import type { LogLine, LogStream } from '#model/log.ts'
import type { Batch, JobEvent, Recipe, RecipeType } from '#model/reference.ts'
import type { ComputeNode } from '#model/worker.ts'
import type { Workspace, WorkspaceFile } from '#model/workspace.ts'
import { builder } from './builder.ts'
import { named } from './connection.ts'

/** Every object that others refer to, declared before any is implemented, so that the files may import in any order. */
export const JobRef = builder.interfaceRef<Job>('Job')
/** A job of the queue. */
export const QueuedJobRef = builder.objectRef<Job>('QueuedJob')
/** One run of a job of either family. */
export const ExecutionRef = builder.interfaceRef<Execution>('Execution')
/** One run of a queued job. */
export const JobExecutionRef = builder.objectRef<Execution>('JobExecution')
/** A kind of job. */
export const JobTypeRef = builder.objectRef<JobType | JobTypeHead>('JobType')
/** One submitted manifest of a job type. */
export const JobTypeRevisionRef = builder.objectRef<JobTypeRevision | RevisionHead>('JobTypeRevision')
/** A machine that runs work. */
export const ComputeNodeRef = builder.objectRef<ComputeNode>('ComputeNode')
/** Why something failed. */
export const JobErrorRef = builder.objectRef<JobError>('JobError')
/** A place where files lie. */
export const WorkspaceRef = builder.objectRef<Workspace>('Workspace')
/** A file in a workspace. */
export const WorkspaceFileRef = builder.objectRef<WorkspaceFile>('WorkspaceFile')
/** What made a job come into being. */
export const JobEventRef = builder.objectRef<JobEvent>('JobEvent')
/** Jobs that were made together. */
export const BatchRef = builder.objectRef<Batch>('Batch')
/** A graph of jobs. */
export const RecipeRef = builder.objectRef<Recipe>('Recipe')
/** A kind of recipe. */
export const RecipeTypeRef = builder.objectRef<RecipeType>('RecipeType')
/** One stream of an execution's log. */
export const LogStreamRef = builder.objectRef<LogStream>('LogStream')
/** One log line. */
export const LogLineRef = builder.objectRef<LogLine>('LogLine')
/** A job of the scheduler: what lies in `service_job` is read beside it. */
export const ServiceJobRef = builder.objectRef<Job>('ServiceJob')
const [jobConnection, jobEdge] = named('Job', 'jobs')
/** A page of jobs of either family. */
export const JobConnectionRef = builder.connectionObject({ type: JobRef, ...jobConnection }, jobEdge)
const [serviceJobConnection, serviceJobEdge] = named('ServiceJob', 'service jobs')
/** A page of service jobs. */
export const ServiceJobConnectionRef = builder.connectionObject(
  { type: ServiceJobRef, ...serviceJobConnection },
  serviceJobEdge,
)
/** One run of a service job: what lies in `allocation` is read beside it. */
export const AllocationRef = builder.objectRef<Execution>('Allocation')
const [allocationConnection, allocationEdge] = named('Allocation', 'allocations')
/** A page of allocations: of a service job, or of an evaluation. */
export const AllocationConnectionRef = builder.connectionObject(
  { type: AllocationRef, ...allocationConnection },
  allocationEdge,
)
/** One look of the scheduler at a service job. */
export const EvaluationRef = builder.objectRef<Evaluation>('Evaluation')
