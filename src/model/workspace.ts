/** A place where files lie: a directory of this machine. */
export type Workspace = {
  readonly id: number
  readonly name: string
  readonly title: string | null
  readonly description: string | null
  /** Absolute; null means the data directory's own `workspaces/<name>`. */
  readonly directory: string | null
  readonly isActive: boolean
  readonly createdAt: string
  readonly lastModified: string
}

/** Tells whether a text may name a workspace. The name becomes that of a directory, so it must not lead anywhere else. */
export function isWorkspaceName(text: string): boolean {
  return /^[\w.-]{1,50}$/.test(text) && !/^\.+$/.test(text)
}

/** A file in a workspace, as Scale's file services describe it. Times are ISO 8601 in UTC. */
export type WorkspaceFile = {
  readonly id: number
  readonly workspaceId: number
  readonly fileName: string
  /** Relative to the workspace. */
  readonly filePath: string
  readonly fileType: 'SOURCE' | 'PRODUCT'
  readonly mediaType: string
  /** Bytes. */
  readonly fileSize: number
  readonly dataTypeTags: readonly string[]
  readonly countries: readonly string[]
  readonly geometry: string | null
  readonly centerPoint: string | null
  readonly isDeleted: boolean
  readonly isSuperseded: boolean
  readonly supersededAt: string | null
  readonly createdAt: string
  readonly deletedAt: string | null
  readonly dataStarted: string | null
  readonly dataEnded: string | null
  readonly sourceStarted: string | null
  readonly sourceEnded: string | null
  readonly sourceSensorClass: string | null
  readonly sourceSensor: string | null
  readonly sourceCollection: string | null
  readonly sourceTask: string | null
  /** The job, execution and output that made it; null for a source file. */
  readonly jobId: number | null
  readonly executionId: number | null
  readonly jobOutput: string | null
  readonly recipeId: number | null
  readonly recipeNode: string | null
  readonly batchId: number | null
  readonly lastModified: string
}

/** An input file of a job: which input it fills, and its place among that input's files. */
export type JobInputFile = {
  readonly jobId: number
  readonly inputName: string
  readonly position: number
  readonly fileId: number
  readonly fileName: string
}
