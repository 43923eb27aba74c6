/** The documents of job types and of revisions, which are long: they are read only where an operation asks for them. */
import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import type { JobType, JobTypeHead, JobTypeRevision, RevisionHead } from '#model/job-type.ts'
import type { Context } from '#resolvers/context.ts'
import { loadRequired } from '#resolvers/loaders.ts'

/** A job type as a field needs it: in full, as of one moment, where one of its documents is asked for below. */
export function loadJobType(
  { loaders }: Context,
  id: number,
  info: GraphQLResolveInfo,
): Promise<JobType | JobTypeHead> {
  const isFull = asksFor(info, 'manifest') || asksFor(info, 'configuration')
  return isFull ? loadRequired(loaders.jobType, id) : loadRequired(loaders.jobTypeHead, id)
}

/** A revision as a field needs it: in full where its manifest is asked for below, or what changed in it. */
export function loadRevision(
  { loaders }: Context,
  id: number,
  info: GraphQLResolveInfo,
): Promise<JobTypeRevision | RevisionHead> {
  const isFull = asksFor(info, 'manifest') || asksFor(info, 'diff')
  return isFull ? loadRequired(loaders.revision, id) : loadRequired(loaders.revisionHead, id)
}

/** A job type with its documents, as it was read or else read now. */
export async function jobTypeInFull({ loaders }: Context, type: JobType | JobTypeHead): Promise<JobType> {
  return 'manifest' in type ? type : loadRequired(loaders.jobType, type.id)
}

/** A revision with its manifest, as it was read or else read now. */
export async function revisionInFull(
  { loaders }: Context,
  revision: JobTypeRevision | RevisionHead,
): Promise<JobTypeRevision> {
  return 'manifest' in revision ? revision : loadRequired(loaders.revision, revision.id)
}

/** Names of all fields at any depth below a field; a document's fields are the same objects as long as it is cached. */
const namesBelow = new WeakMap<FieldNode, ReadonlySet<string>>()

/** Whether a field of that name is asked for anywhere below, be it of another type: never false where it is. */
function asksFor({ fieldNodes, fragments }: GraphQLResolveInfo, name: string): boolean {
  return fieldNodes.some((node) => {
    const names = namesBelow.get(node) ?? collected(node.selectionSet, fragments, new Set())
    namesBelow.set(node, names)
    return names.has(name)
  })
}

/** Fragments are noted among the names with the dots that spread them, and so looked into once. */
function collected(
  set: SelectionSetNode | undefined,
  fragments: GraphQLResolveInfo['fragments'],
  names: Set<string>,
): ReadonlySet<string> {
  for (const selection of set?.selections ?? []) {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value)
      collected(selection.selectionSet, fragments, names)
      continue
    }
    const spread = `...${selection.name.value}`
    if (names.has(spread)) continue
    names.add(spread)
    collected(fragments[selection.name.value]?.selectionSet, fragments, names)
  }
  return names
}
