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

const secretList = { keys: ['command', 'disco'] }

/**
 * The example bodies of the Cluster document, and the same where a path is served with `/v1` and without; the body that
 * it shows under DELETE is left out, as that route reads none.
 */
export const clusterExamples: Examples = {
  listClusterJobs: { response: [{ name: 'web', status: 'running', taskGroups: [web] }] },
  setClusterDefaultLogger: { request: { leaf: 'info' } },
  setClusterAllocationLogger: { request: { leaf: 'debug' } },
  listClusterSecretsV1: { response: secretList },
  listClusterSecrets: { response: secretList },
  getClusterSecret: { response: secret },
  getClusterSecretV1: { response: secret },
  setClusterSecret: { request: secret },
  setClusterSecretV1: { request: secret },
}
