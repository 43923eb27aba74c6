/** The OpenAPI 3.1 document of the surfaces' tables. The same tables always give the same text: every key outside an example is sorted. */
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { type Example, type ParamDocs, type PathParam, pathNames, type Route, type Surface } from './route.ts'

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
      item[route.method.toLowerCase()] = operation(surface, route)
      paths[route.path] = item
    }
  }
  const tags = surfaces.map((surface) => ({ name: surface.name, description: surface.title }))
  // The paths stand at the root of whichever host serves the document, and no operation asks for credentials.
  const servers = [{ url: '/' }]
  return sorted({ openapi: '3.1.0', info: { ...info }, servers, security: [], tags, paths, components: { schemas } })
}

function operation<C>(surface: Surface<C>, route: Route<C>): JsonObject {
  const parameters = [
    ...pathNames(route.path).map((name) => pathParameter(name, surface.pathParams[name])),
    ...parametersIn('query', route.query ?? {}),
    ...parametersIn('header', route.headers ?? {}),
  ]
  const example = surface.examples?.[route.id] ?? {}
  const body = requestBody(route, example)
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [surface.name],
    responses: responses(route, example),
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

function requestBody<C>(route: Route<C>, { request }: Example): JsonObject | null {
  const { body, accepts = [] } = route
  if (body === undefined) return null
  const needed = Array.isArray(body.required) && body.required.length > 0
  return { required: needed, content: Object.fromEntries(accepts.map((type) => [type, media(type, body, request)])) }
}

function responses<C>(route: Route<C>, { response }: Example): JsonObject {
  const types = (route.produces ?? [{ format: 'json', type: 'application/json' }]).map((media) => media.type)
  // Where there are two successes, the document shows the last: 201 or 202.
  const success = Object.keys(route.replies).findLast((status) => status.startsWith('2'))
  const entries = Object.entries(route.replies).map(([status, reply]): [string, JsonObject] => {
    const { schema, headers } = reply
    const example = status === success ? response : undefined
    const content =
      schema && Object.fromEntries(types.map((type) => [type, media(type, schemaFor(type, schema), example)]))
    return [
      status,
      { description: reply.doc, ...(content && { content }), ...(headers && { headers: headerDocs(headers) }) },
    ]
  })
  return Object.fromEntries(entries)
}

/** An example is JSON, so other forms show none. */
function media(type: string, schema: JsonObject, example: Json | undefined): JsonObject {
  return { schema, ...(example === undefined || type !== 'application/json' ? {} : { example }) }
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

function sorted(value: JsonObject): JsonObject {
  const keys = Object.keys(value).sort()
  return Object.fromEntries(
    keys.map((key): [string, Json] => [
      key,
      key === 'example' ? (value[key] ?? null) : sortedValue(value[key] ?? null),
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
