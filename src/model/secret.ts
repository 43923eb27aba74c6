/** What may be known of a secret without its values. Times are ISO 8601 in UTC. */
export type SecretInfo = {
  readonly id: string
  /** Grows by one each time the secret is set. */
  readonly version: number
  /** The names of its values, in order. */
  readonly keys: readonly string[]
  readonly createdAt: string
  readonly lastModified: string
}

/** Whether a text can be the id of a secret. */
export function isSecretId(id: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(id)
}
