/** Everything that a list of job types can be sorted by. */
export const jobTypeSortFields = [
  'id',
  'name',
  'version',
  'title',
  'description',
  'iconCode',
  'isActive',
  'isSystem',
  'isPaused',
  'isPublished',
  'maxScheduled',
  'maxTries',
  'revisionNum',
  'dockerImage',
  'unmetResources',
  'createdAt',
  'deprecatedAt',
  'pausedAt',
  'lastModified',
] as const

/** One of `jobTypeSortFields`. Names, titles and descriptions sort in any case, versions as semver. */
export type JobTypeSortField = (typeof jobTypeSortFields)[number]

/** Sort keys, the first one first; rows without a value come last either way. Ties are broken by id, upwards. */
export type JobTypeOrder = readonly { readonly field: JobTypeSortField; readonly descending: boolean }[]
