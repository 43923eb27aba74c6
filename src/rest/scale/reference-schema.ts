import type { JsonObject } from '#model/json.ts'
import { boolean, exactly, instant, integer, listOf, named, orNull, string, wordOf } from '../shape.ts'
import { categoryWords, jobWords } from './status-wire.ts'

/** An object that is named by its id alone. */
export const reference: JsonObject = exactly({ id: integer })

/** The members of a job type that every answer about one shares. */
export const jobTypeBase = {
  id: integer,
  name: string,
  version: string,
  title: orNull(string),
  description: orNull(string),
  is_active: boolean,
  is_paused: boolean,
  is_system: boolean,
  is_published: boolean,
  icon_code: orNull(string),
  unmet_resources: orNull(string),
} as const

/** The statuses of a job in Scale's words. */
export const jobStatus = wordOf(jobWords)
/** What kinds of errors there are. */
export const jobCategory = wordOf(categoryWords)

/** The members of an error that every answer about one shares. */
export const errorShape = {
  id: integer,
  name: string,
  title: string,
  description: string,
  job_type_name: orNull(string),
  category: jobCategory,
  is_builtin: boolean,
  should_be_retried: boolean,
} as const

const recipeType = exactly({ id: integer, name: string, title: string, description: string, revision_num: integer })
const batch = exactly({ id: integer, title: string, description: string, created: instant })

const file = exactly({
  id: integer,
  file_name: string,
  workspace: exactly({ id: integer, name: string }),
  data_type_tags: listOf(string),
  media_type: string,
  file_type: wordOf(['SOURCE', 'PRODUCT']),
  file_size: integer,
  file_path: string,
  is_deleted: boolean,
  url: orNull(string),
  created: instant,
  deleted: orNull(instant),
  data_started: orNull(instant),
  data_ended: orNull(instant),
  source_started: orNull(instant),
  source_ended: orNull(instant),
  source_sensor_class: orNull(string),
  source_sensor: orNull(string),
  source_collection: orNull(string),
  source_task: orNull(string),
  last_modified: instant,
  geometry: orNull(string),
  center_point: orNull(string),
  countries: listOf(string),
  job_type: orNull(named('ScaleJobTypeBase')),
  job: orNull(reference),
  job_exe: orNull(reference),
  job_output: orNull(string),
  recipe_type: orNull(recipeType),
  recipe: orNull(reference),
  recipe_node: orNull(string),
  batch: orNull(named('ScaleBatch')),
  is_superseded: boolean,
  superseded: orNull(instant),
})

/** What the Scale v6 documents show of things that have no routes of their own. */
export const referenceSchemas: { readonly [name: string]: JsonObject } = {
  ScaleDetail: exactly({ detail: string }),
  ScaleJobTypeBase: exactly(jobTypeBase),
  ScaleEvent: exactly({ id: integer, type: string, occurred: instant }),
  ScaleNode: exactly({ id: integer, hostname: string }),
  ScaleBatch: batch,
  ScaleRecipeReference: exactly({ id: integer, recipe_type: recipeType, recipe_type_rev: reference, event: reference }),
  ScaleError: exactly(errorShape),
  ScaleFile: file,
}
