/** JSON Schemas of what the job type routes answer, for the OpenAPI document. */
import type { Json, JsonObject } from '#model/json.ts'

const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }
const integer = { type: 'integer' }
const flag = { type: 'boolean' }
const time = { type: 'string', format: 'date-time' }
const timeOrNull = { type: ['string', 'null'], format: 'date-time' }
const object = { type: 'object' }

/** An object all of whose members are there, but perhaps those that the document's example leaves out. */
function closed(properties: { readonly [name: string]: Json }, unshown: readonly string[] = []): JsonObject {
  return { type: 'object', required: Object.keys(properties).filter((name) => !unshown.includes(name)), properties }
}

/** The reply of a paged list of rows. */
export function pageSchema(row: JsonObject): JsonObject {
  const url = { type: ['string', 'null'], format: 'uri' }
  return closed({ count: integer, next: url, previous: url, results: { type: 'array', items: row } })
}

const base = {
  name: text,
  title: textOrNull,
  description: textOrNull,
  icon_code: textOrNull,
  is_published: flag,
  is_active: flag,
  is_paused: flag,
  is_system: flag,
  unmet_resources: textOrNull,
}

/** A job type as other objects show it. */
export const jobTypeBaseSchema = closed({ id: integer, ...base, version: text }, ['id', 'is_system'])

const type = {
  id: integer,
  ...base,
  version: text,
  max_scheduled: { type: ['integer', 'null'] },
  max_tries: integer,
  revision_num: integer,
  docker_image: text,
  created: time,
  deprecated: timeOrNull,
  paused: timeOrNull,
  last_modified: time,
}

/** A job type as lists show it. */
export const jobTypeSchema = closed(type, ['max_tries', 'unmet_resources'])

/** A job type with its documents. */
export const jobTypeDetailsSchema = closed(
  {
    ...type,
    manifest: object,
    configuration: object,
    recipe_types: { type: 'array', items: object },
  },
  ['recipe_types'],
)

/** A name with all its versions. */
export const jobTypeNameSchema = closed({ ...base, versions: { type: 'array', items: text }, latest_version: text }, [
  'is_published',
  'is_active',
  'is_paused',
  'is_system',
  'unmet_resources',
])

const revision = {
  id: integer,
  job_type: jobTypeBaseSchema,
  revision_num: integer,
  docker_image: text,
  created: time,
}

/** A revision as the list shows it. */
export const revisionSchema = closed(revision)

/** A revision with its manifest, which the document's example shows as an empty text. */
export const revisionDetailsSchema = closed({ ...revision, manifest: { type: ['object', 'string'] } })

const findings = { type: 'array', items: closed({ name: text, description: text }) }

/** What a validation or an edit answers. */
export const validationSchema = closed({ is_valid: flag, errors: findings, warnings: findings })

/** The counts of one job type by status. */
export const jobTypeStatusSchema = closed({
  job_type: jobTypeBaseSchema,
  job_counts: {
    type: 'array',
    items: closed({ status: text, count: integer, most_recent: time, category: textOrNull }),
  },
})

/** The pending or running jobs of one job type; `longest` is the name of the time. */
export function longestSchema(longest: string): JsonObject {
  return closed({ job_type: jobTypeBaseSchema, count: integer, [longest]: time })
}

/** The failed jobs of one job type by one error. */
export const systemFailureSchema = closed({
  job_type: jobTypeBaseSchema,
  error: object,
  count: integer,
  first_error: time,
  last_error: time,
})

/** The body of a refusal. */
export const detailSchema = closed({ detail: text })
