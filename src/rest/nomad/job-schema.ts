/** The JSON Schemas of a job's specification, as `job-spec-type` has it; durations are nanoseconds. */
import { boolean, exactly, freeObject, integer, listOf, mapOf, named, orNull, string } from '../shape.ts'

const texts = orNull(mapOf(string))
const constraints = orNull(listOf(named('NomadConstraint')))
const manyOf = (name: string) => orNull(listOf(named(name)))

/** What a client says of a job; every answer shows all of it. */
export const jobSpecShape = {
  Region: string,
  ID: string,
  ParentID: string,
  Name: string,
  Type: string,
  Priority: integer,
  AllAtOnce: boolean,
  Datacenters: orNull(listOf(string)),
  Constraints: constraints,
  TaskGroups: manyOf('NomadTaskGroup'),
  Update: exactly({ Stagger: integer, MaxParallel: integer }),
  Periodic: orNull(exactly({ Enabled: boolean, Spec: string, SpecType: string, ProhibitOverlap: boolean })),
  Meta: texts,
}

const check = exactly({
  Name: string,
  Type: string,
  Command: string,
  Args: orNull(listOf(string)),
  Path: string,
  Protocol: string,
  Interval: integer,
  Timeout: integer,
})

const ports = orNull(listOf(exactly({ Label: string, Value: integer })))
const network = exactly({
  Device: string,
  CIDR: string,
  IP: string,
  MBits: integer,
  ReservedPorts: ports,
  DynamicPorts: ports,
})

/** The parts of a specification that have names. */
export const jobSpecSchemas = {
  NomadConstraint: exactly({ LTarget: string, RTarget: string, Operand: string }),
  NomadTaskGroup: exactly({
    Name: string,
    Count: integer,
    Constraints: constraints,
    RestartPolicy: orNull(exactly({ Attempts: integer, Interval: integer, Delay: integer, Mode: string })),
    Tasks: manyOf('NomadTask'),
    Meta: texts,
  }),
  NomadTask: exactly({
    Name: string,
    Driver: string,
    User: string,
    Config: orNull(freeObject),
    Env: texts,
    Services: manyOf('NomadService'),
    Constraints: constraints,
    Resources: orNull(named('NomadResources')),
    Meta: texts,
    KillTimeout: integer,
    LogConfig: orNull(exactly({ MaxFiles: integer, MaxFileSizeMB: integer })),
    Artifacts: orNull(listOf(exactly({ GetterSource: string, GetterOptions: texts, RelativeDest: string }))),
  }),
  NomadService: exactly({
    Name: string,
    Tags: orNull(listOf(string)),
    PortLabel: string,
    Checks: orNull(listOf(check)),
  }),
  NomadResources: exactly({
    CPU: integer,
    MemoryMB: integer,
    DiskMB: integer,
    IOPS: integer,
    Networks: orNull(listOf(network)),
  }),
} as const
