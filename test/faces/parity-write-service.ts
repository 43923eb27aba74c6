/** The cases of the writing operations that act on service jobs. */
import { sentGroup, sentJob } from '../support/job-spec.ts'
import { type Act, act, naming, type Writing } from './parity-act.ts'

function specifying(what: string, method: 'PUT' | 'POST', job: Readonly<Record<string, unknown>>): Act {
  return act(what, [method, `/v1/job/${String(job.ID)}`, { Job: job }], 'registerServiceJob', {
    input: ['RegisterServiceJobInput!', { specification: job }],
  })
}

const evaluating = (what: string, name: string, method = 'PUT') =>
  naming(what, method, '/v1/job/*/evaluate', 'evaluateServiceJob', name)
const forcing = (what: string, name: string, method = 'PUT') =>
  naming(what, method, '/v1/job/*/periodic/force', 'launchPeriodicJob', name)
const deregistering = (what: string, name: string) => naming(what, 'DELETE', '/v1/job/*', 'deregisterServiceJob', name)

const named = (ID: string, members: object = {}) => sentJob({ ID, Name: ID, ...members })
const grouped = (members: object) => ({ TaskGroups: [sentGroup({ ...members })] })

/** Of the Nomad document. */
export const nomadCases: Record<string, Writing> = {
  registerNomadJob: {
    acts: [
      specifying('a new one', 'PUT', named('new', grouped({ Count: 2, Meta: { genvid_count_max: '3' } }))),
      specifying('the same again', 'POST', named('new', grouped({ Count: 2, Meta: { genvid_count_max: '3' } }))),
      specifying('a change', 'POST', named('web', { ...grouped({ Count: 3 }), Priority: 70 })),
      specifying('an unknown type', 'PUT', named('odd', { Type: 'dance' })),
      specifying('a periodic one', 'PUT', {
        ...named('night', { Type: 'batch' }),
        Periodic: { Enabled: true, Spec: '0 3 1 1 *', SpecType: 'cron', ProhibitOverlap: true },
      }),
    ],
    refusals: [
      specifying('an impossible count', 'PUT', named('bad', grouped({ Count: -1 }))),
      specifying('no groups', 'PUT', named('bad', { TaskGroups: [] })),
      specifying('no tasks', 'PUT', named('bad', grouped({ Tasks: [] }))),
      specifying('two groups of one name', 'PUT', named('bad', { TaskGroups: [sentGroup(), sentGroup()] })),
      specifying('a priority beyond 100', 'PUT', named('bad', { Priority: 500 })),
      specifying('a count that is no number', 'PUT', named('bad', grouped({ Count: 'two' }))),
      specifying('a faulty schedule', 'PUT', {
        ...named('bad', { Type: 'batch' }),
        Periodic: { Enabled: true, Spec: 'often', SpecType: 'cron' },
      }),
    ],
  },
  evaluateNomadJob: {
    acts: [evaluating('a running one', 'web'), evaluating('by POST', 'huge', 'POST')],
    refusals: [evaluating('an unknown one', 'none'), evaluating('a periodic one', 'cron')],
  },
  forceNomadJob: {
    acts: [forcing('a periodic one', 'cron')],
    refusals: [forcing('an unknown one', 'none'), forcing('one without a schedule', 'web', 'POST')],
  },
  deregisterNomadJob: {
    acts: [
      deregistering('a running one', 'web'),
      deregistering('an unknown one', 'none'),
      deregistering('a periodic one', 'cron'),
    ],
    refusals: [],
  },
}

function counting(
  prefix: string,
  what: string,
  count: unknown,
  zeroStops: string,
  jobName: unknown = 'web',
  taskGroup = 'g1',
): Act {
  const rest = ['POST', `${prefix}/jobs/updatecounts`, { jobID: jobName, taskGroup, count }] as const
  const input = { jobName, taskGroup, delta: count, zeroStops }
  return act(what, rest, 'updateServiceJobCounts', { input: ['UpdateServiceJobCountsInput!', input] })
}

/** Starting, stopping and counts, which Bastion and the Cluster have both; they differ in what 0 stops. */
export function controls(word: string, prefix: string, zeroStops: string): Record<string, Writing> {
  const start = (what: string, name: string) => naming(what, 'POST', `${prefix}/jobs/start/*`, 'startServiceJob', name)
  const stop = (what: string, name: string) => naming(what, 'POST', `${prefix}/jobs/stop/*`, 'stopServiceJob', name)
  const count = (what: string, delta: unknown, ...more: string[]) => counting(prefix, what, delta, zeroStops, ...more)
  return {
    [`update${word}JobCounts`]: {
      acts: [
        // What stands still by now would hide what 0 stops.
        start('first the one', 'web'),
        start('and the other', 'pair'),
        count('one more', 1),
        count('two less', -2),
        count('down to 0', -1),
        count('up from 0', 2),
        count('one more of one group of two', 1, 'pair'),
        count('that group down to 0', -2, 'pair'),
        count('that group up again', 1, 'pair'),
        count('a change by 0, which stops the job or the group alone', 0, 'pair'),
      ],
      refusals: [
        count('of an unknown job', 1, 'none'),
        count('of an unknown group', 1, 'web', 'none'),
        count('below 0', -100),
        count('beyond all bounds', 2_000_000_000),
        count('no number', 'x'),
        count('half an instance', 0.5),
      ],
    },
    [`stop${word}Job`]: {
      acts: [stop('a running one', 'web'), stop('the same again', 'web'), stop('a periodic one', 'cron')],
      refusals: [stop('an unknown one', 'none')],
    },
    [`start${word}Job`]: {
      acts: [start('a stopped one', 'web'), start('a running one', 'web'), start('a periodic one', 'cron')],
      refusals: [start('an unknown one', 'none')],
    },
  }
}

/** Of the Bastion document. */
export const bastionCases: Record<string, Writing> = {
  ...controls('Bastion', '', 'JOB'),
  stopAllBastionJobs: { acts: [act('all', ['POST', '/jobs/stopall'], 'stopAllServiceJobs')], refusals: [] },
  startAllBastionJobs: { acts: [act('all', ['POST', '/jobs/startall'], 'startAllServiceJobs')], refusals: [] },
}
