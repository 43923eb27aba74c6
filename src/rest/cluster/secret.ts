import { duplicateKey } from '#model/json-duplicate.ts'
import type { Context } from '#resolvers/context.ts'
import { getSecretValues, listSecrets, removeSecret, setSecret } from '#resolvers/secret.ts'
import { type Body, type BodyFault, isFault } from '../body.ts'
import type { Reply } from '../reply.ts'
import type { RestRequest, Route } from '../route.ts'
import { exactly, listOf, named, string } from '../shape.ts'
import { badRequest, posted, readText, unknown } from './error.ts'
import { answer, done, doneDoc, fromSecret } from './wire.ts'

/** The schemas of secrets. */
export const secretSchemas = {
  ClusterSecret: { type: 'object', additionalProperties: string },
  ClusterSecretList: exactly({ keys: listOf(string) }),
} as const

const hidden = { doc: 'This gateway shows no values of secrets.', schema: named('ClusterError') }
const noStore = { 'Cache-Control': 'no-store' }

async function listHandler(ctx: Context): Promise<Reply> {
  return answer({ keys: (await listSecrets(ctx)).map(({ id }) => id) }, noStore)
}

async function getHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  return answer(await getSecretValues(ctx, request.params.secret ?? ''), noStore)
}

async function setHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  await setSecret(ctx, request.params.secret ?? '', fromSecret(posted(request)))
  return done(noStore)
}

async function removeHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  await removeSecret(ctx, request.params.secret ?? '')
  return done(noStore)
}

/**
 * Reads the body of a secret. A key that stands twice is refused: whoever checked the text may have read the other
 * value.
 */
export async function readSecretBody(request: Request, limit: number): Promise<Body | BodyFault> {
  const { body, text } = await readText(request, limit)
  const twice = isFault(body) || body.kind === 'none' ? null : duplicateKey(text)
  return twice === null ? body : { fault: 'malformed', detail: 'The request body has a key twice.' }
}

/** The document writes some of its paths with `/v1` and some without; each is served both ways. */
function routesUnder(prefix: '' | '/v1'): Route<Context>[] {
  const path = `${prefix}/secrets/secret/{secret}`
  const suffix = prefix === '' ? '' : 'V1'
  return [
    {
      surface: 'cluster',
      method: 'GET',
      path: `${prefix}/secrets/list`,
      id: `listClusterSecrets${suffix}`,
      summary: 'Lists the secrets, without their values.',
      doc: 'The values of a secret are shown by its own route.',
      replies: { 200: { doc: 'The ids, in order.', schema: named('ClusterSecretList') } },
      handler: listHandler,
    },
    {
      surface: 'cluster',
      method: 'GET',
      path,
      id: `getClusterSecret${suffix}`,
      summary: 'Shows the values of a secret.',
      doc: 'Not kept by any cache. A gateway may be set to show no values.',
      replies: { 200: { doc: 'The values.', schema: named('ClusterSecret') }, 403: hidden, 404: unknown },
      handler: getHandler,
    },
    {
      surface: 'cluster',
      method: 'POST',
      path,
      id: `setClusterSecret${suffix}`,
      summary: 'Creates a secret, or replaces all its values.',
      doc: 'An object of texts with at least one; a key that stands twice is refused. The values are sealed before they are stored.',
      accepts: ['application/json'],
      body: named('ClusterSecret'),
      bodyLimit: 262_144,
      replies: { 200: doneDoc, 400: badRequest },
      handler: setHandler,
    },
    {
      surface: 'cluster',
      method: 'DELETE',
      path,
      id: `deleteClusterSecret${suffix}`,
      summary: 'Deletes a secret.',
      doc: 'Its values cannot be read any more. A body is ignored.',
      replies: { 200: doneDoc, 404: unknown },
      handler: removeHandler,
    },
  ]
}

/** The secrets of the cluster. */
export const secretRoutes: readonly Route<Context>[] = [...routesUnder(''), ...routesUnder('/v1')]
