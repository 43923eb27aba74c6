/** From a request to its route and back: match, negotiate, read the body, call, reply. The table is laid out once, at start. */
import { badInput } from '#model/error.ts'
import { unstorable } from '#model/json.ts'
import { domainErrorOf } from '#resolvers/fault.ts'
import { type Body, type BodyFault, defaultBodyLimit, isFault } from './body.ts'
import { type Keyed, readCopy } from './keyed.ts'
import { type Reply, toResponse } from './reply.ts'
import { type PathParam, pathNames, type RequestMeta, type RestRequest, type Route, type Surface } from './route.ts'

/** Makes what the handlers work with; called once for each request that found its route. */
export type MakeContext<C> = (request: Request, meta: RequestMeta) => C | Promise<C>

/**
 * Answers a request, or null when no surface owns its path. Without `meta` the target is taken from the URL. `found`
 * hears of the route before it runs, and nothing where there is none.
 */
export type Router<C> = (
  make: MakeContext<C>,
  request: Request,
  meta?: RequestMeta,
  found?: (route: Route<C>) => void,
) => Promise<Response | null>

/** What a router needs beside its surfaces. */
export type RouterOptions<C> = {
  /** Does the work of an `Idempotency-Key` once; absent where the header means nothing. */
  readonly keyed?: Keyed<C>
  /** A prefix such as `/api` under which everything is served; paths outside it are nobody's. */
  readonly basePath?: string
  /** Told of each bug that was masked; the error carries the stack. */
  readonly report: (error: unknown, where: { readonly method: string; readonly path: string }) => void
}

type Params = { readonly [name: string]: string }
type Endpoint<C> = Map<string, { readonly surface: Surface<C>; readonly route: Route<C> }>
type Branch<C> = { readonly name: string; readonly pattern: RegExp; readonly node: Node<C> }
type Node<C> = { readonly words: Map<string, Node<C>>; readonly branches: Branch<C>[]; endpoint: Endpoint<C> | null }
type Match<C> = { readonly endpoint: Endpoint<C>; readonly params: Params }

/**
 * Lays the surfaces' routes out as one tree and serves them, fixed words before parameters, with and without a final slash.
 * @throws Error at start where two routes claim the same method and path, or a path names an undescribed parameter
 */
export function createRouter<C>(surfaces: readonly Surface<C>[], options: RouterOptions<C>): Router<C> {
  const root = plant(surfaces)
  const basePath = options.basePath ?? ''
  return async (make, request, meta = metaOf(request), found) => {
    const whole = meta.target.split(/[?#]/, 1)[0] ?? '/'
    if (!whole.startsWith(`${basePath}/`)) return null
    const path = whole.slice(basePath.length)
    const match = find(surfaces, root, path, request.method)
    const head = request.method === 'HEAD'
    if (match === null) return null
    if ('reply' in match) return toResponse(match.reply, head)
    const entry = choose(match.endpoint, request.method)
    if ('reply' in entry) return toResponse(entry.reply, head)
    const { surface, route } = entry
    found?.(route)
    const rest = describe(request, meta, { path, basePath, params: match.params, format: firstFormat(route) })
    return answer(surface, route, rest, { ...options, make, request, meta })
  }
}

/** The meta of a request that came by no socket, as in a test. */
function metaOf(request: Request): RequestMeta {
  const url = new URL(request.url)
  return { target: url.pathname + url.search, remoteAddress: null, signal: request.signal }
}

function plant<C>(surfaces: readonly Surface<C>[]): Node<C> {
  const root = emptyNode<C>()
  for (const surface of surfaces) {
    for (const route of surface.routes) {
      const node = segmentsOf(route.path).reduce((at, segment) => step(at, segment, surface, route), root)
      node.endpoint ??= new Map()
      if (node.endpoint.has(route.method)) throw new Error(`${route.method} ${route.path} is declared twice`)
      node.endpoint.set(route.method, { surface, route })
    }
  }
  return root
}

function emptyNode<C>(): Node<C> {
  return { words: new Map(), branches: [], endpoint: null }
}

function step<C>(at: Node<C>, segment: string, surface: Surface<C>, route: Route<C>): Node<C> {
  const name = pathNames(segment)[0]
  if (name === undefined) {
    const known = at.words.get(segment) ?? emptyNode<C>()
    at.words.set(segment, known)
    return known
  }
  const param = surface.pathParams[name]
  if (param === undefined) throw new Error(`${route.path} names {${name}}, which ${surface.name} does not describe`)
  const pattern = wholeSegment(param)
  const same = at.branches.find((branch) => branch.name === name && branch.pattern.source === pattern.source)
  if (same !== undefined) return same.node
  const branch = { name, pattern, node: emptyNode<C>() }
  at.branches.push(branch)
  return branch.node
}

function wholeSegment(param: PathParam): RegExp {
  return new RegExp(`^(?:${param.pattern.source})$`, param.pattern.flags)
}

/** The segments of a path; a final slash makes no segment of its own. */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/')
}

/** The endpoint of a path, a refusal in the words of the surface that owns it, or null. */
function find<C>(surfaces: readonly Surface<C>[], root: Node<C>, path: string, method: string) {
  for (const surface of surfaces) {
    const found = surface.match?.(path, method) ?? null
    if (found === null) continue
    if ('reply' in found) return found
    const endpoint: Endpoint<C> = new Map(found.routes.map((route) => [route.method, { surface, route }]))
    return { endpoint, params: found.params }
  }
  const segments = decodeAll(segmentsOf(path))
  const match = segments === null ? null : walk(root, segments, 0, {})
  if (match !== null) return match
  const owner = surfaces.find((surface) => surface.owns(path))
  return owner === undefined ? null : { reply: owner.notFound(path) }
}

/** Each segment decoded once, so that `%2F` stays inside its segment; null for a bad percent sign or a NUL. */
function decodeAll(segments: readonly string[]): string[] | null {
  try {
    const decoded = segments.map(decodeURIComponent)
    return unstorable(decoded) === null ? decoded : null
  } catch {
    return null
  }
}

/** Depth first, words before parameters; goes back where a word leads nowhere, as a list of patterns would. */
function walk<C>(node: Node<C>, segments: readonly string[], at: number, params: Params): Match<C> | null {
  const segment = segments[at]
  if (segment === undefined) return node.endpoint === null ? null : { endpoint: node.endpoint, params }
  const word = node.words.get(segment)
  const byWord = word === undefined ? null : walk(word, segments, at + 1, params)
  if (byWord !== null) return byWord
  for (const { name, pattern, node: next } of node.branches) {
    if (!pattern.test(segment)) continue
    const byParam = walk(next, segments, at + 1, { ...params, [name]: segment })
    if (byParam !== null) return byParam
  }
  return null
}

/** The route for the method, or 405 in the words of the surface that declared the path first. */
function choose<C>(endpoint: Endpoint<C>, method: string) {
  const get = endpoint.get('GET')
  const served = method === 'HEAD' && get?.surface.head === true ? get : endpoint.get(method)
  if (served !== undefined) return served
  const allow = [...endpoint.keys()]
  if (get?.surface.head === true) allow.push('HEAD')
  const first = [...endpoint.values()][0]
  if (first === undefined) throw new Error('a matched path has no route')
  return { reply: first.surface.methodNotAllowed(method, allow.sort()) }
}

function firstFormat<C>(route: Route<C>): string {
  return route.produces?.[0]?.format ?? 'json'
}

type Place = Pick<RestRequest, 'path' | 'basePath' | 'params' | 'format'>

function describe(request: Request, meta: RequestMeta, place: Place): RestRequest {
  const mark = meta.target.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : (meta.target.slice(mark + 1).split('#', 1)[0] ?? ''))
  const { method, headers } = request
  const body: Body = { kind: 'none' }
  return { ...place, method, query, headers, body, origin: new URL(request.url).origin, signal: meta.signal }
}

