import { badInput, type DomainError, type MissingRow } from '#model/error.ts'
import { familyOf, type JobFamily } from '#model/status.ts'

/** The types that have global ids; each entry is made where the type is. */
const nodeTypes = new Set<string>()

/** Says that objects of a type can be read by their global id. */
export function isNode(typename: string): string {
  nodeTypes.add(typename)
  return typename
}

/** A global id as Pothos hands it on; what is no id of this graph has no type, and is kept as it was sent. */
export type ParsedId = { typename: string; id: string }

/** Reads a global id, the base64 form of `QueuedJob:3`, for `node` and `nodes`, which say what is wrong with which. */
export function parseGlobalId(globalId: string): ParsedId {
  const { typename, id } = partsOf(globalId)
  return nodeTypes.has(typename) && Number.isSafeInteger(id)
    ? { typename, id: String(id) }
    : { typename: '', id: globalId }
}

/** The refusal of what `parseGlobalId` found to be no id; null for an id. */
export function idFault({ typename, id }: ParsedId, path: readonly (string | number)[]): DomainError | null {
  return typename === '' ? badInput(`'${id.slice(0, 60)}' is not an id that this API gave.`, { path }) : null
}

/** What an id says; another spelling of the same bytes is no id, since clients compare ids as texts. */
function partsOf(globalId: string): { readonly typename: string; readonly id: number } {
  const text = Buffer.from(globalId, 'base64').toString('latin1')
  const [, typename = '', digits] = /^(\w{1,64}):([1-9]\d{0,15})$/.exec(text) ?? []
  const isExact = Buffer.from(text, 'latin1').toString('base64') === globalId
  return { typename: isExact ? typename : '', id: Number(digits) }
}

function notThatId(globalId: string, typenames: readonly string[], path?: readonly (string | number)[]) {
  const named = typenames.map((name) => `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`).join(' or ')
  return badInput(`'${globalId.slice(0, 60)}' is not the id of ${named}.`, path === undefined ? {} : { path })
}

/**
 * Reads a global id of one of the given types: which of them, and the number in it.
 * @throws DomainError BAD_USER_INPUT where it is no id, or another type's
 */
export function readIdOf(
  globalId: string,
  typenames: readonly string[],
  path?: readonly (string | number)[],
): { readonly typename: string; readonly id: number } {
  const { typename, id } = partsOf(globalId)
  if (!typenames.includes(typename) || !Number.isSafeInteger(id)) throw notThatId(globalId, typenames, path)
  return { typename, id }
}

/** Reads the number in a global id of one of the given types. @throws DomainError as `readIdOf` */
export function readId(
  globalId: string,
  typename: string | readonly string[],
  path?: readonly (string | number)[],
): number {
  return readIdOf(globalId, typeof typename === 'string' ? [typename] : typename, path).id
}

const typesOf: Readonly<Record<MissingRow['noun'], Readonly<Record<JobFamily, string>>>> = {
  job: { queued: 'QueuedJob', service: 'ServiceJob' },
  'job type of queued jobs': alike('JobType'),
  execution: { queued: 'JobExecution', service: 'Allocation' },
  evaluation: alike('Evaluation'),
  batch: alike('Batch'),
  recipe: alike('Recipe'),
}

function alike(typename: string): Readonly<Record<JobFamily, string>> {
  return { queued: typename, service: typename }
}

/** The id of a row that is missing; an id has one spelling, so it is the one that was sent. */
export function idOfMissing({ noun, id }: MissingRow): string {
  return Buffer.from(`${typesOf[noun][familyOf(id)]}:${id}`).toString('base64')
}

const mostIds = 1_000

/** @throws DomainError BAD_USER_INPUT for more than 1,000 values in one list */
export function checkCount(count: number, path: readonly (string | number)[]): void {
  if (count > mostIds) throw badInput(`At most ${mostIds} values can be given at once.`, { path })
}

/** Reads several; null and undefined stay undefined, which means any. @throws DomainError as `readId`, or for more than 1,000 */
export function readIds(
  globalIds: readonly string[] | null | undefined,
  typename: string | readonly string[],
  path: readonly (string | number)[],
): number[] | undefined {
  if (globalIds === null || globalIds === undefined) return undefined
  checkCount(globalIds.length, path)
  return globalIds.map((id, place) => readId(id, typename, [...path, place]))
}

/**
 * Reads several of a type that each family has its own of; null and undefined stay undefined, which means any.
 * @throws DomainError as `readIds`, also for a number of the other family
 */
export function readIdsOfFamilies(
  globalIds: readonly string[] | null | undefined,
  typenames: Readonly<Record<JobFamily, string>>,
  path: readonly (string | number)[],
): number[] | undefined {
  if (globalIds === null || globalIds === undefined) return undefined
  checkCount(globalIds.length, path)
  return globalIds.map((globalId, place) => readIdOfFamilies(globalId, typenames, [...path, place]))
}

/** Reads one of a type that each family has its own of. @throws DomainError as `readIdsOfFamilies` */
export function readIdOfFamilies(
  globalId: string,
  typenames: Readonly<Record<JobFamily, string>>,
  path: readonly (string | number)[],
): number {
  const both = [typenames.queued, typenames.service]
  const { typename, id } = readIdOf(globalId, both, path)
  if (familyOf(id) !== (typename === typenames.service ? 'service' : 'queued')) throw notThatId(globalId, both, path)
  return id
}
