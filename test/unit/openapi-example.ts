/** Why some bodies have no example in OpenAPI: `<operation> <request or response>` by reason. */

const none = ['start', 'stop'].flatMap((word) => [`${word}BastionJob response`, `${word}ClusterJob response`])

/** Everything else shows what its document shows. */
export const missingExamples: Readonly<Record<string, readonly string[]>> = {
  'The document refers to another one, of files, which is not served here.': ['listScaleJobInputFiles response'],
  'The document names no answer, and ours is an empty object.': [
    ...none,
    'startAllBastionJobs response',
    'stopAllBastionJobs response',
    'updateBastionJobCounts response',
    'updateClusterJobCounts response',
    'setClusterLogs response',
    'setClusterEvents response',
    'setClusterSecret response',
    'setClusterSecretV1 response',
    'deleteClusterSecret response',
    'deleteClusterSecretV1 response',
  ],
  'The document describes the body in words and shows none.': [
    'updateClusterJobCounts request',
    'listClusterLogs response',
    'setClusterLogs request',
    'listClusterLogMeta response',
    'getClusterDefaultLoggers response',
    'setClusterDefaultLogger response',
    'getClusterAllocationLoggers response',
    'setClusterAllocationLogger response',
    'getClusterEvents response',
    'setClusterEvents request',
    'listClusterEventResults response',
  ],
  'The document says nothing of the body; /v1/settings/default and the schema show what settings are.': [
    'getClusterSettings response',
    'getClusterDefaultSettings response',
    'getClusterSettingsSchema response',
    'setClusterSettings request',
    'setClusterSettings response',
  ],
}
