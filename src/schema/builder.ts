import SchemaBuilder from '@pothos/core'
import RelayPlugin, { resolveNodes } from '@pothos/plugin-relay'
import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '#resolvers/context.ts'
import { checkCount, idFault, type ParsedId, parseGlobalId } from './global-id.ts'
import { limits } from './limit.ts'

/** What resolvers get: a request's context, held so that each event of a subscription can be given a fresh one. */
export type Holder = { ctx: Context }

type Types = {
  Context: Holder
  DefaultFieldNullability: false
  DefaultEdgesNullability: { list: false; items: false }
  DefaultNodeNullability: false
  Scalars: {
    ID: { Input: string; Output: string | number }
    /** ISO 8601 text, passed through as it is. */
    DateTime: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
    /** Up to 2^53 - 1. */
    SafeInt: { Input: number; Output: number }
    BigInt: { Input: bigint; Output: number | bigint }
  }
  /** What a connection carries beside its edges: how to count the whole list, run only when a client asks. */
  Connection: { readonly count: () => number | Promise<number> }
}

/** Collects the types of the schema; `schema/index.ts` builds it. Configuration only. */
export const builder = new SchemaBuilder<Types>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    cursorType: 'String',
    decodeGlobalID: parseGlobalId,
    nodeTypeOptions: {
      description: 'Something with an id that is unique in the whole graph, and that can be read again by it.',
    },
    nodeQueryOptions: {
      args: { id: { description: 'The global id of the object.' } },
      description: 'The object of that id, or null where there is none.',
      resolve: (_root, { id }, _holder, _info, resolveNode) => {
        const fault = idFault(id, ['id'])
        if (fault !== null) throw fault
        return resolveNode(id)
      },
    },
    nodesQueryOptions: {
      args: { ids: { description: 'The global ids of the objects.' } },
      description:
        'The objects of these ids in their order, at most 1,000; null in the place of each that does not exist, and of what is no id, with an error of that place.',
      resolve: (_root, { ids }, holder, info) => nodesOf(ids, holder, info),
    },
    idFieldOptions: { description: 'Unique in the whole graph, and stable; `node` reads the object again by it.' },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    hasNextPageFieldOptions: { description: 'Whether the list goes on after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether the list has rows before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first edge; null on an empty page.' },
    endCursorFieldOptions: { description: 'The cursor of the last edge; null on an empty page.' },
    cursorFieldOptions: { description: 'The place of this edge in the list, for `after` and `before`.' },
    nodeFieldOptions: { description: 'The object at this place.', nullable: false },
    edgesFieldOptions: {
      description: 'The rows of this page, in the order of the list.',
      nullable: { list: false, items: false },
    },
    firstArgOptions: { description: 'At most this many rows from the start, 0 to 1,000; without `last` 50 if absent.' },
    afterArgOptions: { description: 'Only rows after this cursor, such as the `endCursor` of the page before.' },
    lastArgOptions: { description: 'At most this many rows from the end, 0 to 1,000; not together with `first`.' },
    beforeArgOptions: { description: 'Only rows before this cursor, such as the `startCursor` of the page after.' },
    pageInfoFieldOptions: { description: 'Where this page lies in the list.' },
  },
})

/** The objects of ids; an error in a list becomes null in an answer, and is told with its place. */
async function nodesOf(ids: readonly ParsedId[], holder: Holder, info: GraphQLResolveInfo): Promise<unknown[]> {
  checkCount(ids.length, ['ids'])
  const faults = ids.map((id, place) => idFault(id, ['ids', place]))
  const known = ids.map((id, place) => (faults[place] === null ? id : null))
  const nodes = await resolveNodes(builder, holder, info, known)
  return nodes.map((node, place) => faults[place] ?? node)
}

/** What Pothos knows of this schema's types, for helpers that take references. */
export type SchemaTypes = typeof builder.$inferSchemaTypes

builder.queryType({
  description: `Everything that can be read. Lists come in pages: ask for \`first\` rows, then for those \`after\` the \`endCursor\` of the page. Whatever has an \`id\` can be read again by \`node\`. An operation may make at most ${limits.cost.toLocaleString('en-US')} objects by the sizes of its pages, so ask for small pages within pages; \`extensions.cost\` of an answer tells how many it was taken for.`,
})
builder.mutationType({
  description:
    'Everything that can be done. Each answer is a union of its payload and the errors that a caller can meet; they share the interface `Error`, so ask for `... on Error { code message }` beside the payload.',
})
builder.subscriptionType({
  description:
    'Everything that can be followed, over graphql-ws and over server-sent events. Each stream tells the present state and then what comes, each once and in order, and resumes after a cursor without loss.',
})

builder.globalConnectionField('totalCount', (t) =>
  t.field({
    type: 'SafeInt',
    description: 'How many rows the whole list has. Counted only when asked for.',
    resolve: (connection) => connection.count(),
  }),
)
