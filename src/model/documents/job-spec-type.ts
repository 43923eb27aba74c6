import type { GoInteger } from '../go-json.ts'
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
