import { homeRegion } from '#model/service-job.ts'
import type { Context } from '#resolvers/context.ts'
import { listServiceNodes } from '#resolvers/node.ts'
import type { Reply } from '../../reply.ts'
import type { RestRequest, Route } from '../../route.ts'
import { answerPlain } from '../header.ts'
import { support } from './answer.ts'

/** The version whose manners this is. */
const version = '0.3.2'

/** The agent's address as its servers would tell it: where the request came in. */
function addressOf(request: RestRequest): string {
  return new URL(request.origin).host
}

function memberOf(request: RestRequest, datacenter: string): object {
  const { hostname, port } = new URL(request.origin)
  return {
    Name: `jobgraph.${homeRegion}`,
    Addr: hostname,
    Port: Number(port || 80),
    Tags: { build: version, dc: datacenter, port, region: homeRegion, role: 'nomad', vsn: '1' },
    Status: 'alive',
    ProtocolMin: 1,
    ProtocolMax: 3,
    ProtocolCur: 2,
    DelegateMin: 2,
    DelegateMax: 4,
    DelegateCur: 4,
  }
}

async function datacenterOf(ctx: Context): Promise<string> {
  const { value } = await listServiceNodes(ctx)
  return value[0]?.datacenter ?? 'dc1'
}

async function selfHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  const datacenter = await datacenterOf(ctx)
  return answerPlain(request, {
    config: { Region: homeRegion, Datacenter: datacenter, NodeName: 'jobgraph', Version: version },
    member: memberOf(request, datacenter),
    stats: { nomad: { server: 'true', leader: 'true', known_regions: '1', version } },
  })
}

async function membersHandler(ctx: Context, request: RestRequest): Promise<Reply> {
  return answerPlain(request, [memberOf(request, await datacenterOf(ctx))])
}

/** What clients ask to find out whether, and where, there is a cluster. */
export const agentRoutes: readonly Route<Context>[] = [
  support('GET', '/v1/status/leader', 'getNomadLeader', 'Names the leader.', async (_ctx, request) =>
    answerPlain(request, addressOf(request)),
  ),
  support('GET', '/v1/status/peers', 'listNomadPeers', 'Names the servers.', async (_ctx, request) =>
    answerPlain(request, [addressOf(request)]),
  ),
  support('GET', '/v1/regions', 'listNomadRegions', 'Lists the regions.', async (_ctx, request) =>
    answerPlain(request, [homeRegion]),
  ),
  support('GET', '/v1/agent/self', 'getNomadAgent', 'Shows the agent.', selfHandler),
  support('GET', '/v1/agent/members', 'listNomadMembers', 'Lists the servers.', membersHandler),
]
