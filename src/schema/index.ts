/** The graph: importing the files adds their types, and here they become one schema. */
import { lexicographicSortSchema, printSchema } from 'graphql'
import './scalar.ts'
import './status.ts'
import './error.ts'
import './reference.ts'
import './job.ts'
import './job-query.ts'
import './job-type.ts'
import './execution.ts'
import './log.ts'
import './workspace.ts'
import './change.ts'
import './job-type-mutation.ts'
import './job-mutation.ts'
import './workspace-mutation.ts'
import './work-mutation.ts'
import './outcome-mutation.ts'
import './job-stream.ts'
import './execution-stream.ts'
import './log-stream.ts'
import { builder } from './builder.ts'

/** The executable schema. */
export const schema = builder.toSchema()

/** The schema as text in alphabetical order: what `schema.graphql` must hold. */
export const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`
