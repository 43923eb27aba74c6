import { badInput, type DomainError } from '../error.ts'
import { isObject, type Json, type JsonObject, unstorable } from '../json.ts'
import { shown } from './schema.ts'
import type { JsonType } from './seed-manifest-schema.ts'

/** The id of a file; ids beyond 2^53 are bigints. */
export type FileId = number | bigint

/** Data v6, given to a job or made by it: file ids and JSON values by parameter name. Read by `Object.hasOwn` only. */
export type JobData = {
  readonly files: Readonly<Record<string, readonly FileId[]>>
  readonly json: Readonly<Record<string, Json>>
}

/** The parameters that data is held against: a manifest's inputs, or its outputs. */
export type DataInterface = {
  readonly files: readonly { readonly name: string; readonly required: boolean; readonly multiple: boolean }[]
  readonly json: readonly { readonly name: string; readonly type: JsonType; readonly required: boolean }[]
}

const largestId = 2n ** 63n - 1n

/**
 * Reads data v6 or v7, `{files, json}` with both optional, or the v1 form `{version: '1.0', input_data: [...]}`.
 * Undefined and null read as `{}`. Whether the files exist is not asked.
 * @throws DomainError BAD_USER_INPUT named INVALID_VERSION or INVALID_DATA; its message starts `Invalid job data: `
 */
export function parseData(value: unknown): JobData {
  const reason = unstorable(value)
  if (reason !== null) throw invalid(`the data ${reason}`)
  const given = value ?? {}
  if (!isObject(given)) throw invalid('the data must be an object')
  const { version = '7', ...members } = given
  if (version === '6' || version === '7') return parsedMembers(members)
  if (version === '1.0') return parsedMembers(fromV1(members))
  throw refusal('INVALID_VERSION', 'the version must be 6 or 7, or 1.0 with input_data', ['version'])
}

/**
 * Holds data against an interface and returns it without the names that the interface does not know.
 * Media types are not checked. Parameters are judged in the interface's order, files first.
 * @throws DomainError BAD_USER_INPUT named DUPLICATE_VALUE, PARAM_REQUIRED, MISMATCHED_PARAM_TYPE, NO_FILES,
 * MULTIPLE_FILES or INVALID_JSON_TYPE; its message starts `Invalid job data: ` and names the parameter, and its path is
 * the parameter's place in data v6, also where the v1 form was sent
 */
export function checkData(data: JobData, dataInterface: DataInterface): JobData {
  for (const name of Object.keys(data.files)) {
    if (Object.hasOwn(data.json, name))
      throw parameterRefusal('DUPLICATE_VALUE', ['json', name], 'is given as files and as json')
  }
  for (const { name, required, multiple } of dataInterface.files) {
    if (Object.hasOwn(data.json, name))
      throw parameterRefusal('MISMATCHED_PARAM_TYPE', ['json', name], 'takes files, not json')
    const ids = Object.hasOwn(data.files, name) ? data.files[name] : undefined
    if (ids === undefined && required) throw parameterRefusal('PARAM_REQUIRED', ['files', name], 'is required')
    if (ids?.length === 0) throw parameterRefusal('NO_FILES', ['files', name], 'cannot accept zero files')
    if (ids !== undefined && ids.length > 1 && !multiple) {
      throw parameterRefusal('MULTIPLE_FILES', ['files', name], 'cannot accept multiple files')
    }
  }
  for (const { name, required, type } of dataInterface.json) {
    if (Object.hasOwn(data.files, name))
      throw parameterRefusal('MISMATCHED_PARAM_TYPE', ['files', name], 'takes json, not files')
    const given = Object.hasOwn(data.json, name)
    if (!given && required) throw parameterRefusal('PARAM_REQUIRED', ['json', name], 'is required')
    if (given && !hasType(data.json[name], type)) {
      throw parameterRefusal('INVALID_JSON_TYPE', ['json', name], `must receive a value of type ${type}`)
    }
  }
  return { files: only(data.files, dataInterface.files), json: only(data.json, dataInterface.json) }
}

function only<T>(values: Readonly<Record<string, T>>, parameters: readonly { name: string }[]): Record<string, T> {
  const names = new Set(parameters.map(({ name }) => name))
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)))
}

function parsedMembers(members: JsonObject): JobData {
  const extra = Object.keys(members).find((key) => key !== 'files' && key !== 'json')
  if (extra !== undefined) throw invalid(`'${shown(extra)}' is not a known member`, [extra])
  const { files = {}, json = {} } = members
  if (!isObject(files)) throw invalid('files must be an object', ['files'])
  if (!isObject(json)) throw invalid('json must be an object', ['json'])
  return { files: Object.fromEntries(Object.entries(files).map(([name, ids]) => [name, parsedIds(name, ids)])), json }
}

function parsedIds(name: string, ids: Json): readonly FileId[] {
  const path = ['files', name]
  if (!Array.isArray(ids)) throw invalid(`Parameter '${shown(name)}' must be a list of file ids`, path)
  if (ids.length === 0) throw invalid(`Parameter '${shown(name)}' must have at least one file`, path)
  return ids.map((id: unknown, index) => {
    if (isFileId(id)) return id
    throw invalid(`Parameter '${shown(name)}' must hold integer file ids only`, [...path, index])
  })
}

function isFileId(id: unknown): id is FileId {
  return typeof id === 'bigint' ? id <= largestId && id >= -largestId : Number.isSafeInteger(id)
}

/** Members of the v1 form that say where output goes have no meaning any more and are dropped. */
function fromV1(members: JsonObject): JsonObject {
  const { input_data, output_data, workspace_id: _workspace, files: _files, json: _json, ...rest } = members
  const items = input_data ?? output_data ?? []
  if (!Array.isArray(items)) throw invalid('input_data must be a list', ['input_data'])
  const files = new Map<string, Json>()
  const json = new Map<string, Json>()
  for (const [index, item] of items.entries()) {
    const path = ['input_data', index]
    if (!isObject(item) || typeof item.name !== 'string') throw invalid('every item of input_data needs a name', path)
    const { name, file_id, file_ids, value } = item
    if (files.has(name) || json.has(name)) throw invalid(`Parameter '${shown(name)}' is given more than once`, path)
    if (file_id !== undefined) files.set(name, [file_id])
    else if (file_ids !== undefined) files.set(name, file_ids)
    else if (value !== undefined) json.set(name, value)
    else throw invalid(`Parameter '${shown(name)}' has no file_id, file_ids or value`, path)
  }
  return { ...rest, files: Object.fromEntries(files), json: Object.fromEntries(json) }
}

/** A boolean is no number here, although the language Scale is written in says so. */
function hasType(value: Json | undefined, type: JsonType): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number'
    default:
      return typeof value === type
  }
}

type Place = readonly [member: 'files' | 'json', parameter: string]

function parameterRefusal(name: string, place: Place, fault: string): DomainError {
  return refusal(name, `Parameter '${shown(place[1])}' ${fault}`, place)
}

function invalid(fault: string, path: readonly (string | number)[] = []): DomainError {
  return refusal('INVALID_DATA', fault, path)
}

function refusal(name: string, fault: string, path: readonly (string | number)[]): DomainError {
  return badInput(`Invalid job data: ${fault}`, { name, path })
}
