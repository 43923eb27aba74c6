/** The cases of the writing operations of the Scale v6 documents. */
import { tileConfiguration } from '../documents/scale-jobs.ts'
import { manifest } from '../support/factory.ts'
import { type Act, type Arguments, act, globalId, type Writing } from './parity-act.ts'
import type { ParityStage } from './parity-stage.ts'

const jobIds = (...numbers: readonly number[]) => numbers.map((number) => globalId('QueuedJob', number))

function queueing(what: string, type: number, input: unknown, more: object = {}): Act {
  const rest = { job_type_id: type, input, ...more }
  const graph = { jobType: globalId('JobType', type), data: input, ...more }
  return act(what, ['POST', '/v6/jobs/', rest], 'queueJob', { input: ['QueueJobInput!', graph] })
}

function bulk(what: string, path: 'cancel' | 'requeue', rest: object, filter: object, priority?: unknown): Act {
  const given: Arguments = priority === undefined ? {} : { priority: ['Int', priority] }
  const body = { ...rest, ...(priority === undefined ? {} : { priority }) }
  const args: Arguments = { filter: ['JobFilter!', filter], ...given }
  return act(what, ['POST', `/v6/jobs/${path}/`, body], `${path}Jobs`, args)
}

/** Of the Scale v6 jobs document. */
export function jobCases({ typeId, fileId }: ParityStage): Record<string, Writing> {
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

/** Of the Scale v6 job types document. */
export const jobTypeCases: Record<string, Writing> = {
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
