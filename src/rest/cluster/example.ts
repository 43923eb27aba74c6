/** What the Cluster document shows, by route id. */
import type { Examples } from '../route.ts'

const web = {
  name: 'web',
  count: 0,
  countInit: 1,
  countMax: 5,
  summary: { queued: 0, complete: 0, failed: 0, running: 1, starting: 0, lost: 0 },
}
const secret = { GENVID_COMMAND_SECRET: 'anothersecret', akey: 'avalue' }

/** The example bodies of the Cluster document; the body that it shows under DELETE is left out, as that route reads none. */
export const clusterExamples: Examples = {
  listClusterJobs: { response: [{ name: 'web', status: 'running', taskGroups: [web] }] },
  setClusterDefaultLogger: { request: { leaf: 'info' } },
  setClusterAllocationLogger: { request: { leaf: 'debug' } },
  listClusterSecretsV1: { response: { keys: ['command', 'disco'] } },
  getClusterSecret: { response: secret },
  setClusterSecret: { request: secret },
}
