/** Whose files and logs a request asks for. */
import type { Allocation } from '#model/allocation.ts'
import type { JobSpec } from '#model/documents/job-spec-type.ts'
import { badInput, notFound } from '#model/error.ts'
import type { LogOrigin } from '#model/logger.ts'
import { findAllocation, findSpecsOfAllocations } from '#resolvers/allocation.ts'
import type { Context } from '#resolvers/context.ts'

/** An allocation and the specification that it runs. @throws DomainError NOT_FOUND where there is none of that id */
export async function getAllocation(ctx: Context, id: string): Promise<{ allocation: Allocation; spec: JobSpec }> {
  const { value: allocation } = await findAllocation(ctx, id)
  if (allocation === null) throw notFound(`unknown allocation ID ${JSON.stringify(id)}`)
  const spec = (await findSpecsOfAllocations(ctx, [allocation])).get(allocation.executionId)
  if (spec === undefined) throw new Error(`allocation ${id} has no specification`)
  return { allocation, spec }
}

/** The names of the tasks that an allocation runs, in the order of its specification. */
export function tasksOf({ taskGroup }: Allocation, spec: JobSpec): readonly string[] {
  const group = spec.TaskGroups?.find(({ Name }) => Name === taskGroup)
  return (group?.Tasks ?? []).map(({ Name }) => Name)
}

/** A count of bytes. @throws DomainError BAD_USER_INPUT */
export function bytesOf(query: URLSearchParams, name: string): number {
  const digits = query.get(name) || '0'
  if (/^\d{1,15}$/.test(digits)) return Number(digits)
  throw badInput(`error parsing ${name}: ${JSON.stringify(digits)} is no number of bytes`)
}

/** From where bytes are counted. @throws DomainError BAD_USER_INPUT */
export function originOf(query: URLSearchParams): LogOrigin {
  const word = query.get('origin') || 'start'
  if (word === 'start' || word === 'end') return word
  throw badInput('origin must be start or end')
}
