/** How a GraphQL request is read from HTTP: strictly, and within bounds, before any of it is parsed as a document. */
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { isObject, unstorable } from '#model/json.ts'
import { type BodyFault, decodeUtf8, defaultBodyLimit, isFault, jsonBody, mediaType, readBytes } from '#rest/body.ts'
import type { FindText } from './persisted-document.ts'

const jsonTypes = ['application/json', 'application/graphql+json']
const methods = ['GET', 'POST']

type Params = Readonly<Record<string, unknown>>

/** Headers of which one makes a request that a browser sends unasked impossible; JSON bodies need none. */
const csrfHeaders = ['graphql-require-preflight', 'x-graphql-yoga-csrf', 'apollo-require-preflight']
/** What a page may send to another origin without a preflight, by the Fetch standard. `Accept` is as free as these. */
const unaskedTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']

/** Refuses with 403 what any page can make a browser send unasked: no media type of its own, and none of the headers. */
export const refuseUnasked: Plugin = {
  onRequestParse({ request: { method, headers } }) {
    const type = (headers.get('content-type') ?? '').toLowerCase()
    const isUnasked = type === '' || unaskedTypes.some((unasked) => type.startsWith(unasked))
    if (!isUnasked || csrfHeaders.some((name) => headers.has(name))) return
    const [first, ...others] = csrfHeaders
    const what = method === 'GET' ? 'A query by GET' : 'A request without a JSON body'
    throw refusal(403, `${what} must carry the header ${first} (or ${others.join(' or ')}), with any value.`)
  },
}

/**
 * Takes requests from JSON bodies and from queries of the URL, and from nothing else. `findText` turns the id of a
 * persisted document into its text.
 */
export function strictRequests(findText: FindText): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (!methods.includes(request.method)) return
      setRequestParser(async () =>
        withText(request.method === 'GET' ? readQuery(request) : await readPost(request), findText),
      )
    },
  }
}

function withText(params: Params, findText: FindText): GraphQLParams {
  const { documentId: _, ...rest } = params
  const text = findText(params)
  return text === null ? rest : { ...rest, query: text }
}

function readQuery(request: Request): Params {
  const { searchParams } = new URL(request.url)
  const params = Object.fromEntries(searchParams)
  const read = (name: string) => {
    const text = searchParams.get(name)
    return text === null || text === '' ? {} : { [name]: jsonOf(text, name) }
  }
  return checked({ ...params, ...read('variables'), ...read('extensions') })
}

async function readPost(request: Request): Promise<Params> {
  const type = mediaType(request.headers.get('content-type') ?? '')
  if (!jsonTypes.includes(type)) throw refusal(415, 'The body must be application/json.')
  const bytes = await readBytes(request, defaultBodyLimit)
  if (isFault(bytes)) throw faultError(bytes)
  const text = decodeUtf8(bytes)
  if (text === null) throw refusal(400, 'The body is not valid UTF-8.')
  const value = jsonOf(text, 'body')
  if (!isObject(value)) throw refusal(400, 'The body must be a JSON object.')
  return checked({ ...value })
}

function jsonOf(text: string, what: string): unknown {
  const body = jsonBody(text)
  if (isFault(body)) throw refusal(400, `The ${what} cannot be read: ${body.detail}`)
  return body.kind === 'json' ? body.value : undefined
}

/** The names and types of the members are checked by the server that gets them. */
function checked(params: Params): Params {
  const reason = unstorable(params)
  if (reason !== null) throw refusal(400, `The request ${reason}.`)
  return params
}

function faultError({ fault, detail }: BodyFault): GraphQLError {
  return refusal(fault === 'too-large' ? 413 : 415, detail)
}

/** A refusal of a request as a whole, with the status that says so. */
export function refusal(status: number, message: string): GraphQLError {
  const code = status === 413 ? 'TOO_LARGE' : 'BAD_USER_INPUT'
  return new GraphQLError(message, { extensions: { code, http: { status } } })
}
