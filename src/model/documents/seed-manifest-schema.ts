/**
 * The JSON Schema of the Seed manifest 1.0.0 with the columns' limits added, and the types of what it lets through.
 * `default` marks the members that are filled in when a manifest is stored.
 */
const identifier = { type: 'string', pattern: '^[a-zA-Z0-9_-]+$' }
const text = { type: 'string' }
const flag = (value: boolean) => ({ type: 'boolean', default: value })
const number = { type: 'number' }
const int32 = { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }
const jsonType = { enum: ['array', 'boolean', 'integer', 'number', 'object', 'string'] }

const closed = (required: string[], properties: object) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})
const listOf = (items: object) => ({ type: 'array', items })

const maintainer = closed(['name', 'email'], { name: text, email: text, organization: text, url: text, phone: text })

const resources = closed([], {
  scalar: listOf(closed(['name', 'value'], { name: identifier, value: number, inputMultiplier: number })),
})

const inputs = closed([], {
  files: listOf(
    closed(['name'], {
      name: identifier,
      required: flag(true),
      mediaTypes: { ...listOf(text), default: [] },
      multiple: flag(false),
      partial: flag(false),
    }),
  ),
  json: listOf(closed(['name', 'type'], { name: identifier, type: jsonType, required: flag(true) })),
})

const outputs = closed([], {
  files: listOf(
    closed(['name', 'pattern'], {
      name: identifier,
      pattern: text,
      mediaType: { ...text, default: 'application/octet-stream' },
      multiple: flag(false),
      required: flag(true),
    }),
  ),
  json: listOf(closed(['name', 'type'], { name: identifier, type: jsonType, key: text, required: flag(true) })),
})

const mounts = listOf(
  closed(['name', 'path'], { name: identifier, path: text, mode: { enum: ['ro', 'rw'], default: 'ro' } }),
)
const settings = listOf(closed(['name'], { name: identifier, secret: flag(false) }))

/** `name` is not required: the document's own request example leaves it out. */
const errors = listOf(
  closed(['code'], {
    code: int32,
    name: { ...identifier, maxLength: 50 },
    title: { ...text, maxLength: 50 },
    description: { ...text, maxLength: 250 },
    category: { enum: ['job', 'data'], default: 'job' },
  }),
)

const job = closed(['name', 'jobVersion', 'packageVersion', 'title', 'description', 'maintainer', 'timeout'], {
  name: { type: 'string', pattern: '^[a-zA-Z0-9-]+$', maxLength: 50 },
  jobVersion: { type: 'string', format: 'semver', maxLength: 50 },
  packageVersion: { type: 'string', format: 'semver' },
  title: text,
  description: text,
  tags: listOf({ ...text, maxLength: 50 }),
  maintainer,
  timeout: int32,
  resources,
  interface: closed([], { command: text, inputs, outputs, mounts, settings }),
  errors,
})

/** The schema as data, for the manifest's parser and for whoever shows it to a client. */
export const seedManifestSchema = closed(['seedVersion', 'job'], { seedVersion: { const: '1.0.0' }, job })

/** A JSON type that a manifest may ask of a parameter. */
export type JsonType = 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string'

/** A scalar resource, its name in lower case; with a multiplier, that many times the input's MiB are added to value. */
export type SeedResource = { readonly name: string; readonly value: number; readonly inputMultiplier?: number }

/** An input of one file, or of several when `multiple`; the media types are advice and are not checked. */
export type SeedInputFile = {
  readonly name: string
  readonly required: boolean
  readonly mediaTypes: readonly string[]
  readonly multiple: boolean
  readonly partial: boolean
}

/** An input given as a JSON value. */
export type SeedInputJson = { readonly name: string; readonly type: JsonType; readonly required: boolean }

/** Files captured after a run: those below the output directory that match the glob `pattern`. */
export type SeedOutputFile = {
  readonly name: string
  readonly pattern: string
  readonly mediaType: string
  readonly multiple: boolean
  readonly required: boolean
}

/** A value captured from `seed.outputs.json`, under `key` or, without one, under the output's name. */
export type SeedOutputJson = SeedInputJson & { readonly key?: string }

/** A place inside the container where a configured mount appears. */
export type SeedMount = { readonly name: string; readonly path: string; readonly mode: 'ro' | 'rw' }

/** A setting that a run receives in its environment; a secret one is never shown. */
export type SeedSetting = { readonly name: string; readonly secret: boolean }

/** An error that an exit code stands for. */
export type SeedError = {
  readonly code: number
  readonly name: string
  readonly title: string
  readonly description?: string
  readonly category: 'job' | 'data'
}

/** What a job reads, writes and needs; a missing member is an empty one. */
export type SeedInterface = {
  readonly command?: string
  readonly inputs?: { readonly files?: readonly SeedInputFile[]; readonly json?: readonly SeedInputJson[] }
  readonly outputs?: { readonly files?: readonly SeedOutputFile[]; readonly json?: readonly SeedOutputJson[] }
  readonly mounts?: readonly SeedMount[]
  readonly settings?: readonly SeedSetting[]
}

/** The job that a manifest describes; `E` is the form of its errors. */
export type SeedJob<E = SeedError> = {
  readonly name: string
  readonly jobVersion: string
  readonly packageVersion: string
  readonly title: string
  readonly description: string
  readonly tags?: readonly string[]
  readonly maintainer: {
    readonly name: string
    readonly email: string
    readonly organization?: string
    readonly url?: string
    readonly phone?: string
  }
  readonly timeout: number
  readonly resources?: { readonly scalar?: readonly SeedResource[] }
  readonly interface?: SeedInterface
  readonly errors?: readonly E[]
}

/** A Seed manifest 1.0.0 as it is stored: keys in the order they were sent, defaults after them. */
export type SeedManifest = { readonly seedVersion: '1.0.0'; readonly job: SeedJob }

/** An error before its name and title are derived. */
export type SentError = Omit<SeedError, 'name' | 'title'> & { readonly name?: string; readonly title?: string }

/** A manifest that has passed the schema and not yet the checks that a schema cannot make. */
export type SentManifest = { readonly seedVersion: '1.0.0'; readonly job: SeedJob<SentError> }
