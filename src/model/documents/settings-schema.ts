/** The JSON Schema of the Cluster API's settings, which is served as it stands here and also does the checking. */
import type { JsonObject } from '../json.ts'

const text = (initial: string): JsonObject => ({ type: 'string', default: initial })
const flag = (initial: boolean): JsonObject => ({ type: 'boolean', default: initial })
const whole = (minimum: number, initial: number): JsonObject => ({ type: 'integer', minimum, default: initial })

/** Members that an object does not know are kept, so that documents of newer clients come back as they were sent. */
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties, additionalProperties: true })
const section = (properties: JsonObject): JsonObject => ({ ...object(properties), default: {} })

const stream = section({
  enable: flag(false),
  service: text('standalone'),
  addr: text(''),
  channel: text(''),
  key: text(''),
  delayoffset: text('0ms'),
  extradelay: { type: 'number', minimum: 0, default: 10 },
})

const input = section({
  width: whole(1, 1280),
  height: whole(1, 720),
  silent: flag(true),
  stamp_timecode: flag(false),
})

const output = section({
  width: whole(1, 1280),
  height: whole(1, 720),
  abitrate: whole(0, 128_000),
  vbitrate: whole(0, 2_500_000),
  framerate: whole(1, 30),
  stamp_timecode: flag(false),
})

const leaf = section({
  bufferSize: whole(1, 4096),
  compression: flag(false),
  maxConnections: whole(1, 500),
})

/** Draft 7, without references of any kind. Each default validates against the schema that carries it. */
export const settingsSchema: JsonObject = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Cluster settings',
  ...object({
    info: section({ name: text(''), game: text(''), description: text('') }),
    ntp: section({ server: text('pool.ntp.org'), polling: whole(1, 300) }),
    encode: section({ stream, input, output }),
    services: section({ leaf }),
  }),
}
