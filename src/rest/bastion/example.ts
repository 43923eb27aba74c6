/** What the Bastion document shows, by route id. */
import type { Examples } from '../route.ts'

const job = {
  name: 'jobName',
  status: 'running',
  autostart: true,
  byCluster: true,
  taskGroups: [
    {
      name: 'takGroupName',
      count: 0,
      summary: { queued: 0, complete: 0, failed: 0, running: 0, starting: 0, lost: 0 },
    },
  ],
}

/** The example bodies of the Bastion document, misspelt names included. */
export const bastionExamples: Examples = {
  listBastionJobs: { response: [job] },
  getBastionJobSummary: { response: job },
  updateBastionJobCounts: { request: { jobID: 'jobName', taskGroup: 'taskGrouName', count: 0 } },
}
