import { endOf, type Position } from './change.ts'
import { badInput, DomainError } from './error.ts'

/** A place in the change log as clients keep it: opaque, and bound to the store that gave it. */
export function encodeCursor(storeId: string, position: Position): string {
  return Buffer.from(`${storeId.slice(0, 8)}.${position.index}.${position.ordinal}`).toString('base64url')
}

/**
 * Reads a cursor that a client sends back.
 * @throws DomainError BAD_USER_INPUT where it is none, FOREIGN_CURSOR where another store gave it
 */
export function decodeCursor(storeId: string, text: string): Position {
  const match = /^([0-9a-f]{8})\.(\d{1,16})\.(\d{1,10})$/.exec(Buffer.from(text, 'base64url').toString('latin1'))
  const [, store, index, ordinal] = match ?? []
  if (store === undefined || Number(ordinal) > endOf(0).ordinal)
    throw badInput('The cursor is not one that this API gave.', { path: ['after'] })
  if (store !== storeId.slice(0, 8))
    throw new DomainError('FOREIGN_CURSOR', 'The cursor belongs to another store; start from a new snapshot.', {
      path: ['after'],
    })
  return { index: Number(index), ordinal: Number(ordinal) }
}
