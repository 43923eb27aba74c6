import type { Context } from '#resolvers/context.ts'
import type { Route } from '../../route.ts'
import { agentRoutes } from './agent.ts'
import { allocationListRoutes } from './allocation.ts'
import { evaluationListRoutes } from './evaluation.ts'
import { fileRoutes } from './file.ts'
import { jobListRoutes } from './job.ts'
import { logRoutes } from './log.ts'
import { nodeRoutes } from './node.ts'

/** What Nomad's command line and clients need beside the documented operations. */
export const supportRoutes: readonly Route<Context>[] = [
  ...jobListRoutes,
  ...evaluationListRoutes,
  ...allocationListRoutes,
  ...nodeRoutes,
  ...agentRoutes,
  ...fileRoutes,
  ...logRoutes,
]