type Call<C> = {
  readonly make: MakeContext<C>
  readonly request: Request
  readonly meta: RequestMeta
  readonly report: RouterOptions<C>['report']
  readonly keyed?: Keyed<C>
}

/** Runs one route. Never rejects: a fault of the caller gets the surface's words, a bug is reported and masked. */
async function answer<C>(surface: Surface<C>, route: Route<C>, bare: RestRequest, call: Call<C>): Promise<Response> {
  const head = bare.method === 'HEAD'
  const format = surface.negotiate?.(bare, route) ?? bare.format
  if (typeof format !== 'string') return toResponse(format, head)
  const rest = { ...bare, format }
  try {
    return toResponse(await run(surface, route, rest, call), head)
  } catch (error) {
    const known = domainErrorOf(error)
    if (known !== null) return toResponse(surface.fromError(known, rest), head)
    // A client that hung up half-way through its body, or while waiting, is no bug; nobody reads this reply.
    if (!rest.signal.aborted) call.report(error, { method: rest.method, path: rest.path })
    return toResponse(surface.failure(rest), head)
  }
}

async function run<C>(surface: Surface<C>, route: Route<C>, rest: RestRequest, call: Call<C>): Promise<Reply> {
  const reason = unstorable([...rest.query])
  if (reason !== null) throw badInput(`The query string ${reason}.`)
  const key = route.method === 'GET' ? null : rest.headers.get('idempotency-key')
  const { keyed } = call
  if (key === null || keyed === undefined) return serve(surface, route, rest, call)
  const copy = reads(route) ? await readCopy(call.request, route.bodyLimit ?? defaultBodyLimit) : call
  if (isFault(copy)) return surface.badBody(copy, rest)
  const { request, bytes } = { bytes: new Uint8Array(), ...copy }
  const parts = [rest.method, call.meta.target, rest.headers.get('content-type') ?? '', bytes]
  const work = (ctx: C) => serve(surface, route, rest, { ...call, request, make: () => ctx })
  return keyed(await call.make(request, call.meta), { face: surface.name, key, parts }, work)
}

async function serve<C>(surface: Surface<C>, route: Route<C>, rest: RestRequest, call: Call<C>): Promise<Reply> {
  const body = await readRouteBody(surface, route, call.request)
  if (isFault(body)) return surface.badBody(body, rest)
  return route.handler(await call.make(call.request, call.meta), { ...rest, body })
}

function reads<C>(route: Route<C>): boolean {
  return route.accepts !== undefined && route.accepts.length > 0
}

async function readRouteBody<C>(surface: Surface<C>, route: Route<C>, request: Request): Promise<Body | BodyFault> {
  if (!reads(route)) return { kind: 'none' }
  return surface.readBody(request, route, route.bodyLimit ?? defaultBodyLimit)
}
