import { ConfigError } from '#model/error.ts'
import type { Log } from '#resolvers/context.ts'
import { findMissingKeys, resealSecrets } from '#store/key-rotation.ts'
import { openStore, type Store } from '#store/store.ts'
import type { Config } from './config.ts'
import { findKey, openHome } from './home.ts'

/**
 * Makes sure that every secret of a store can be opened.
 * @throws ConfigError with a sentence for each key that is missing: its name, and what to do
 */
export async function checkSecretKeys(store: Store): Promise<void> {
  const missing = await findMissingKeys(store.db, store.keys)
  if (missing.length === 0) return
  const lines = missing.map(({ name, reason }) =>
    reason === 'unknown'
      ? `Secrets are sealed with the key ${name}, which is not configured: add ${name}:… to the end of SECRET_KEYS.`
      : `Secrets are sealed with another key of the name ${name}: put the old one back into SECRET_KEYS, and give the new one another name.`,
  )
  throw new ConfigError(lines.join('\n'))
}

/**
 * Seals every secret anew under the newest key. A Postgres may be served meanwhile; the embedded database may not.
 * @returns one plain sentence that says what was done
 * @throws ConfigError where a key is missing, or a gateway uses the embedded database
 */
export async function rotateKeys(config: Config, log: Log): Promise<string> {
  const { databaseUrl, dataDirectory } = config
  const home = databaseUrl === null ? openHome(dataDirectory) : null
  const fileKey = home?.secretKey ?? (dataDirectory === null ? null : findKey(dataDirectory))
  const keys = [...config.secretKeys, ...(fileKey === null ? [] : [fileKey])]
  try {
    const store = await openStore({
      url: databaseUrl,
      directory: home?.database ?? null,
      keys,
      log: (message, error) => log.error(message, error),
    })
    try {
      await checkSecretKeys(store)
      const onChunk = (sealed: number) => log.info('Secrets are being sealed anew', { sealed })
      const sealed = await resealSecrets(store, { onChunk })
      return `${sealed} sealed anew; all secrets are under the key ${store.keys.keys[0]?.name ?? 'none'} now.`
    } finally {
      await store.close()
    }
  } finally {
    home?.leave()
  }
}
