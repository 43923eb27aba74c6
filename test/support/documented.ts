/** Holds what REST routes really answer against what OpenAPI says that they answer. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { openApi } from '#rest/openapi.ts'
import type { Surface } from '#rest/route.ts'
import { createRouter, type Router, type RouterOptions } from '#rest/router.ts'
import { surfaces } from '#rest/surfaces.ts'

/** The OpenAPI document of all surfaces, under a name of its own: the whole app, which names it, takes long to load. */
export const documented = openApi(surfaces, { title: 'All surfaces', version: '0' })

/** A validator that knows the document as `document`, and the formats that it uses. */
export function documentValidator(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/)
  ajv.addFormat('duration', /^P(?=.)/)
  ajv.addFormat('uri', (text: string) => URL.canParse(text))
  ajv.addFormat('int32', { type: 'number', validate: (number: number) => Math.abs(number) <= 2 ** 31 })
  ajv.addSchema({ ...documented }, 'document')
  return ajv
}

/** One operation of the document, and where it stands. */
export type Described = { readonly pointer: string; readonly operation: JsonObject }

/** The operations of the document by their ids. */
export const described: ReadonlyMap<string, Described> = new Map(
  membersOf(documented.paths).flatMap(([path, item]) =>
    membersOf(item).map(([method, operation]): [string, Described] => [
      String(operation.operationId),
      { pointer: `/paths/${escaped(path)}/${method}`, operation },
    ]),
  ),
)

/**
 * A router whose every answer of a described operation must be as OpenAPI says; it rejects where one is not. Not
 * described are the ways to a path's shortest form, and what Nomad's listener serves besides.
 */
export function documentedRouter(surfaces: readonly Surface<Context>[], options: RouterOptions<Context>) {
  const route = createRouter(surfaces, options)
  const router: Router<Context> = async (make, request, meta, found) => {
    const ids: string[] = []
    const response = await route(make, request, meta, (one) => {
      ids.push(one.id)
      found?.(one)
    })
    const [id = ''] = ids
    if (response === null || !described.has(id)) return response
    const { status, headers } = response
    const text = await response.clone().text()
    const faults = faultsOf(id, { status, headers, text, isHead: request.method === 'HEAD' })
    if (faults.length > 0) throw new Error(`${id} answered what OpenAPI does not describe: ${faults.join('; ')}`)
    return response
  }
  return router
}

/** What an answer is held against the document with. */
export type Given = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** A HEAD, whose body is left out. */
  readonly isHead: boolean
}

/** What is wrong with an answer of this operation, by its OpenAPI description; empty where all is well. */
export function faultsOf(id: string, given: Given): string[] {
  const known = described.get(id)
  if (known === undefined) return [`${id} is not described`]
  const { status, headers } = given
  const responses = asObject(known.operation.responses)
  const key = [String(status), `${String(status).charAt(0)}XX`].find((one) => one in responses)
  if (key === undefined) return [`no response ${status} is described`]
  const found = resolved(asObject(responses[key]), `${known.pointer}/responses/${key}`)
  return [...headerFaults(asObject(found.value.headers), headers), ...bodyFaults(found, given)]
}

type Found = { readonly pointer: string; readonly value: JsonObject }

/** What a reference means, and where it stands. */
function resolved(value: JsonObject, pointer: string): Found {
  const reference = value.$ref
  if (typeof reference !== 'string') return { pointer, value }
  const steps = reference.replace(/^#\//, '').split('/')
  return { pointer: reference.slice(1), value: steps.reduce((at, step) => asObject(at[step]), documented) }
}

function headerFaults(described: JsonObject, headers: Headers): string[] {
  return membersOf(described).flatMap(([name, { schema }]) => {
    const text = headers.get(name)
    if (text === null) return [`the header ${name} is missing`]
    const isWhole = isObject(schema) && schema.type === 'integer'
    return isWhole && !/^\d+$/.test(text) ? [`the header ${name} is no number`] : []
  })
}

function bodyFaults({ pointer, value }: Found, { headers, text, isHead }: Given): string[] {
  const content = asObject(value.content)
  const type = (headers.get('content-type') ?? '').split(';')[0] ?? ''
  if (Object.keys(content).length === 0) return text === '' ? [] : ['a body is not described']
  if (!(type in content)) return [`a body of type ${type} is not described`]
  if (isHead) return []
  return schemaFaults(
    `${pointer}/content/${escaped(type)}/schema`,
    type === 'application/json' ? JSON.parse(text) : text,
  )
}

const ajv = documentValidator()

/** Where a value does not fit the schema that stands at this place of the document. */
export function schemaFaults(pointer: string, value: Json): string[] {
  const reference = `document#${encodeURI(pointer)}`
  const check = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference })
  check(value)
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`.trim(),
  )
}

/** A step of a JSON pointer. */
export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The value where it is an object; an empty one else. */
export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function membersOf(value: Json | undefined): [string, JsonObject][] {
  return Object.entries(asObject(value)).map(([name, member]) => [name, asObject(member)])
}
