/** The OpenAPI 3.1 document of the surfaces' tables. The same tables always give the same text: every key outside an example is sorted. */
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { collectExamples, type ShownExamples } from './openapi-example.ts'
import { type ParamDocs, type PathParam, pathNames, type ReplyDoc, type Route, type Surface } from './route.ts'

/** The head of the document. */
export type OpenApiInfo = {
  readonly title: string
  readonly version: string
  readonly description?: string
  readonly license?: JsonObject
}

/**
 * Describes every route of every surface.
 * @throws Error where two operations share an id or two surfaces a schema's name
 */
export function openApi<C>(surfaces: readonly Surface<C>[], info: OpenApiInfo): JsonObject {
  const paths: { [path: string]: { [method: string]: JsonObject } } = {}
  const schemas: { [name: string]: JsonObject } = {}
  const examples = collectExamples(surfaces)
  const ids = new Set<string>()
  for (const surface of surfaces) {
    for (const [name, schema] of Object.entries(surface.schemas ?? {})) {
      if (name in schemas) throw new Error(`Two surfaces have a schema named ${name}`)
      schemas[name] = schema
    }
    for (const route of surface.routes) {
      if (ids.has(route.id)) throw new Error(`Two operations have the id ${route.id}`)
      ids.add(route.id)
      const item = paths[route.path] ?? {}
      item[route.method.toLowerCase()] = operation(surface, route, examples)
      paths[route.path] = item
    }
  }
  const tags = surfaces.map((surface) => ({ name: surface.name, description: surface.title }))
  // The paths stand at the root of whichever host serves the document, and no operation asks for credentials.
  const servers = [{ url: '/' }]
  const components = {
    schemas,
    ...filled('parameters', keyParameter(surfaces)),
    ...filled('responses', Object.assign({}, ...surfaces.map(refusals))),
    ...filled('examples', examples.shared),
  }
  return sorted({ openapi: '3.1.0', info: { ...info }, servers, security: [], tags, paths, components })
}

function filled(name: string, members: JsonObject): JsonObject {
  return Object.keys(members).length === 0 ? {} : { [name]: members }
}

/** The header that every route takes which may change something. */
const keyHeader: ParamDocs = {
  'Idempotency-Key': {
    doc: 'Makes a retry safe: under one key the same request is carried out once, and its answer given again with `Idempotency-Replayed: true`. It has 1 to 255 visible characters of ASCII, bare or in double quotes.',
    schema: { type: 'string', pattern: '^(?:[!#-~]{1,255}|"(?:[!#-\\[\\]-~]|\\\\["\\\\]){1,255}")$' },
  },
}

function keyParameter<C>(surfaces: readonly Surface<C>[]): JsonObject {
  const isTaken = surfaces.some(({ routes }) => routes.some(({ method }) => method !== 'GET'))
  const [parameter] = parametersIn('header', keyHeader)
  return isTaken && parameter !== undefined ? { IdempotencyKey: parameter } : {}
}

function operation<C>(surface: Surface<C>, route: Route<C>, examples: ShownExamples): JsonObject {
  const parameters = [
    ...pathNames(route.path).map((name) => pathParameter(name, surface.pathParams[name])),
    ...parametersIn('query', route.query ?? {}),
    ...parametersIn('header', route.headers ?? {}),
    ...(route.method === 'GET' ? [] : [{ $ref: '#/components/parameters/IdempotencyKey' }]),
  ]
  const body = requestBody(route, examples)
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [surface.name],
    responses: { ...responses(route, examples), ...otherRefusals(surface, route) },
    ...(route.doc === undefined ? {} : { description: route.doc }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : { requestBody: body }),
  }
}

function pathParameter(name: string, param: PathParam | undefined): JsonObject {
  if (param === undefined) throw new Error(`{${name}} is not described`)
  return { name, in: 'path', required: true, description: param.doc, schema: param.schema }
}

function parametersIn(place: 'query' | 'header', params: ParamDocs): JsonObject[] {
  return Object.entries(params).map(([name, param]) => ({
    name,
    in: place,
    description: param.doc,
    schema: param.schema,
    ...(param.required === true ? { required: true } : {}),
  }))
}

function requestBody<C>(route: Route<C>, examples: ShownExamples): JsonObject | null {
  const { body, accepts = [] } = route
  if (body === undefined) return null
  const needed = Array.isArray(body.required) && body.required.length > 0
  const shown = examples.request(route.id)
  return { required: needed, content: Object.fromEntries(accepts.map((type) => [type, media(type, body, shown)])) }
}

function responses<C>(route: Route<C>, examples: ShownExamples): JsonObject {
  // Where two successes have a body, the document shows the last: 201.
  const success = Object.entries(route.replies).findLast(
    ([status, { schema }]) => status.startsWith('2') && schema,
  )?.[0]
  const entries = Object.entries(route.replies).map(([status, reply]) => [
    status,
    response(reply, mediaTypes(route, reply), status === success ? examples.response(route.id) : {}),
  ])
  return Object.fromEntries(entries)
}

function response({ doc, schema, headers }: ReplyDoc, types: readonly string[], shown: JsonObject = {}): JsonObject {
  const content = schema && Object.fromEntries(types.map((type) => [type, media(type, schemaFor(type, schema), shown)]))
  return { description: doc, ...(content && { content }), ...(headers && { headers: headerDocs(headers) }) }
}

/** The media types that a reply of a route may have. */
function mediaTypes<C>({ produces }: Route<C>, { type }: ReplyDoc): string[] {
  if (type !== undefined) return [type]
  return [...new Set(produces?.map((media) => media.type) ?? ['application/json'])]
}

/** The refusals that no route names, since all of the surface share them. */
function otherRefusals<C>({ name, refusal }: Surface<C>, route: Route<C>): JsonObject {
  if (refusal === undefined) return {}
  const types = mediaTypes(route, refusal)
  const isUsual = types.length === 1
  const other = isUsual ? { $ref: `#/components/responses/${refusalName(name)}` } : response(refusal, types)
  return { '4XX': other, '5XX': other }
}

function refusals<C>({ name, refusal }: Surface<C>): JsonObject {
  if (refusal === undefined) return {}
  return { [refusalName(name)]: response(refusal, [refusal.type ?? 'application/json']) }
}

function refusalName(surface: string): string {
  return `${surface.charAt(0).toUpperCase()}${surface.slice(1)}Refusal`
}

/** An example is JSON, so other forms show none. */
function media(type: string, schema: JsonObject, shown: JsonObject): JsonObject {
  return { schema, ...(type === 'application/json' ? shown : {}) }
}

/** The reply's schema describes its JSON form; any other form of it is a text. */
function schemaFor(type: string, schema: JsonObject): JsonObject {
  return type === 'application/json' ? schema : { type: 'string' }
}

function headerDocs(headers: ParamDocs): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => [name, { description: header.doc, schema: header.schema }]),
  )
}

/** What stands under these is kept as it is. */
const unsorted: ReadonlySet<string> = new Set(['example', 'examples'])

function sorted(value: JsonObject): JsonObject {
  const keys = Object.keys(value).sort()
  return Object.fromEntries(
    keys.map((key): [string, Json] => [
      key,
      unsorted.has(key) ? (value[key] ?? null) : sortedValue(value[key] ?? null),
    ]),
  )
}

function sortedValue(value: Json): Json {
  if (isList(value)) return value.map(sortedValue)
  return isObject(value) ? sorted(value) : value
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
