/** How the Cluster API writes what it answers, and reads what it is sent. */
import type { EventDefinition } from '#model/documents/event-definition.ts'
import { badInput } from '#model/error.ts'
import { isObject, type Json, type JsonObject, toJson } from '#model/json.ts'
import type { LogInstance, LogSource, LogSourceInput } from '#model/logger.ts'
import { json, type Reply } from '../reply.ts'
import type { ReplyDoc } from '../route.ts'
import { exactly } from '../shape.ts'
import { inUtf8 } from './error.ts'

/** A JSON answer. */
export function answer(value: unknown, headers: { readonly [name: string]: string } = {}): Reply {
  return inUtf8(json(200, value, headers))
}

/** What a POST or DELETE answers for which the document names nothing. */
export function done(headers: { readonly [name: string]: string } = {}): Reply {
  return answer({}, headers)
}

/** The same for OpenAPI. */
export const doneDoc: ReplyDoc = { doc: 'It is done.', schema: exactly({}) }

/** A log of the list. */
export function toLog(source: LogSource): JsonObject {
  return {
    id: source.id,
    group: source.taskGroup,
    job: source.job,
    task: source.task,
    fileName: source.fileName,
    logLevel: source.hasLevel,
  }
}

/** Logs as they are posted. @throws DomainError BAD_USER_INPUT that names the place */
export function fromLogs(value: Json): LogSourceInput[] {
  if (!Array.isArray(value)) throw badInput('The logs must be a JSON array.')
  const items: readonly Json[] = value
  return items.map((item, place) => {
    if (!isObject(item)) throw badInput(`Log ${place} must be an object.`)
    const { id, group, job, task, fileName, logLevel } = item
    return {
      id: textOf(id, `The id of log ${place}`),
      job: textOf(job, `The job of log ${place}`),
      ...(group === undefined ? {} : { taskGroup: textOf(group, `The group of log ${place}`) }),
      ...(task === undefined ? {} : { task: textOf(task, `The task of log ${place}`) }),
      ...(fileName === undefined ? {} : { fileName: textOf(fileName, `The fileName of log ${place}`) }),
      ...(logLevel === undefined ? {} : { hasLevel: flagOf(logLevel, `The logLevel of log ${place}`) }),
    }
  })
}

/** One item of a log's meta information; here the document makes `logLevel` a text. */
export function toMeta({ allocationUuid, status, source, createdAt }: LogInstance): JsonObject {
  return {
    allocID: allocationUuid,
    status,
    jobName: source.job,
    taskName: source.task,
    fileName: source.fileName,
    createTime: createdAt,
    logLevel: String(source.hasLevel),
  }
}

/** Loggers with their levels; an empty one goes by the default. */
export function toLoggers(loggers: readonly { readonly logger: string; readonly level: string | null }[]): JsonObject {
  return Object.fromEntries(loggers.map(({ logger, level }) => [logger, level ?? '']))
}

/** The level in a body that names the logger of the path and nothing else. @throws DomainError BAD_USER_INPUT */
export function fromLogger(value: Json, logger: string): string {
  const [entry, ...others] = isObject(value) ? Object.entries(value) : []
  if (entry === undefined || others.length > 0 || entry[0] !== logger)
    throw badInput(`The body must name the logger ${logger} and nothing else.`)
  return textOf(entry[1], `The level of ${logger}`)
}

/** Event files as they are posted; `errors` is ours to say and is not read. @throws DomainError BAD_USER_INPUT */
export function fromEvents(value: Json): EventDefinition[] {
  const list = isObject(value) ? value.mapreduce : undefined
  if (!Array.isArray(list)) throw badInput('The body must be an object with the array mapreduce.')
  const items: readonly Json[] = list
  return items.map((item, place) => {
    const what = `mapreduce[${place}]`
    if (!isObject(item)) throw badInput(`${what} must be an object.`)
    const source = isObject(item.value) ? toJson(item.value) : textOf(item.value, `${what}.value`)
    return { key: textOf(item.key, `${what}.key`), source }
  })
}

/** The values of a secret. @throws DomainError BAD_USER_INPUT, which names a key but never a value */
export function fromSecret(value: Json): Record<string, string> {
  if (!isObject(value)) throw badInput('A secret must be a JSON object.')
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text, `The value of ${key}`)]))
}

function textOf(value: Json | undefined, what: string): string {
  if (typeof value === 'string') return value
  throw badInput(`${what} must be a text.`)
}

function flagOf(value: Json, what: string): boolean {
  if (typeof value === 'boolean') return value
  throw badInput(`${what} must be true or false.`)
}
