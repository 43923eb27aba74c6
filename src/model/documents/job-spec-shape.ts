import {
  type GoInteger,
  type GoShape,
  goAny,
  goBool,
  goDuration,
  goInt,
  goList,
  goMap,
  goNullAs,
  goPointer,
  goPointers,
  goString,
  goStruct,
  goUint64,
} from '../go-json.ts'
import type { Json } from '../json.ts'

/**
 * The Nomad v0.3.2 job specification. Names and their order are the document's, so that what is written out needs no
 * mapping. Durations are nanoseconds. Lists and maps are null where a client left them out, and stay so.
 */
export type JobSpec = {
  readonly Region: string
  readonly ID: string
  /** The periodic job that launched this one; empty for all others. */
  readonly ParentID: string
  readonly Name: string
  /** `service`, `batch` or `system`; any other text is kept, and nothing ever schedules it. */
  readonly Type: string
  /** 1 to 100; the higher number is scheduled first. */
  readonly Priority: GoInteger
  readonly AllAtOnce: boolean
  readonly Datacenters: readonly string[] | null
  readonly Constraints: readonly ConstraintSpec[] | null
  readonly TaskGroups: readonly TaskGroupSpec[] | null
  readonly Update: { readonly Stagger: GoInteger; readonly MaxParallel: GoInteger }
  readonly Periodic: PeriodicSpec | null
  readonly Meta: TextMap | null
}

/** A map from text to text, sorted by key; ask `Object.hasOwn` before reading a member. */
export type TextMap = Readonly<Record<string, string>>

/** When a periodic job is launched; `SpecType` is `cron`. */
export type PeriodicSpec = {
  readonly Enabled: boolean
  readonly Spec: string
  readonly SpecType: string
  readonly ProhibitOverlap: boolean
}

/** A condition on nodes. Of the operand only emptiness is checked. */
export type ConstraintSpec = { readonly LTarget: string; readonly RTarget: string; readonly Operand: string }

/** Tasks that are placed together on one node, `Count` times. */
export type TaskGroupSpec = {
  readonly Name: string
  readonly Count: GoInteger
  readonly Constraints: readonly ConstraintSpec[] | null
  /** Null only until defaults are filled, and for job types that have no default. */
  readonly RestartPolicy: RestartPolicySpec | null
  readonly Tasks: readonly TaskSpec[] | null
  readonly Meta: TextMap | null
}

/** `Attempts` restarts within `Interval`, each after `Delay`; then `Mode` decides: `delay` or `fail`. */
export type RestartPolicySpec = {
  readonly Attempts: GoInteger
  readonly Interval: GoInteger
  readonly Delay: GoInteger
  readonly Mode: string
}

/** One process. */
export type TaskSpec = {
  readonly Name: string
  readonly Driver: string
  readonly User: string
  readonly Config: Readonly<Record<string, Json>> | null
  readonly Env: TextMap | null
  readonly Services: readonly ServiceSpec[] | null
  readonly Constraints: readonly ConstraintSpec[] | null
  readonly Resources: ResourcesSpec | null
  readonly Meta: TextMap | null
  readonly KillTimeout: GoInteger
  readonly LogConfig: LogConfigSpec | null
  readonly Artifacts: readonly ArtifactSpec[] | null
}

/** A service for discovery; checks are kept, not run. */
export type ServiceSpec = {
  readonly Name: string
  readonly Tags: readonly string[] | null
  readonly PortLabel: string
  readonly Checks: readonly CheckSpec[] | null
}

/** A health check of type `http`, `tcp` or `script`. */
export type CheckSpec = {
  readonly Name: string
  readonly Type: string
  readonly Command: string
  readonly Args: readonly string[] | null
  readonly Path: string
  readonly Protocol: string
  readonly Interval: GoInteger
  readonly Timeout: GoInteger
}

/** What a task needs of a node: CPU in MHz, memory and disk in MB. */
export type ResourcesSpec = {
  readonly CPU: GoInteger
  readonly MemoryMB: GoInteger
  readonly DiskMB: GoInteger
  readonly IOPS: GoInteger
  readonly Networks: readonly NetworkSpec[] | null
}

/** Bandwidth and ports; `ReservedPorts` name the port they want, `DynamicPorts` only a label. */
export type NetworkSpec = {
  readonly Device: string
  readonly CIDR: string
  readonly IP: string
  readonly MBits: GoInteger
  readonly ReservedPorts: readonly PortSpec[] | null
  readonly DynamicPorts: readonly PortSpec[] | null
}

/** A port by its label. */
export type PortSpec = { readonly Label: string; readonly Value: GoInteger }

/** How many log files of which size are kept for each stream. */
export type LogConfigSpec = { readonly MaxFiles: GoInteger; readonly MaxFileSizeMB: GoInteger }

/** Something to fetch before a task starts. */
export type ArtifactSpec = {
  readonly GetterSource: string
  readonly GetterOptions: TextMap | null
  readonly RelativeDest: string
}

