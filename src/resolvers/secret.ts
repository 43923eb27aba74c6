import { badInput, DomainError, notFound } from '#model/error.ts'
import { isSecretId, type SecretInfo } from '#model/secret.ts'
import { deleteSecret, findSecretInfos, findSecretValues, replaceSecret } from '#store/secret.ts'
import type { Context } from './context.ts'

/** All secrets by id, without their values. */
export async function listSecrets(ctx: Context): Promise<readonly SecretInfo[]> {
  return findSecretInfos(ctx.store.db)
}

/**
 * The values of a secret. They are for the caller's eyes alone: nothing may log or remember them.
 * @throws DomainError NOT_FOUND for an unknown secret, FORBIDDEN where the operator lets nobody see values
 */
export async function getSecretValues(ctx: Context, id: string): Promise<Readonly<Record<string, string>>> {
  if (ctx.revealSecrets === false) throw new DomainError('FORBIDDEN', 'This gateway shows no values of secrets.')
  const values = await findSecretValues(ctx.store.db, ctx.store.keys, id)
  if (values === null) throw unknown(id)
  return values
}

/** One value of a secret, and the name that it has there. */
export type SecretValue = { readonly key: string; readonly value: string }

/**
 * The values of a secret by name.
 * @throws DomainError BAD_USER_INPUT for a name that stands twice: whoever looked at the list may have seen the other
 */
export function secretValuesOf(values: readonly SecretValue[]): Readonly<Record<string, string>> {
  const names = new Set<string>()
  for (const [place, { key }] of values.entries()) {
    if (names.has(key)) throw badInput(`The key ${key} is given twice.`, { path: ['values', place, 'key'] })
    names.add(key)
  }
  return Object.fromEntries(values.map(({ key, value }) => [key, value]))
}

/**
 * Creates a secret, or replaces all values of the one of that id.
 * @returns its id and the names of its values, in order
 * @throws DomainError BAD_USER_INPUT for an id that is none or a secret without values, UNAVAILABLE without a key
 */
export async function setSecret(ctx: Context, id: string, values: Readonly<Record<string, string>>) {
  if (!isSecretId(id))
    throw badInput('A secret is named by letters, digits, dots, dashes and underscores.', { path: ['id'] })
  if (Object.keys(values).length === 0) throw badInput('A secret holds at least one value.', { path: ['values'] })
  await replaceSecret(ctx.store, id, values)
  return { id, keys: Object.keys(values).sort() }
}

/** Deletes a secret. @throws DomainError NOT_FOUND for an unknown one */
export async function removeSecret(ctx: Context, id: string): Promise<void> {
  if (!(await deleteSecret(ctx.store, id))) throw unknown(id)
}

function unknown(id: string) {
  return notFound(`There is no secret ${id}.`, { path: ['id'] })
}
