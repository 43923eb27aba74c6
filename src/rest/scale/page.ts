/** Pages of a Scale v6 list: counted from 1, 100 rows unless told otherwise, with absolute links to the neighbours. */
import { DomainError } from '#model/error.ts'
import type { JsonObject } from '#model/json.ts'
import { json, type Reply } from '../reply.ts'
import type { ParamDocs, RestRequest } from '../route.ts'
import { exactly, integer, listOf, orNull } from '../shape.ts'
import { invalidPage } from './error.ts'
import { texts } from './param.ts'

const usualSize = 100
const largestSize = 1000
/** Beyond this no list has a page, and offsets would leave the range of exact integers. */
const largestPage = 2_147_483_647

/** The two paging parameters as a route's `query` describes them; `scalePage` reads them itself. */
export const pageDocs: ParamDocs = {
  page: {
    doc: 'The page to show, from 1, or the word `last`.',
    schema: { type: 'string', pattern: '^(?:[0-9]+|last)$', default: '1' },
  },
  page_size: {
    doc: 'Rows on a page: 1 to 1000. More is taken as 1000, anything else as 100.',
    schema: { type: 'integer', default: 100, minimum: 1, maximum: 1000 },
  },
}

/** The `order` parameter: repeatable, `-` for descending. @throws (on reading) for more than ten keys */
export const orderParam = texts('A field to sort by; repeat it to sort by several, and put - before it to go down.', 10)

/** Which rows to fetch: skip `offset`, then at most `limit`. */
export type Window = { readonly offset: number; readonly limit: number }

/** `count` is the number of rows in the whole list, `rows` those in the window. */
export type Found<T> = { readonly count: number; readonly rows: readonly T[] }

/**
 * Answers a list route with the page that the request names.
 * @throws DomainError NOT_FOUND `Invalid page.` for a page that is no number or lies beyond the last
 */
export async function scalePage<T>(
  request: RestRequest,
  find: (window: Window) => Promise<Found<T>>,
  toWire: (row: T) => unknown,
): Promise<Reply> {
  const size = readSize(request)
  const asked = readPage(request)
  const first = await find({ offset: ((asked ?? 1) - 1) * size, limit: size })
  const last = Math.max(1, Math.ceil(first.count / size))
  const page = asked ?? last
  if (page > last) throw noSuchPage()
  // `last` is known only once the rows are counted, so it costs a second look.
  const found = asked === null && last > 1 ? await find({ offset: (last - 1) * size, limit: size }) : first
  return json(200, {
    count: found.count,
    next: page < last ? pageUrl(request, page + 1) : null,
    previous: page > 1 ? pageUrl(request, page - 1) : null,
    results: found.rows.map(toWire),
  })
}

/**
 * An absolute link to a path of ours, such as `/v6/jobs/7/`, as the client sees us: the host and scheme that a proxy
 * forwarded win over our own.
 */
export function absoluteUrl(request: RestRequest, path: string): string {
  const own = new URL(request.origin)
  const host = forwarded(request, 'x-forwarded-host', /^[\w.-]+(?::\d{1,5})?$|^\[[\da-f:.]+\](?::\d{1,5})?$/i)
  const scheme = forwarded(request, 'x-forwarded-proto', /^https?$/i)
  return `${scheme?.toLowerCase() ?? own.protocol.slice(0, -1)}://${host ?? own.host}${request.basePath}${path}`
}

/** The first of a list of proxies' values, or null where it is missing or not what it should be. */
function forwarded(request: RestRequest, header: string, shape: RegExp): string | null {
  const value = (request.headers.get(header) ?? '').split(',', 1)[0]?.trim() ?? ''
  return shape.test(value) ? value : null
}

/** The page's number, null for `last`. */
function readPage(request: RestRequest): number | null {
  const asked = request.query.getAll('page').at(-1) ?? '1'
  if (asked === 'last') return null
  const page = pythonInt(asked)
  if (page === null || page < 1 || page > largestPage) throw noSuchPage()
  return page
}

function readSize(request: RestRequest): number {
  const size = pythonInt(request.query.getAll('page_size').at(-1) ?? '')
  return size === null || size < 1 ? usualSize : Math.min(size, largestSize)
}

function pythonInt(value: string): number | null {
  return /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : null
}

function noSuchPage(): DomainError {
  return new DomainError('NOT_FOUND', 'Invalid page.', { name: invalidPage })
}

/** The request's own address with another page: keys sorted by name, `page` left out where it would say 1. */
function pageUrl(request: RestRequest, page: number): string {
  const query = new URLSearchParams([...request.query].filter(([key]) => key !== 'page'))
  if (page > 1) query.set('page', String(page))
  query.sort()
  // Python's quote_plus escapes the asterisk; a URLSearchParams does not.
  const search = query.toString().replaceAll('*', '%2A')
  const path = request.path.endsWith('/') ? request.path : `${request.path}/`
  return absoluteUrl(request, search === '' ? path : `${path}?${search}`)
}

/** The schema of one page of a list. */
export function pageOf(items: JsonObject): JsonObject {
  return exactly({
    count: { ...integer, minimum: 0 },
    next: orNull({ type: 'string', format: 'uri' }),
    previous: orNull({ type: 'string', format: 'uri' }),
    results: listOf(items),
  })
}
