import { Ajv, type ErrorObject, type SchemaObject } from 'ajv'
import { badInput } from '../error.ts'
import { unstorable } from '../json.ts'
import { isSemver } from '../version.ts'

/** `ownProperties` matters: without it a document lacking a member could borrow one from Object.prototype. */
const ajv = new Ajv({ allErrors: false, ownProperties: true, useDefaults: true, discriminator: true })
ajv.addFormat('semver', { type: 'string', validate: isSemver })

type Path = (string | number)[]

/**
 * Compiles a JSON Schema once into a parser of untrusted values. The parser copies the value, appends the defaults
 * that the schema gives to members that were left out, and returns the copy; the value itself is never changed.
 * `document` names the whole in messages, such as `manifest`; `faultName` is the document's own name for a bad shape.
 * The parser throws DomainError BAD_USER_INPUT for the first fault, with its place in message and details.
 */
export function shapeParser<T>(schema: SchemaObject, document: string, faultName: string): (value: unknown) => T {
  const validate = ajv.compile<T>(schema)
  return (value) => {
    const reason = unstorable(value)
    if (reason !== null) throw badInput(`${document} ${reason}`, { name: faultName })
    const copy: unknown = structuredClone(value)
    if (validate(copy)) return copy
    const [error] = validate.errors ?? []
    const path = error === undefined ? [] : pathOf(error, value)
    throw badInput(`${placeText(path, document)} ${fault(error)}`, { name: faultName, path })
  }
}

/** Writes a place in a document for people, such as `job.interface.mounts[0].path`; `root` stands for the whole. */
export function placeText(path: readonly (string | number)[], root: string): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${shown(key)}`)).join('')
  return text === '' ? root : text.replace(/^\./, '')
}

/** Cuts a caller's text to a length that is fit for a message. */
export function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60).toWellFormed()}…`
}

/** The place that an error speaks of; for a missing or unknown member the member, not the object around it. */
function pathOf(error: ErrorObject, value: unknown): Path {
  const path: Path = []
  let at = value
  for (const step of error.instancePath.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(at) ? Number(key) : key)
    at = typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined
  }
  const member: unknown = error.params.missingProperty ?? error.params.additionalProperty
  return typeof member === 'string' ? [...path, member] : path
}

function fault(error: ErrorObject | undefined): string {
  switch (error?.keyword) {
    case undefined:
      return 'is not valid'
    case 'required':
      return 'is missing'
    case 'additionalProperties':
      return 'is not a known member'
    case 'enum':
    case 'const':
      return `must be ${[error.params.allowedValues ?? error.params.allowedValue].flat().join(' or ')}`
    case 'discriminator':
      return `has no known '${error.params.tag}'`
    case 'format':
      return 'must be a semantic version such as 1.0.0'
    default:
      return error?.message ?? 'is not valid'
  }
}
