import { parseJson } from '#model/json.ts'

/**
 * How a column's text becomes a JavaScript value: one table for both drivers, which by default disagree on int8,
 * numeric, timestamps and bytea. Keys are Postgres type ids.
 */
export const decoders: Readonly<Record<number, (text: string) => unknown>> = {
  20: decodeInt8,
  114: parseJson,
  3802: parseJson,
  700: Number,
  701: Number,
  1700: Number,
  1082: String,
  1114: String,
  1184: decodeTime,
}

/** Ids, counts and indexes stay below 2^53; a value beyond it is a fault that must not be rounded away. */
function decodeInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} exceeds 2^53`)
  return value
}

/**
 * Postgres text (`2026-11-25 17:00:01.5+00`, session zone UTC) to ISO text with six digits or none
 * (`2026-11-25T17:00:01.500000Z`). Text to text: a Date would cost more and lose the microseconds.
 */
export function decodeTime(text: string): string {
  const zone = text.lastIndexOf('+')
  const date = text.slice(0, 10)
  const time = text.slice(11, zone)
  if (text.charCodeAt(10) !== 32 || text.slice(zone) !== '+00') return new Date(text).toISOString()
  return time.length === 8 ? `${date}T${time}Z` : `${date}T${time.padEnd(15, '0')}Z`
}
