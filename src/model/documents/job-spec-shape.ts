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
import type {
  ArtifactSpec,
  CheckSpec,
  ConstraintSpec,
  JobSpec,
  JobSpecMode,
  LogConfigSpec,
  NetworkSpec,
  PeriodicSpec,
  PortSpec,
  ResourcesSpec,
  RestartPolicySpec,
  ServiceSpec,
  TaskGroupSpec,
  TaskSpec,
} from './job-spec-type.ts'

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
