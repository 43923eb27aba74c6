import type { JobType } from './job-type.ts'

/**
 * A part of an ordered list, cut by keys instead of counts: the rows between two keys (both exclusive; null is the
 * end of the list), and of these at most `limit`, taken from the start or, with `fromEnd`, from the end. Rows come in
 * the order of the list either way. A row that is added or removed elsewhere moves nothing.
 */
export type Slice<K> = {
  readonly after: K | null
  readonly before: K | null
  readonly limit: number
  readonly fromEnd: boolean
}

/** A slice of what belongs to one parent. */
export type ChildSlice<K = number> = Slice<K> & { readonly parentId: number }

/** Rows of a slice, and whether the list goes on beyond them on the side towards which they were read. */
export type Sliced<T> = { readonly rows: readonly T[]; readonly hasMore: boolean }

/** The times by which jobs can be walked by key: of their making, of their last change of status, or of any change. */
export type JobSliceOrder = {
  readonly by: 'CREATED' | 'MODIFIED' | 'STATUS_CHANGED'
  readonly descending: boolean
}

/** Where a job stands in a list: the time by which the list is ordered, and its id among those of one time. */
export type JobPlace = { readonly at: string; readonly id: number }

/** What jobs can share: their type, by the family that it is of, their batch or their recipe. */
export type JobGroup = 'queuedType' | 'serviceType' | 'batch' | 'recipe'

/** Where a job type stands in a list by name and version. */
export type JobTypePlace = Pick<JobType, 'id' | 'name' | 'version'>

/** Which job types a list means; an absent key means any. */
export type JobTypeFilter = {
  readonly names?: readonly string[]
  readonly isActive?: boolean
  readonly isPaused?: boolean
  readonly isSystem?: boolean
}

/** Which files a list means; kinds are joined by AND, values of one kind by OR. */
export type FileFilter = {
  readonly workspaceIds?: readonly number[]
  readonly fileNames?: readonly string[]
  /** Jobs that made the file. */
  readonly jobIds?: readonly number[]
  readonly isDeleted?: boolean
}
