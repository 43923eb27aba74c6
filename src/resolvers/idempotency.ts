import { setTimeout as delay } from 'node:timers/promises'
import { badInput, DomainError } from '#model/error.ts'
import { findKeptUse, fingerprintOf, type KeptUse, keepAnswer } from '#store/idempotency.ts'
import { type KeyUse, keyClaim } from '#store/key-claim.ts'
import { type Context, createContext } from './context.ts'

/** What a request under a key came to; `kept` is its answer as text, or null for one that must not be kept. */
export type Kept<T> = { readonly answer: T; readonly kept: string | null }

/** A first answer, or the text of one that was given before. */
export type Once<T> = { readonly answer: T } | { readonly replayed: string }

const patienceMs = 3_000
const stepMs = 25

/**
 * Reads an idempotency key, quoted as the IETF draft has it or bare: 1 to 255 visible characters of ASCII.
 * @throws DomainError BAD_USER_INPUT for any other text
 */
export function readKey(text: string): string {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)
  const key = quoted === null ? text : (quoted[1] ?? '').replace(/\\(["\\])/g, '$1')
  const isBareQuote = quoted === null && text.includes('"')
  if (isBareQuote || !/^[\x21-\x7e]{1,255}$/.test(key))
    throw badInput('An idempotency key has 1 to 255 visible characters of ASCII, bare or in double quotes.')
  return key
}

/** Binds a key to all that was asked; the parts together make a request the same as another. */
export function keyUse(face: string, text: string, parts: readonly (string | Uint8Array)[]): KeyUse {
  return { face, key: readKey(text), fingerprint: fingerprintOf(parts) }
}

/**
 * Does the work of a key once. The key is taken in the first transaction of `work`, so what fails before its commit
 * may be tried again.
 * @throws DomainError KEY_REUSED where the key stands for another request, CONFLICT where its work was done and the
 * answer is not there
 */
export async function once<T>(ctx: Context, use: KeyUse, work: (ctx: Context) => Promise<Kept<T>>): Promise<Once<T>> {
  const known = await findKeptUse(ctx.store, use)
  if (known !== null) return replay(ctx, use, known)
  const claim = keyClaim(use)
  try {
    const { answer, kept } = await work(createContext({ ...ctx, store: { ...ctx.store, claim } }, ctx.signal))
    if (!claim.isLost()) {
      if (claim.isCommitted()) await keep(ctx, use, claim.token, kept)
      return { answer }
    }
  } catch (error) {
    if (claim.isCommitted()) await keep(ctx, use, claim.token, null)
    if (!claim.isLost()) throw error
  }
  const first = await findKeptUse(ctx.store, use)
  if (first === null) throw new DomainError('UNAVAILABLE', 'The idempotency key was just given up; try again.')
  return replay(ctx, use, first)
}

/** The work is done by now: an answer that cannot be kept must not make a failure of it. */
async function keep(ctx: Context, use: KeyUse, token: string, kept: string | null): Promise<void> {
  await keepAnswer(ctx.store, use, token, kept).catch((error: unknown) =>
    ctx.log.error('The answer to an idempotency key could not be kept', error),
  )
}

async function replay(ctx: Context, use: KeyUse, first: KeptUse): Promise<{ readonly replayed: string }> {
  let known: KeptUse | null = first
  for (let waited = 0; known?.isSame && !known.isDone && waited < patienceMs; waited += stepMs) {
    await delay(stepMs)
    known = await findKeptUse(ctx.store, use)
  }
  if (known === null) throw new DomainError('UNAVAILABLE', 'The idempotency key has just expired; try again.')
  if (!known.isSame) throw new DomainError('KEY_REUSED', 'This idempotency key was used for another request.')
  if (known.answer !== null) return { replayed: known.answer }
  throw new DomainError(
    'CONFLICT',
    known.isDone
      ? 'The request with this idempotency key was carried out; its answer is not kept.'
      : 'The request with this idempotency key is being carried out, or was and its answer was lost.',
  )
}
