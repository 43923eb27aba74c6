import { goQuote } from '../go-quote.ts'
import { constraintFaults } from './job-spec-constraint.ts'
import { faultsOfEach, faultsWhere, multiError } from './job-spec-fault.ts'
import { serviceFaults } from './job-spec-service-check.ts'
import type { ArtifactSpec, JobSpecMode, LogConfigSpec, ResourcesSpec, TaskSpec } from './job-spec-type.ts'

/** What is wrong with one task, in Nomad's order. Lenient leaves out minimums, logs and artifacts. */
export function taskFaults(task: TaskSpec, mode: JobSpecMode): string[] {
  const faults = faultsWhere(
    [task.Name === '', 'Missing task name'],
    // The name becomes a directory: v0.3.2 did not look at this yet, later releases do.
    [/[/\\]/.test(task.Name) || /^\.\.?$/.test(task.Name), 'Task name cannot include slashes'],
    [task.Driver === '', 'Missing task driver'],
    [task.KillTimeout < 0, 'KillTimeout must be a positive value'],
    [task.Resources === null, 'Missing task resources'],
  )
  const isStrict = mode === 'strict'
  return [
    ...faults,
    ...(isStrict && task.Resources !== null ? nested(resourceFaults(task.Resources)) : []),
    ...(isStrict ? logFaults(task.LogConfig) : []),
    ...constraintFaults(task.Constraints),
    ...nested(serviceFaults(task)),
    ...(isStrict ? [...diskFaults(task), ...artifactFaults(task)] : []),
  ]
}

/** Faults of a part that Nomad lists under a header of their own but does not introduce. */
function nested(faults: readonly string[]): string[] {
  const inner = multiError(faults)
  return inner === null ? [] : [inner]
}

function resourceFaults({ CPU, MemoryMB, DiskMB, IOPS, Networks }: ResourcesSpec): string[] {
  const own = faultsWhere(
    [CPU < 20, `minimum CPU value is 20; got ${CPU}`],
    [MemoryMB < 10, `minimum MemoryMB value is 10; got ${MemoryMB}`],
    [DiskMB < 10, `minimum DiskMB value is 10; got ${DiskMB}`],
    [IOPS < 0, `minimum IOPS value is 0; got ${IOPS}`],
  )
  const ofNetworks = faultsOfEach(
    Networks,
    ({ MBits }) => faultsWhere([MBits < 1, `minimum MBits value is 1; got ${MBits}`]),
    (index) => `network resource at index ${index} failed`,
  )
  return [...own, ...ofNetworks]
}

function logFaults(logs: LogConfigSpec | null): string[] {
  if (logs === null) return ['Missing Log Config']
  return nested(
    faultsWhere(
      [logs.MaxFiles < 1, `minimum number of files is 1; got ${logs.MaxFiles}`],
      [logs.MaxFileSizeMB < 1, `minimum file size is 1MB; got ${logs.MaxFileSizeMB}`],
    ),
  )
}

function diskFaults({ LogConfig, Resources }: TaskSpec): string[] {
  if (LogConfig === null || Resources === null) return []
  const logs = BigInt.asIntN(64, BigInt(LogConfig.MaxFiles) * BigInt(LogConfig.MaxFileSizeMB))
  const disk = Resources.DiskMB
  return faultsWhere([disk <= logs, `log storage (${logs} MB) must be less than requested disk capacity (${disk} MB)`])
}

function artifactFaults({ Artifacts, Driver }: TaskSpec): string[] {
  const isNeeded = (Driver === 'java' || Driver === 'qemu') && (Artifacts ?? []).length === 0
  return [
    ...faultsOfEach(Artifacts, faultsOfArtifact, (index) => `Artifact ${index + 1} validation failed`),
    ...faultsWhere([isNeeded, `must specify at least one artifact when using ${goQuote(Driver)} driver`]),
  ]
}

const digestLengths: ReadonlyMap<string, number> = new Map([
  ['md5', 16],
  ['sha1', 20],
  ['sha256', 32],
  ['sha512', 64],
])

function faultsOfArtifact({ GetterSource, GetterOptions, RelativeDest }: ArtifactSpec): string[] {
  const faults = faultsWhere(
    [GetterSource === '', 'source must be specified'],
    [escapes(RelativeDest), "destination escapes task's directory"],
  )
  const checksum =
    GetterOptions !== null && Object.hasOwn(GetterOptions, 'checksum') ? GetterOptions.checksum : undefined
  const wrong = checksum === undefined ? null : checksumFault(checksum.trim())
  return wrong === null ? faults : [...faults, wrong]
}

function checksumFault(checksum: string): string | null {
  if (checksum === '') return 'checksum value can not be empty'
  const [type = '', value = '', ...rest] = checksum.split(':')
  if (!checksum.includes(':') || rest.length > 0) {
    return `checksum must be given as "type:value"; got ${goQuote(checksum)}`
  }
  const strange = /[^0-9A-Fa-f]/u.exec(value)?.[0]
  if (strange !== undefined) return `invalid checksum: encoding/hex: invalid byte: ${strange}`
  if (value.length % 2 === 1) return 'invalid checksum: encoding/hex: odd length hex string'
  const length = digestLengths.get(type)
  if (length === undefined) return `unsupported checksum type: ${type}`
  return value.length === length * 2 ? null : `invalid ${type} checksum: ${value}`
}

/** Whether a path climbs out of the directory that it is relative to. */
function escapes(path: string): boolean {
  let depth = 0
  for (const step of path.split('/')) {
    if (step === '..') depth -= 1
    else if (step !== '' && step !== '.') depth += 1
    if (depth < 0) return true
  }
  return false
}
