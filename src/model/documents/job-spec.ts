import { badInput } from '../error.ts'
import { decodeGo } from '../go-json.ts'
import { goQuote } from '../go-quote.ts'
import { unstorable } from '../json.ts'
import { defaultLogConfig, defaultResources, registrationShape } from './job-spec-shape.ts'
import type { JobSpec, JobSpecMode, RestartPolicySpec, ServiceSpec, TaskGroupSpec, TaskSpec } from './job-spec-type.ts'

const second = 1_000_000_000
const defaultKillTimeout = 5 * second
const serviceRestarts: RestartPolicySpec = { Attempts: 2, Interval: 60 * second, Delay: 15 * second, Mode: 'delay' }
const batchRestarts: RestartPolicySpec = { Attempts: 15, Interval: 604_800 * second, Delay: 15 * second, Mode: 'delay' }
const defaultRestarts: ReadonlyMap<string, RestartPolicySpec> = new Map([
  ['service', serviceRestarts],
  ['system', serviceRestarts],
  ['batch', batchRestarts],
])
/** Of any name, in characters: names are repeated in messages, in defaults and in keys of the store. */
const longestName = 500
/** Beyond this length nothing is built from a name; a service's own name may have 63 characters. */
const longestPart = 200
const placeholder = /\$\{([\w.]+)\}/g
const shapes = { lenient: registrationShape('lenient'), strict: registrationShape('strict') }

/** What a client asks to register, and the region that its body names; null where it names none. */
export type Registration = { readonly job: JobSpec; readonly region: string | null }

/**
 * Reads the body of a registration, in Nomad's order of checks: the JSON, `Job must be specified`, and that the ID is
 * `pathId` (which is null or empty where the path names no job). The server's own members are dropped, and defaults
 * are not filled yet.
 * @throws DomainError BAD_USER_INPUT named BAD_REQUEST
 */
export function parseRegister(bodyText: string, pathId: string | null, mode: JobSpecMode = 'lenient'): Registration {
  const { Job: sent, Region: region } = decodeGo(bodyText, shapes[mode])
  if (sent === null) throw badInput('Job must be specified', { name: 'BAD_REQUEST' })
  if (pathId !== null && pathId !== '' && sent.ID !== pathId) {
    throw badInput('Job ID does not match', { name: 'BAD_REQUEST' })
  }
  const { Status, StatusDescription, CreateIndex, ModifyIndex, JobModifyIndex, ...job } = sent
  const reason = unstorable(job) ?? longName(job)
  if (reason !== null) throw badInput(`Job ${reason}`, { name: 'BAD_REQUEST' })
  return { job, region: region === '' ? null : region }
}

function longName(job: JobSpec): string | null {
  const groups = job.TaskGroups ?? []
  const tasks = groups.flatMap(({ Tasks }) => Tasks ?? [])
  const services = tasks.flatMap(({ Services }) => Services ?? [])
  const checks = services.flatMap(({ Checks }) => Checks ?? [])
  const isLong = ({ Name }: { readonly Name: string }) => Name.length > longestName
  const has = job.ID.length > longestName || [job, ...groups, ...tasks, ...services, ...checks].some(isLong)
  return has ? `holds an ID or name of more than ${longestName} characters` : null
}

/**
 * Fills a job's defaults: the restart policy by the type of job, a KillTimeout of 5 s, the placeholders in names of
 * services, the names of checks. Lenient also gives tasks the resources and logs that they do not mention, and
 * services a name, as Nomad 0.5 does. A valid job that has been through here comes back equal.
 */
export function canonicalize(job: JobSpec, mode: JobSpecMode): JobSpec {
  return { ...job, TaskGroups: job.TaskGroups?.map((group) => withGroupDefaults(job, group, mode)) ?? null }
}

function withGroupDefaults(job: JobSpec, group: TaskGroupSpec, mode: JobSpecMode): TaskGroupSpec {
  return {
    ...group,
    RestartPolicy: group.RestartPolicy ?? defaultRestarts.get(job.Type) ?? null,
    Tasks: group.Tasks?.map((task) => withTaskDefaults(job, group, task, mode)) ?? null,
  }
}

function withTaskDefaults(job: JobSpec, group: TaskGroupSpec, task: TaskSpec, mode: JobSpecMode): TaskSpec {
  const isLenient = mode === 'lenient'
  const base = `${job.Name}-${group.Name}-${task.Name}`
  const names = new Map([
    ['JOB', job.Name],
    ['TASKGROUP', group.Name],
    ['TASK', task.Name],
    ['BASE', base],
  ])
  return {
    ...task,
    Services: task.Services?.map((service) => withServiceDefaults(service, names, isLenient ? base : '')) ?? null,
    Resources: task.Resources ?? (isLenient ? defaultResources : null),
    KillTimeout: BigInt(task.KillTimeout) === 0n ? defaultKillTimeout : task.KillTimeout,
    LogConfig: task.LogConfig ?? (isLenient ? defaultLogConfig : null),
  }
}

function withServiceDefaults(
  service: ServiceSpec,
  names: ReadonlyMap<string, string>,
  defaultName: string,
): ServiceSpec {
  const given = service.Name === '' ? defaultName : service.Name
  const Name =
    given.length > longestPart
      ? service.Name
      : given.replace(placeholder, (whole, key: string) => {
          const value = names.get(key) ?? whole
          return value.length > longestPart ? whole : value
        })
  const Checks = service.Checks?.map((check) => {
    return check.Name === '' ? { ...check, Name: `service: ${goQuote(Name)} check` } : check
  })
  return { ...service, Name, Checks: Checks ?? null }
}
