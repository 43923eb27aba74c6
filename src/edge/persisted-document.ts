/** Documents that a client names by the digest of their text instead of sending them. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DocumentNode, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ConfigError } from '#model/error.ts'
import { isObject } from '#model/json.ts'
import { schema } from '#schema/index.ts'
import { parseWithin, type Validate } from './graphql-plugin.ts'

/** A document as its file holds it, byte for byte, and as it was parsed and validated at the start. */
type PersistedDocument = { readonly text: string; readonly document: DocumentNode }

/** The persisted documents by the SHA-256 of their text, in lower-case hexadecimal digits. */
export type PersistedDocuments = ReadonlyMap<string, PersistedDocument>

/**
 * Reads every `*.graphql` file that lies in a directory itself, in the order of their names.
 * @throws ConfigError that names each file that cannot be read, parsed or validated, with the reason
 */
export function readPersistedDocuments(directory: string, validate: Validate): PersistedDocuments {
  const mistakes: string[] = []
  const documents = new Map<string, PersistedDocument>()
  for (const name of filesOf(directory)) {
    try {
      const bytes = readFileSync(join(directory, name))
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      const document = parseWithin(text)
      const errors = validate(schema, document)
      mistakes.push(...errors.map((error) => mistake(join(directory, name), error)))
      documents.set(createHash('sha256').update(bytes).digest('hex'), { text, document })
    } catch (error) {
      mistakes.push(mistake(join(directory, name), error))
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'))
  return documents
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.graphql'))
      .sort()
  } catch (error) {
    throw new ConfigError(`PERSISTED_DOCUMENTS cannot be read: ${reasonOf(error)}`)
  }
}

function mistake(file: string, error: unknown): string {
  const place = error instanceof GraphQLError ? error.locations?.[0] : undefined
  const where = place === undefined ? '' : `:${place.line}:${place.column}`
  return `The persisted document ${file}${where} is refused: ${reasonOf(error)}`
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Takes the parsed document of a persisted text instead of parsing and validating it again. */
export function prepared(documents: PersistedDocuments): Plugin {
  const byText = new Map([...documents.values()].map(({ text, document }) => [text, document]))
  const known = new Set(byText.values())
  return {
    onParse({ params, setParsedDocument }) {
      const document = byText.get(String(params.source))
      if (document !== undefined) setParsedDocument(document)
    },
    onValidate({ params, setResult }) {
      if (known.has(params.documentAST)) setResult([])
    },
  }
}

/**
 * Finds the text that a request means: that of its `documentId` (`sha256:` and 64 hexadecimal digits, as the appendix
 * of GraphQL over HTTP has it) or of `extensions.persistedQuery.sha256Hash`, otherwise its `query`; null where it has
 * none of them. Nothing that a client sends is ever kept.
 */
export type FindText = (params: Readonly<Record<string, unknown>>) => string | null

/**
 * Makes the search for texts; with `isOnly`, nothing but persisted documents is run. What it makes throws a
 * GraphQLError with status 400: PERSISTED_DOCUMENT_NOT_FOUND for an id that is not known, PERSISTED_DOCUMENT_REQUIRED
 * for a request without id where `isOnly`, BAD_USER_INPUT for a query beside an id that is not its own.
 */
export function textFinder(documents: PersistedDocuments, isOnly: boolean): FindText {
  return (params) => {
    // The socket protocol demands a query, so its clients send an empty one beside an id.
    const query = typeof params.query === 'string' ? params.query : null
    const hash = hashOf(params)
    if (hash === null) {
      if (!isOnly) return query
      throw refusal('PERSISTED_DOCUMENT_REQUIRED', 'Only persisted documents are run here: send a documentId.')
    }
    if (query !== null && query !== '' && createHash('sha256').update(query).digest('hex') !== hash)
      throw refusal('BAD_USER_INPUT', 'The query is not the document that its id names.')
    const text = documents.get(hash)?.text
    if (text !== undefined) return text
    if (!isOnly && query !== null && query !== '') return query
    throw refusal('PERSISTED_DOCUMENT_NOT_FOUND', 'No document of that id is persisted here.')
  }
}

/** The digest that a request names; the whole id where it has another form, which none is known by. */
function hashOf({ documentId, extensions }: Readonly<Record<string, unknown>>): string | null {
  const persisted = isObject(extensions) ? extensions.persistedQuery : undefined
  const ids = [
    ...(documentId === undefined || documentId === null ? [] : [prefixed(documentId)]),
    ...(isObject(persisted) ? [persisted.sha256Hash] : []),
  ]
  const [id, other = id] = ids
  if (id === undefined && ids.length === 0) return null
  if (typeof id !== 'string' || id !== other) throw refusal('BAD_USER_INPUT', 'A document is named by one id, a text.')
  return id
}

function prefixed(id: unknown): unknown {
  return typeof id === 'string' ? (/^sha256:([0-9a-f]{64})$/.exec(id)?.[1] ?? `id ${id}`) : id
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } })
}
