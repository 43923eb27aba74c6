import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DomainError } from '#model/error.ts'

/** Keys for what lies encrypted in the store: the first seals, all open. */
export type KeyRing = { readonly keys: readonly { readonly name: string; readonly key: Buffer }[] }

const ivBytes = 12
const tagBytes = 16

/**
 * Reads keys written as `name:base64` of 32 bytes, newest first.
 * @throws Error with one plain sentence where a key is malformed
 */
export function keyRing(texts: readonly string[]): KeyRing {
  const keys = texts.map((text) => {
    const colon = text.indexOf(':')
    const name = text.slice(0, colon)
    const key = Buffer.from(text.slice(colon + 1), 'base64')
    if (colon < 1 || name.length > 32 || key.length !== 32)
      throw new Error('A secret key must be written name:base64, where the base64 holds 32 bytes.')
    return { name, key }
  })
  return { keys }
}

/**
 * Seals a text with AES-256-GCM under the newest key. `place` (such as `setting|7|TOKEN`) is bound to it, so that a
 * sealed value moved to another row no longer opens.
 */
export function seal(ring: KeyRing, place: string, text: string): Buffer {
  const current = ring.keys[0]
  if (current === undefined)
    throw new DomainError('UNAVAILABLE', 'No secret key is configured, so secrets cannot be kept.')
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', current.key, iv)
  cipher.setAAD(Buffer.from(place))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([keyMark(current.name), iv, cipher.getAuthTag(), body])
}

/** What a value that was sealed under a key of this name begins with. */
export function keyMark(name: string): Buffer {
  const bytes = Buffer.from(name)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

/**
 * Opens what `seal` made for the same place.
 * @throws DomainError UNAVAILABLE where the key is not in the ring (another gateway may have it); Error where the value
 * was moved or altered, or the key is another of the same name
 */
export function unseal(ring: KeyRing, place: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed)
  const nameEnd = 1 + (bytes[0] ?? 0)
  const name = bytes.subarray(1, nameEnd).toString()
  const key = ring.keys.find((candidate) => candidate.name === name)?.key
  if (key === undefined)
    throw new DomainError('UNAVAILABLE', `A secret was sealed with the key ${name}, which this gateway does not have.`)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(nameEnd, nameEnd + ivBytes))
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(bytes.subarray(nameEnd + ivBytes, nameEnd + ivBytes + tagBytes))
  return decipher.update(bytes.subarray(nameEnd + ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
}
