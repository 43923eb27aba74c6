import type { JobSpec, TaskGroupSpec, TextMap } from './documents/job-spec-type.ts'
import { badInput } from './error.ts'
import { defaultCountMax } from './service-job.ts'

/** More instances than this of one group are refused: no machine of this gateway's kind holds them. */
export const largestCount = 10_000

/** What Genvid's documents know of a job and Nomad's specification has no member for; it travels in the Meta maps. */
export type ServiceDefinition = {
  /** Job Meta `genvid_autostart`; true where absent. */
  readonly autostart: boolean
  /** Job Meta `genvid_by_cluster`; false where absent. */
  readonly byCluster: boolean
  readonly groups: readonly GroupDefinition[]
}

/** The counts of one task group. */
export type GroupDefinition = {
  readonly name: string
  readonly count: number
  /** Group Meta `genvid_count_init`; the count of the registration where absent. */
  readonly countInit: number
  /** Group Meta `genvid_count_max`; 1000, or the count where that is more, where absent. */
  readonly countMax: number
}

/**
 * Reads what Genvid's documents say of a job from its Meta maps; each key may also be written without `genvid_`.
 * @throws DomainError BAD_USER_INPUT for a value that is none, or a count beyond its own maximum or 10,000
 */
export function definitionOf(spec: JobSpec): ServiceDefinition {
  return {
    autostart: booleanOf(spec.Meta, 'autostart', true),
    byCluster: booleanOf(spec.Meta, 'by_cluster', false),
    groups: (spec.TaskGroups ?? []).map(groupDefinitionOf),
  }
}

function groupDefinitionOf({ Name: name, Count, Meta }: TaskGroupSpec): GroupDefinition {
  const count = Number(Count)
  if (count > largestCount) throw refusal(`Task group '${name}' has count ${Count}; at most ${largestCount} is served`)
  const countMax = countOf(Meta, 'count_max') ?? Math.max(defaultCountMax, count)
  const countInit = countOf(Meta, 'count_init') ?? count
  if (count > countMax) throw refusal(`Task group '${name}' has count ${count}, above its own maximum ${countMax}`)
  if (countInit > countMax)
    throw refusal(`Task group '${name}' starts with ${countInit} instances, above its own maximum ${countMax}`)
  return { name, count, countInit, countMax }
}

function textOf(meta: TextMap | null, key: string): string | null {
  for (const name of [`genvid_${key}`, key]) if (meta !== null && Object.hasOwn(meta, name)) return meta[name] ?? null
  return null
}

function booleanOf(meta: TextMap | null, key: string, absent: boolean): boolean {
  const value = textOf(meta, key)
  if (value === null) return absent
  if (value !== 'true' && value !== 'false') throw refusal(`Meta '${key}' is neither true nor false`)
  return value === 'true'
}

function countOf(meta: TextMap | null, key: string): number | null {
  const value = textOf(meta, key)
  if (value === null) return null
  if (!/^\d{1,5}$/.test(value) || Number(value) > largestCount)
    throw refusal(`Meta '${key}' is not a count from 0 to ${largestCount}`)
  return Number(value)
}

function refusal(message: string) {
  return badInput(message, { name: 'INVALID_JOB' })
}
