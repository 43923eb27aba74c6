/** The cases of the writing operations, by the first id of the route. */
import { tileConfiguration } from '../documents/scale-jobs.ts'
import { manifest } from '../support/factory.ts'
import { sentGroup, sentJob } from '../support/job-spec.ts'
import { type Act, globalId, type Writing } from './parity-act.ts'
import { type ParityStage, sentLogs } from './parity-stage.ts'

type Arguments = NonNullable<Act['graph']['args']>

function act(what: string, rest: Act['rest'], field: string, args: Arguments = {}): Act {
  return { what, rest, graph: { field, args } }
}

const jobIds = (...numbers: readonly number[]) => numbers.map((number) => globalId('QueuedJob', number))

function queueing(what: string, type: number, input: unknown, more: object = {}): Act {
  const rest = { job_type_id: type, input, ...more }
  const graph = { jobType: globalId('JobType', type), input, ...more }
  return act(what, ['POST', '/v6/jobs/', rest], 'queueJob', { input: ['QueueJobInput!', graph] })
}

function bulk(what: string, path: 'cancel' | 'requeue', rest: object, filter: object, priority?: unknown): Act {
  const given: Arguments = priority === undefined ? {} : { priority: ['Int', priority] }
  const body = { ...rest, ...(priority === undefined ? {} : { priority }) }
  const args: Arguments = { filter: ['JobFilter!', filter], ...given }
  return act(what, ['POST', `/v6/jobs/${path}/`, body], `${path}Jobs`, args)
}

function jobCases({ typeId, fileId }: ParityStage): Record<string, Writing> {
  return {
    queueScaleJob: {
      acts: [
        queueing('with files and values', typeId, { version: '7', files: { TEXT: [fileId] }, json: { ZOOM: 3 } }),
        queueing('with an unknown file', typeId, { version: '7', files: { TEXT: [9_999] } }),
        queueing('with a configuration', typeId, {}, { configuration: { priority: 7 } }),
      ],
      refusals: [
        queueing('of an unknown type', 9_999, {}),
        queueing('with a value of the wrong type', typeId, { version: '7', json: { ZOOM: 'x' } }),
        queueing('with input that is a list', typeId, []),
        queueing('with a faulty configuration', typeId, {}, { configuration: { priority: -1 } }),
        queueing('without what the type demands', 1, {}),
      ],
    },
    cancelScaleJobs: {
      acts: [
        bulk('one by its id', 'cancel', { job_ids: [4] }, { ids: jobIds(4) }),
        bulk('by status', 'cancel', { status: 'RUNNING' }, { statuses: ['RUNNING'], families: ['QUEUED'] }),
        bulk('none', 'cancel', { job_type_names: ['none'] }, { jobTypeNames: ['none'] }),
      ],
      refusals: [
        bulk('by no id', 'cancel', { job_ids: ['x'] }, { ids: ['x'] }),
        bulk('of no time', 'cancel', { started: 'x' }, { modified: { from: 'x' } }),
      ],
    },
    requeueScaleJobs: {
      acts: [
        bulk('with a priority', 'requeue', { job_ids: [2, 4] }, { ids: jobIds(2, 4) }, 5),
        bulk('all that can be', 'requeue', {}, {}),
      ],
      refusals: [
        bulk('with an impossible priority', 'requeue', { job_ids: [2] }, { ids: jobIds(2) }, -1),
        bulk('with no number', 'requeue', { job_ids: [2] }, { ids: jobIds(2) }, 'x'),
        bulk('by no id', 'requeue', { job_ids: ['x'] }, { ids: ['x'] }),
      ],
    },
  }
}

function registering(what: string, document: unknown, more: Readonly<Record<string, unknown>> = {}): Act {
  const input = { dockerImage: 'reg.test/new:1', manifest: document, ...more }
  return act(what, ['POST', '/v6/job-types/', snaked(input)], 'registerJobType', {
    input: ['RegisterJobTypeInput!', input],
  })
}

function editing(what: string, input: Readonly<Record<string, unknown>>, name = 'tiler', version = '1.0.0'): Act {
  return act(what, ['PATCH', `/v6/job-types/${name}/${version}/`, snaked(input)], 'editJobType', {
    name: ['String!', name],
    version: ['String!', version],
    input: ['EditJobTypeInput!', input],
  })
}

function snaked(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [snake(key), value]))
}

