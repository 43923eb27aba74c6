import { DomainError, faultWithin } from '#model/error.ts'

/** What a refusal of a manifest begins with. */
export const manifestInvalid = 'Seed Manifest invalid: '

/** What a refusal of a configuration begins with, in the words of a registration. */
export const configurationInvalid = 'Job type configuration invalid: '

/** Reads a document, and begins the message of a refusal with `prefix`. */
export function prefixed<T>(prefix: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw reworded(prefix, error)
  }
}

/** The same for what was thrown already; anything but a refusal stays as it is. */
export function reworded(prefix: string, error: unknown): unknown {
  if (!(error instanceof DomainError)) return error
  const document = prefix === configurationInvalid ? 'configuration' : 'manifest'
  return faultWithin(document, new DomainError(error.code, prefix + error.message, error.details))
}
