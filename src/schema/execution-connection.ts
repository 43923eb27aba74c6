import type { ObjectFieldBuilder } from '@pothos/core'
import type { Execution } from '#model/execution.ts'
import type { Job } from '#model/job.ts'
import { sliceExecutions } from '#resolvers/slice.ts'
import type { SchemaTypes } from './builder.ts'
import { type CursorForm, isId, named, readSlice, toConnection } from './connection.ts'
import { ExecutionRef } from './refs.ts'

const form: CursorForm<Execution, number> = {
  list: 'executions',
  key: ({ number }) => [number],
  read: ([number, ...rest]) => (isId(number) && rest.length === 0 ? number : null),
}

/** The field that lists a job's executions. */
export function executionsOf(t: Pick<ObjectFieldBuilder<SchemaTypes, Job>, 'connection'>) {
  return t.connection(
    {
      type: ExecutionRef,
      description: 'Its executions, newest first. Mirrors `GET /v6/jobs/{job_id}/executions/`.',
      resolve: async ({ id }, args, { ctx }) => {
        const slice = readSlice(args, form)
        const count = () => ctx.loaders.executionsOf.count.load(id)
        return toConnection(await sliceExecutions(ctx, id, slice), slice, form, count)
      },
    },
    ...named('Execution', 'executions'),
  )
}