const jobTypeCases: Record<string, Writing> = {
  registerScaleJobType: {
    acts: [
      registering('a new one', manifest('new'), { maxScheduled: 4, isPaused: true, iconCode: 'f0ac' }),
      registering('a revision', manifest('new', '1.0.0', { title: 'Other' }), { isPublished: true, isActive: true }),
      registering('a version', manifest('new', '2.0.0'), { configuration: { priority: 9 } }),
    ],
    refusals: [
      registering('a faulty manifest', { seedVersion: '1.0.0' }),
      registering('no manifest', 'x'),
      registering('an impossible limit', manifest('new'), { maxScheduled: -1 }),
      registering('a faulty configuration', manifest('new'), { configuration: { mounts: 5 } }),
      registering('no flag', manifest('new'), { isPaused: 'perhaps' }),
      registering('no version', manifest('new', 'x')),
    ],
  },
  editScaleJobType: {
    acts: [
      editing('its pause and limit', { isPaused: true, maxScheduled: 3 }),
      editing('its limit away', { maxScheduled: null }),
      editing('its configuration', { configuration: { ...tileConfiguration, priority: 12 } }),
      editing('its manifest', { manifest: manifest('plain', '1.0.0', { title: 'New' }), iconCode: 'f012' }, 'plain'),
      editing('its activity', { isActive: false, isPublished: true, dockerImage: 'reg.test/other:2' }),
    ],
    refusals: [
      editing('an unknown one', { isPaused: true }, 'nobody'),
      editing('an unknown version', { isPaused: true }, 'tiler', '9.9.9'),
      editing('an impossible limit', { maxScheduled: -1 }),
      editing("another's manifest", { manifest: manifest('plain') }),
      editing('a faulty manifest', { manifest: { seedVersion: '1.0.0' } }),
      editing('a faulty configuration', { configuration: { priority: 'x' } }),
    ],
  },
}

function specifying(what: string, method: 'PUT' | 'POST', job: Readonly<Record<string, unknown>>): Act {
  return act(what, [method, `/v1/job/${String(job.ID)}`, { Job: job }], 'registerServiceJob', {
    input: ['RegisterServiceJobInput!', { specification: job }],
  })
}

function naming(what: string, method: string, path: string, field: string, name: string): Act {
  return act(what, [method, path.replace('*', name)], field, { name: ['String!', name] })
}

const evaluating = (what: string, name: string, method = 'PUT') =>
  naming(what, method, '/v1/job/*/evaluate', 'evaluateServiceJob', name)
const forcing = (what: string, name: string, method = 'PUT') =>
  naming(what, method, '/v1/job/*/periodic/force', 'launchPeriodicJob', name)
const deregistering = (what: string, name: string) => naming(what, 'DELETE', '/v1/job/*', 'deregisterServiceJob', name)

const named = (ID: string, members: object = {}) => sentJob({ ID, Name: ID, ...members })
const grouped = (members: object) => ({ TaskGroups: [sentGroup({ ...members })] })

