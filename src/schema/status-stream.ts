/** What the streams of statuses share: their arguments and what their events have in common. */
import { decodeCursor } from '#model/cursor.ts'
import type { WatchEvent, WatchStart } from '#resolvers/watch.ts'
import { builder, type Holder, type SchemaTypes } from './builder.ts'
import { cursorDescription, cursorOf, StreamEventKindEnum } from './stream.ts'

/** What every event of a stream of statuses tells. */
export const StatusEventRef = builder.interfaceRef<WatchEvent<unknown>>('StatusEvent')
StatusEventRef.implement({
  description: 'How something stands, or a change of its status.',
  fields: (t) => ({
    kind: t.expose('kind', { type: StreamEventKindEnum, description: 'What this event tells.' }),
    cursor: t.string({ description: cursorDescription, resolve: (event, _args, holder) => cursorOf(holder, event) }),
    index: t.field({
      type: 'BigInt',
      description:
        'The change index up to which everything was told; 0 amid a snapshot, and in a gap the one from which the stream goes on.',
      resolve: (event) => (event.kind === 'GAP' ? event.next.index : event.position.index),
    }),
    at: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the status changed; null in a bookmark and in a gap.',
      resolve: (event) => {
        if (event.kind === 'SNAPSHOT') return event.at
        return event.kind === 'CHANGE' ? event.change.at : null
      },
    }),
  }),
})

/** The row that an event is about: of the snapshot, or as it stands now; null where the event is about none. */
export async function rowOf<T>(event: WatchEvent<T>, load: (id: number) => Promise<T>): Promise<T | null> {
  if (event.kind === 'SNAPSHOT') return event.row
  return event.kind === 'CHANGE' ? load(event.change.entityId) : null
}

/** Describes the row that an event is about. */
export function rowDescription(noun: string): string {
  return `The ${noun}: in a snapshot as it stood then, else as it stands now, which may be further on. Null in a bookmark and in a gap.`
}

/** The status before a change; null where the change made the row, and in other events. */
export function fromOf<S extends string>(event: WatchEvent<unknown>, statuses: readonly S[]): S | null {
  return event.kind === 'CHANGE' ? statusOf(event.change.from, statuses) : null
}

/** The status after a change, or in a snapshot; null in other events. */
export function toOf<S extends string>(event: WatchEvent<{ readonly status: S }>, statuses: readonly S[]): S | null {
  if (event.kind === 'SNAPSHOT') return event.row.status
  return event.kind === 'CHANGE' ? statusOf(event.change.to, statuses) : null
}

/** Describes `from` and `to`. */
export const fromDescription = 'The status before the change; null where it was made by it, and in other events.'
export const toDescription =
  'The status after the change, or at the time of the snapshot; null in a bookmark and in a gap.'

function statusOf<S extends string>(word: string | null, statuses: readonly S[]): S | null {
  return statuses.find((status) => status === word) ?? null
}

type SubscriptionFields = PothosSchemaTypes.SubscriptionFieldBuilder<SchemaTypes, SchemaTypes['Root']>

/** The arguments that say where a stream starts. */
export function startArgs(t: SubscriptionFields) {
  return {
    after: t.arg.string({ description: 'Resume after the cursor of an event: no snapshot, only what came since.' }),
    snapshot: t.arg.boolean({
      defaultValue: true,
      description: 'Whether a stream that starts anew, or goes on after a gap, tells a snapshot.',
    }),
  }
}

/** Where a stream starts. @throws DomainError BAD_USER_INPUT or FOREIGN_CURSOR for a cursor that is not ours */
export function startOf(
  { ctx }: Holder,
  { after, snapshot }: { readonly after?: string | null | undefined; readonly snapshot?: boolean | null | undefined },
): WatchStart {
  return {
    after: typeof after === 'string' ? decodeCursor(ctx.store.id, after) : null,
    snapshot: snapshot ?? true,
  }
}
