import type { FileId } from '#model/documents/data.ts'
import { isObject, type Json, type JsonObject } from '#model/json.ts'

/** Data v6 as a job shows it: both members always, and no version. */
export function toData(data: Json | null): { readonly files: JsonObject; readonly json: JsonObject } {
  return { files: memberOf(data, 'files'), json: memberOf(data, 'json') }
}

/**
 * The output of an execution: data with its version, and beside it the older form of its files that the Scale v6 jobs
 * document still shows. Null while there is none.
 */
export function toExecutionOutput(output: Json | null) {
  if (output === null) return null
  const { files, json } = toData(output)
  const version = isObject(output) && typeof output.version === 'string' ? output.version : '7'
  const outputData = Object.keys(files).flatMap((name) =>
    fileIds(files, name).map((id): JsonObject => ({ name, file_id: id })),
  )
  return { version, files, json, output_data: outputData }
}

/** The ids that data names for one input or output; empty where it names none. */
export function fileIds(files: JsonObject, name: string): readonly FileId[] {
  const ids = Object.hasOwn(files, name) ? files[name] : undefined
  return Array.isArray(ids) ? ids : []
}

function memberOf(data: Json | null, name: 'files' | 'json'): JsonObject {
  const member = isObject(data) ? data[name] : undefined
  return isObject(member) ? member : {}
}