/** `lenient` takes what the v0.3 document shows and what Nomad 0.5 clients send; `strict` what v0.3.2 really takes. */
export type JobSpecMode = 'lenient' | 'strict'

/** A job as clients send it; the last five members are the server's own and are read only to be checked. */
type SentJob = JobSpec & {
  readonly Status: string
  readonly StatusDescription: string
  readonly CreateIndex: GoInteger
  readonly ModifyIndex: GoInteger
  readonly JobModifyIndex: GoInteger
}

/** The body of a registration. */
export type SentRegistration = { readonly Job: SentJob | null; readonly Region: string }

/** What Nomad 0.5 gives a task that names no resources, with the disk that v0.3.2 gives it. */
export const defaultResources: ResourcesSpec = { CPU: 100, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null }
/** What Nomad 0.5 gives a task that says nothing about its logs. */
export const defaultLogConfig: LogConfigSpec = { MaxFiles: 10, MaxFileSizeMB: 10 }

const textMap = goMap(goString)
const constraints = goPointers(
  goStruct<ConstraintSpec>('Constraint', { LTarget: goString, RTarget: goString, Operand: goString }),
)
const ports = goList(goStruct<PortSpec>('Port', { Label: goString, Value: goInt }))
const check = goStruct<CheckSpec>('ServiceCheck', {
  Name: goString,
  Type: goString,
  Command: goString,
  Args: goList(goString),
  Path: goString,
  Protocol: goString,
  Interval: goDuration,
  Timeout: goDuration,
})
const service = goStruct<ServiceSpec>('Service', {
  Name: goString,
  Tags: goList(goString),
  PortLabel: goString,
  Checks: goPointers(check),
})
const network = goStruct<NetworkSpec>('NetworkResource', {
  Device: goString,
  CIDR: goString,
  IP: goString,
  MBits: goInt,
  ReservedPorts: ports,
  DynamicPorts: ports,
})
const artifact = goStruct<ArtifactSpec>('TaskArtifact', {
  GetterSource: goString,
  GetterOptions: textMap,
  RelativeDest: goString,
})
const restartPolicy = goStruct<RestartPolicySpec>('RestartPolicy', {
  Attempts: goInt,
  Interval: goDuration,
  Delay: goDuration,
  Mode: goString,
})
const periodic = goStruct<PeriodicSpec>('PeriodicConfig', {
  Enabled: goBool,
  Spec: goString,
  SpecType: goString,
  ProhibitOverlap: goBool,
})

/** The shape of a registration's body. In lenient mode null asks for the value that a Nomad 0.5 server would fill in. */
export function registrationShape(mode: JobSpecMode): GoShape<SentRegistration> {
  const orDefault = <T>(shape: GoShape<T>, value: T) => (mode === 'lenient' ? goNullAs(shape, value) : shape)
  const resources = goStruct<ResourcesSpec>('Resources', {
    CPU: orDefault(goInt, defaultResources.CPU),
    MemoryMB: orDefault(goInt, defaultResources.MemoryMB),
    DiskMB: orDefault(goInt, defaultResources.DiskMB),
    IOPS: goInt,
    Networks: goPointers(network),
  })
  const logConfig = goStruct<LogConfigSpec>('LogConfig', {
    MaxFiles: orDefault(goInt, defaultLogConfig.MaxFiles),
    MaxFileSizeMB: orDefault(goInt, defaultLogConfig.MaxFileSizeMB),
  })
  const task = goStruct<TaskSpec>('Task', {
    Name: goString,
    Driver: goString,
    User: goString,
    Config: goMap(goAny),
    Env: textMap,
    Services: goPointers(service),
    Constraints: constraints,
    Resources: goPointer(resources),
    Meta: textMap,
    KillTimeout: goDuration,
    LogConfig: goPointer(logConfig),
    Artifacts: goPointers(artifact),
  })
  const taskGroup = goStruct<TaskGroupSpec>('TaskGroup', {
    Name: goString,
    Count: orDefault(goInt, 1),
    Constraints: constraints,
    RestartPolicy: goPointer(restartPolicy),
    Tasks: goPointers(task),
    Meta: textMap,
  })
  const job = goStruct<SentJob>('Job', {
    Region: orDefault(goString, 'global'),
    ID: goString,
    ParentID: goString,
    Name: goString,
    Type: orDefault(goString, 'service'),
    Priority: orDefault(goInt, 50),
    AllAtOnce: goBool,
    Datacenters: goList(goString),
    Constraints: constraints,
    TaskGroups: goPointers(taskGroup),
    Update: goStruct('UpdateStrategy', { Stagger: goDuration, MaxParallel: goInt }),
    Periodic: goPointer(periodic),
    Meta: textMap,
    Status: goString,
    StatusDescription: goString,
    CreateIndex: goUint64,
    ModifyIndex: goUint64,
    JobModifyIndex: goUint64,
  })
  return goStruct<SentRegistration>('JobRegisterRequest', { Job: goPointer(job), Region: goString })
}