const nomadCases: Record<string, Writing> = {
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

/** Starting, stopping and counts, which both documents have; they differ in what 0 stops. */
function controls(word: string, prefix: string, zeroStops: string): Record<string, Writing> {
  const start = (what: string, name: string) => naming(what, 'POST', `${prefix}/jobs/start/*`, 'startServiceJob', name)
  const stop = (what: string, name: string) => naming(what, 'POST', `${prefix}/jobs/stop/*`, 'stopServiceJob', name)
  const count = (what: string, delta: unknown, ...more: string[]) => counting(prefix, what, delta, zeroStops, ...more)
  return {
    [`update${word}JobCounts`]: {
      acts: [count('one more', 1), count('two less', -2), count('down to 0', -1), count('up from 0', 2)],
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

const bastionCases: Record<string, Writing> = {
  ...controls('Bastion', '', 'JOB'),
  stopAllBastionJobs: { acts: [act('all', ['POST', '/jobs/stopall'], 'stopAllServiceJobs')], refusals: [] },
  startAllBastionJobs: { acts: [act('all', ['POST', '/jobs/startall'], 'startAllServiceJobs')], refusals: [] },
}

function setting(what: string, settings: unknown): Act {
  return act(what, ['POST', '/v1/settings', settings], 'setSettings', { settings: ['JSON!', settings] })
}

type SentLog = Readonly<Record<string, unknown>>

function logging(what: string, logs: readonly SentLog[]): Act {
  const sources = logs.map(({ group, logLevel, ...others }) => ({
    ...others,
    ...(group === undefined ? {} : { taskGroup: group }),
    ...(logLevel === undefined ? {} : { hasLevel: logLevel }),
  }))
  return act(what, ['POST', '/v1/log/logs', logs], 'setLogSources', { sources: ['[LogSourceInput!]!', sources] })
}

function levelling(what: string, logger: string, level: string, allocation?: string): Act {
  const given: Arguments = { logger: ['String!', logger] }
  const word = level === '' ? null : level.toUpperCase()
  const path = allocation === undefined ? `/v1/log/defaults/${logger}` : `/v1/log/allocs/${allocation}/${logger}`
  const rest = ['POST', path, { [logger]: level }] as const
  if (allocation === undefined) return act(what, rest, 'setDefaultLogger', { ...given, level: ['LoggerLevel!', word] })
  const args: Arguments = { ...given, allocation: ['String!', allocation], level: ['LoggerLevel', word] }
  return act(what, rest, 'setAllocationLogger', args)
}

function defining(what: string, mapreduce: readonly { readonly key: string; readonly value: unknown }[]): Act {
  const files = mapreduce.map(({ key, value }) => ({ key, source: value }))
  return act(what, ['POST', '/v1/events', { mapreduce }], 'setEventDefinitions', {
    files: ['[EventDefinitionInput!]!', files],
  })
}

function hiding(what: string, id: string, secret: Readonly<Record<string, unknown>>): Act {
  const values = Object.entries(secret).map(([key, value]) => ({ key, value }))
  return act(what, ['POST', `/secrets/secret/${encodeURIComponent(id)}`, secret], 'setSecret', {
    id: ['String!', id],
    values: ['[SecretValueInput!]!', values],
  })
}

function forgetting(what: string, id: string): Act {
  return act(what, ['DELETE', `/secrets/secret/${id}`], 'removeSecret', { id: ['String!', id] })
}

const nowhere = '00000000-0000-4000-8000-000000000000'
const sum = { id: 'sum', where: { key: ['cheer'] }, key: ['cheer'], value: ['$sum'], period: 0 }
const good = JSON.stringify({ version: '1.7.0', event: { game: { maps: [], reductions: [sum] } } })

function clusterCases({ logged }: ParityStage): Record<string, Writing> {
  const [web = {}, ...others] = sentLogs
  return {
    ...controls('Cluster', '/v1', 'TASK_GROUP'),
    setClusterSettings: {
      acts: [setting('none', {}), setting('some', { info: { name: 'after' }, ntp: { polling: 60 } })],
      refusals: [
        setting('of the wrong type', { info: { name: 5 }, ntp: { polling: 'often' } }),
        setting('that are a list', []),
        setting('that are a text', 'x'),
      ],
    },
    setClusterLogs: {
      acts: [
        logging('none', []),
        logging('without the first', others),
        logging('with another', [web, ...others, { id: 'cron', job: 'cron' }]),
      ],
      refusals: [
        logging('two of one id', [web, web]),
        logging('without an id', [{ job: 'web' }]),
        logging('without a job', [{ id: 'x' }]),
        logging('with an empty id', [{ ...web, id: '' }]),
        logging('with an impossible level', [{ ...web, logLevel: 'x' }]),
      ],
    },
    setClusterDefaultLogger: {
      acts: [levelling('a known one', 'web', 'warning'), levelling('an unknown one', 'own', 'panic')],
      refusals: [levelling('no level', 'web', 'loud'), levelling('an empty level', 'web', '')],
    },
    setClusterAllocationLogger: {
      acts: [
        levelling('an unknown one', 'own', 'info', logged),
        levelling('back to the default', 'own', '', logged),
        levelling('a known one', 'web', 'fatal', logged),
      ],
      refusals: [
        levelling('of no allocation', 'web', 'debug', nowhere),
        levelling('no level', 'web', 'loud', logged),
        levelling('no uuid', 'web', 'debug', 'x'),
      ],
    },
    setClusterEvents: {
      acts: [
        defining('none', []),
        defining('good and bad', [
          { key: 'good', value: good },
          { key: 'bad', value: '{' },
        ]),
      ],
      refusals: [
        defining('two of one key', [
          { key: 'k', value: good },
          { key: 'k', value: good },
        ]),
        defining('an empty key', [{ key: '', value: good }]),
        defining('a number', [{ key: 'k', value: 5 }]),
      ],
    },
    setClusterSecret: {
      acts: [hiding('a new one', 'two', { a: 'x', b: '' }), hiding('anew', 'one', { c: 'z' })],
      refusals: [hiding('without values', 'one', {}), hiding('with a number', 'one', { a: 5 })],
    },
    deleteClusterSecret: {
      acts: [forgetting('a known one', 'one')],
      refusals: [forgetting('an unknown one', 'none')],
    },
  }
}

/** The cases of every writing operation, by the first of its routes' ids. */
export function writingsOf(stage: ParityStage): Readonly<Record<string, Writing>> {
  return { ...jobCases(stage), ...jobTypeCases, ...nomadCases, ...bastionCases, ...clusterCases(stage) }
}
