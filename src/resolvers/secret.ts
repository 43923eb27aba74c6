import { badInput, notFound } from '#model/error.ts'
import { isSecretId, type SecretInfo } from '#model/secret.ts'
import { deleteSecret, findSecretInfos, findSecretValues, replaceSecret } from '#store/secret.ts'
import type { Context } from './context.ts'

/** All secrets by id, without their values. */
export async function listSecrets(ctx: Context): Promise<readonly SecretInfo[]> {
  return findSecretInfos(ctx.store.db)
}

/**
 * The values of a secret. They are for the caller's eyes alone: nothing may log or remember them.
 * @throws DomainError NOT_FOUND for an unknown secret
 */
export async function getSecretValues(ctx: Context, id: string): Promise<Readonly<Record<string, string>>> {
  const values = await findSecretValues(ctx.store.db, ctx.store.keys, id)
  if (values === null) throw unknown(id)
  return values
}

/**
 * Creates a secret, or replaces all values of the one of that id.
 * @throws DomainError BAD_USER_INPUT for an id that is none or a secret without values, UNAVAILABLE without a key
 */
export async function setSecret(ctx: Context, id: string, values: Readonly<Record<string, string>>): Promise<void> {
  if (!isSecretId(id)) throw badInput('The id of a secret has letters, digits, dots, dashes and underscores.')
  if (Object.keys(values).length === 0) throw badInput('A secret holds at least one value.')
  await replaceSecret(ctx.store, id, values)
}

/** Deletes a secret. @throws DomainError NOT_FOUND for an unknown one */
export async function removeSecret(ctx: Context, id: string): Promise<void> {
  if (!(await deleteSecret(ctx.store, id))) throw unknown(id)
}

function unknown(id: string) {
  return notFound(`There is no secret ${id}.`)
}
