/** What a documented route is: data, from which matching, parsing, replies and the OpenAPI document all follow. */
import type { DomainError } from '#model/error.ts'
import type { Json, JsonObject } from '#model/json.ts'
import type { Body, BodyFault } from './body.ts'
import type { Reply } from './reply.ts'

/** The documents' faces: Scale v6, Nomad /v1/job, Bastion jobs and the Cluster API. */
export type SurfaceName = 'scale' | 'nomad' | 'bastion' | 'cluster'
/** The methods that a document uses; HEAD follows from GET. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A query or body parameter as a document describes it; a surface adds how it reads one. */
export type ParamDoc = {
  readonly doc: string
  readonly schema: JsonObject
  readonly required?: boolean
}
/** Parameters by name, in the order in which OpenAPI shows them. */
export type ParamDocs = { readonly [name: string]: ParamDoc }

/** A `{name}` in a path: what it may look like once decoded (the whole segment is held against `pattern`). */
export type PathParam = { readonly doc: string; readonly pattern: RegExp; readonly schema: JsonObject }

/** One form in which a route can answer: `format` is the word that a `?format=` query uses, `type` the media type. */
export type Media = { readonly format: string; readonly type: string }

/** A reply as documented; without a schema its body is empty. Without a `type` it has those of the route. */
export type ReplyDoc = {
  readonly doc: string
  readonly schema?: JsonObject
  readonly type?: string
  readonly headers?: ParamDocs
}

/** The bodies that a document shows for an operation, its own values in its own order; absent where it shows none. */
export type Example = { readonly request?: Json; readonly response?: Json }
/** Examples by route id. */
export type Examples = { readonly [id: string]: Example }

/** One documented operation; C is the context that its handler works with. */
export type Route<C> = {
  readonly surface: SurfaceName
  readonly method: Method
  /** With braces round parameters, as in `/v6/jobs/{job_id}/`; a final slash is shown in OpenAPI and optional in requests. */
  readonly path: string
  /** Unique over all surfaces; the operation's name in OpenAPI and in the logs. */
  readonly id: string
  readonly summary: string
  readonly doc?: string
  readonly query?: ParamDocs
  readonly headers?: ParamDocs
  /** The body as a JSON Schema; absent where the document names none. */
  readonly body?: JsonObject
  /** Media types of a body. Absent or empty: the route reads no body and ignores one that is sent. */
  readonly accepts?: readonly string[]
  /** Largest body in bytes; absent means the router's default. */
  readonly bodyLimit?: number
  /** What the route can answer with, preferred first; absent means JSON alone. */
  readonly produces?: readonly Media[]
  readonly replies: { readonly [status: number]: ReplyDoc }
  readonly handler: (ctx: C, request: RestRequest) => Promise<Reply>
}

/** A request once it has found its route. Nothing in it holds NUL, a lone surrogate or deep nesting. */
export type RestRequest = {
  readonly method: string
  /** The path as it was sent, still percent-encoded, without the base path. */
  readonly path: string
  /** What stands between the host and `path`, such as `/api`; usually empty. */
  readonly basePath: string
  /** The scheme and host of the request itself, such as `http://localhost:4000`. */
  readonly origin: string
  /** Path parameters, decoded once. */
  readonly params: { readonly [name: string]: string }
  readonly query: URLSearchParams
  readonly headers: Headers
  readonly body: Body
  /** The form of the answer that was negotiated: a `format` of the route's `produces`. */
  readonly format: string
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

/** What the HTTP edge knows and a fetch `Request` does not keep. */
export type RequestMeta = {
  /** The request target byte for byte, such as `//a/%2e%2e?x`; a `URL` would have tidied it. */
  readonly target: string
  readonly remoteAddress: string | null
  /** Aborts when the client goes away; the request itself has no signal. */
  readonly signal: AbortSignal
}

/** What a surface's own matcher answers: the routes that share the path, or a finished reply such as a redirect. */
export type Found<C> =
  | { readonly routes: readonly Route<C>[]; readonly params: { readonly [name: string]: string } }
  | { readonly reply: Reply }

/** One document's routes together with its manners: what it owns and how it words a refusal. */
export type Surface<C> = {
  readonly name: SurfaceName
  readonly title: string
  readonly routes: readonly Route<C>[]
  /** Every `{name}` that the paths use. */
  readonly pathParams: { readonly [name: string]: PathParam }
  /** Named schemas that routes refer to as `#/components/schemas/<name>`. */
  readonly schemas?: { readonly [name: string]: JsonObject }
  readonly examples?: Examples
  /** What OpenAPI says of each refusal, and failure, that a route does not name itself. */
  readonly refusal?: ReplyDoc
  /** Whether an unrouted path (as sent) is this surface's to refuse. */
  readonly owns: (path: string) => boolean
  /** For paths that segments cannot express; asked before the table, with the path as sent. Null passes on. */
  readonly match?: (path: string, method: string) => Found<C> | null
  /** Whether HEAD is served wherever GET is. */
  readonly head: boolean
  readonly readBody: (request: Request, route: Route<C>, limit: number) => Promise<Body | BodyFault>
  /** Chooses a `format` of the route, or refuses; absent means the route's first. */
  readonly negotiate?: (request: RestRequest, route: Route<C>) => string | Reply
  readonly notFound: (path: string) => Reply
  readonly methodNotAllowed: (method: string, allow: readonly string[]) => Reply
  readonly badBody: (fault: BodyFault, request: RestRequest) => Reply
  readonly fromError: (error: DomainError, request: RestRequest) => Reply
  /** The masked answer to a bug. */
  readonly failure: (request: RestRequest) => Reply
}

/** The `{name}`s of a path pattern, in order. */
export function pathNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '')
}

/** The JSON Schema of an object whose members are these parameters. */
export function objectSchema(params: ParamDocs): JsonObject {
  const properties = Object.fromEntries(
    Object.entries(params).map(([name, param]): [string, Json] => [name, { ...param.schema, description: param.doc }]),
  )
  const required = Object.keys(params).filter((name) => params[name]?.required === true)
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}
