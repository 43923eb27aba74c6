/** The cases of the writing operations of the Cluster API document. */
import { type Act, type Arguments, act, type Writing } from './parity-act.ts'
import { type ParityStage, sentLogs } from './parity-stage.ts'
import { controls } from './parity-write-service.ts'

function setting(what: string, settings: unknown): Act {
  return act(what, ['POST', '/v1/settings', settings], 'setSettings', { settings: ['JSON!', settings] })
}

type SentLog = Readonly<Record<string, unknown>>

function logging(what: string, logs: readonly SentLog[]): Act {
  const sources = logs.map(({ id: name, job: jobName, group, logLevel, ...others }) => ({
    name,
    jobName,
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
    name: ['String!', id],
    values: ['[SecretValueInput!]!', values],
  })
}

function forgetting(what: string, id: string): Act {
  return act(what, ['DELETE', `/secrets/secret/${id}`], 'removeSecret', { name: ['String!', id] })
}

const nowhere = '00000000-0000-4000-8000-000000000000'
const sum = { id: 'sum', where: { key: ['cheer'] }, key: ['cheer'], value: ['$sum'], period: 0 }
const good = JSON.stringify({ version: '1.7.0', event: { game: { maps: [], reductions: [sum] } } })

/** Of the Cluster API document, jobs included. */
export function clusterCases({ logged }: ParityStage): Record<string, Writing> {
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
