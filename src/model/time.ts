import { badInput, type DomainError } from './error.ts'

/** Longer texts are refused unread: no time needs more, and exact arithmetic on endless digits is slow. */
const longestText = 100
const dateTime =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/
const duration = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

const second = 1_000_000n
const minute = 60n * second
const hour = 60n * minute
const day = 24n * hour
const earliest = -62_135_596_800n * second
const latest = 253_402_300_800n * second - 1n

/**
 * Reads a time as the Scale v6 documents write it in queries and bodies and returns `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
 * A text that starts with `P` is a duration counted back from `now` (days, hours, minutes, seconds; decimals allowed;
 * bare `P` is now). Anything else is a date and time with `Z` or an offset of hours or hours and minutes; digits
 * beyond the microsecond are cut off. The years 0001 to 9999 are held, in UTC.
 * @throws DomainError BAD_USER_INPUT for any other text; the caller names the parameter
 */
export function parseScaleTime(text: string, now: Date | string): string {
  const instant = text.startsWith('P') ? microsecondsOf(now) - durationOf(text) : dateTimeOf(text)
  if (instant < earliest || instant > latest) throw refusal(text)
  return textOf(instant)
}

/** The time of so many nanoseconds since 1970, in the same form; digits below the microsecond are cut off. */
export function timeOfNanoseconds(nanoseconds: bigint): string {
  return textOf((nanoseconds - modulo(nanoseconds, 1_000n)) / 1_000n)
}

function textOf(instant: bigint): string {
  const seconds = (instant - modulo(instant, second)) / second
  const fraction = modulo(instant, second).toString().padStart(6, '0')
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}

function microsecondsOf(now: Date | string): bigint {
  return typeof now === 'string' ? dateTimeOf(now) : BigInt(now.getTime()) * 1000n
}

function durationOf(text: string): bigint {
  const parts = text.length > longestText ? null : duration.exec(text)
  if (parts === null) throw refusal(text)
  const [, days, hours, minutes, seconds] = parts
  return scaled(days, day) + scaled(hours, hour) + scaled(minutes, minute) + scaled(seconds, second)
}

/** A decimal count of a unit in whole microseconds, exactly: a double would lose them on long durations. */
function scaled(decimal: string | undefined, unit: bigint): bigint {
  if (decimal === undefined) return 0n
  const [whole = '0', fraction = ''] = decimal.split('.')
  return (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length)
}

function dateTimeOf(text: string): bigint {
  const parts = text.length > longestText ? null : dateTime.exec(text)
  if (parts === null) throw refusal(text)
  const [, year, month, dayOfMonth, hours, minutes, seconds = '0', fraction = '', sign, offsetHours, offsetMinutes] =
    parts
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) throw refusal(text)
  if (Number(offsetHours ?? 0) > 23 || Number(offsetMinutes ?? 0) > 59) throw refusal(text)
  const midnight = midnightOf(Number(year), Number(month), Number(dayOfMonth))
  if (midnight === null) throw refusal(text)
  const clock = scaled(hours, hour) + scaled(minutes, minute) + scaled(seconds, second)
  const offset = scaled(offsetHours, hour) + scaled(offsetMinutes, minute)
  const microseconds = BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  return midnight + clock + microseconds - (sign === '-' ? -offset : offset)
}

/** Null when the calendar has no such day. Not `Date.UTC`, which reads the years 0 to 99 as 1900 to 1999. */
function midnightOf(year: number, month: number, dayOfMonth: number): bigint | null {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, dayOfMonth)
  const exists = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth
  return exists ? BigInt(date.getTime()) * 1000n : null
}

function modulo(value: bigint, divisor: bigint): bigint {
  return ((value % divisor) + divisor) % divisor
}

function refusal(text: string): DomainError {
  return badInput(
    `'${text.slice(0, 60).toWellFormed()}' is neither a date and time with a zone nor a duration such as PT3H0M0S`,
  )
}
