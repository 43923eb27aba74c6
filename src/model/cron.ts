import { badInput } from './error.ts'
import { goQuote } from './go-quote.ts'

/** A cron specification, read: the sorted values of each field, and the rules that pick days. All in UTC. */
export type Cron = {
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly months: readonly number[]
  readonly years: readonly number[]
  /** Null means any day; each rule gives days of one month. Days of month and of week add up when both are given. */
  readonly days: readonly DayRule[] | null
}

type Month = { readonly year: number; readonly month: number; readonly length: number; readonly firstWeekday: number }
type DayRule = (month: Month) => readonly number[]
type Field = {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}
/** What one entry of a list names; `every` is the bare star, which does not restrict the days. */
type Entry = { readonly values: readonly number[]; readonly every: boolean }

/** Of a specification, in characters: each entry of a list costs time again whenever the next launch is looked for. */
const longest = 1_000
const monthNames = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october']
const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const secondField: Field = { name: 'second', least: 0, most: 59 }
const minuteField: Field = { name: 'minute', least: 0, most: 59 }
const hourField: Field = { name: 'hour', least: 0, most: 23 }
const dayField: Field = { name: 'day-of-month', least: 1, most: 31 }
const monthField: Field = { name: 'month', least: 1, most: 12, names: ['', ...monthNames, 'november', 'december'] }
const weekdayField: Field = { name: 'day-of-week', least: 0, most: 6, names: weekdayNames }
const yearField: Field = { name: 'year', least: 1970, most: 2099 }
const aliases: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 * *',
  '@annually': '0 0 0 1 1 * *',
  '@monthly': '0 0 0 1 * * *',
  '@weekly': '0 0 0 * * 0 *',
  '@daily': '0 0 0 * * * *',
  '@hourly': '0 0 * * * * *',
}

/**
 * Reads a cron specification as Nomad does: five fields, a year after them if there are six, seconds before them if
 * there are seven; what follows is ignored. Lists, ranges, steps, names, `L`, `LW`, `15W`, `5L`, `5#3` and the words
 * from `@hourly` to `@yearly` are known. Ranges that run backwards are refused, where Nomad takes them for empty.
 * @throws DomainError BAD_USER_INPUT such as `Invalid cron spec "banana": missing field(s)`
 */
export function parseCron(text: string): Cron {
  try {
    return read(text.replace(/@(?:yearly|annually|monthly|weekly|daily|hourly)/g, (word) => aliases[word] ?? word))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw badInput(`Invalid cron spec ${goQuote(text)}: ${error.message}`, { name: 'INVALID_JOB' })
  }
}

function read(text: string): Cron {
  if (text.length > longest) throw new SyntaxError('too long')
  const fields = text.match(/\S+/g) ?? []
  if (fields.length < 5) throw new SyntaxError('missing field(s)')
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = '', year = '*'] =
    fields.length >= 7 ? fields : ['0', ...fields]
  const seconds = valuesOf(second, secondField)
  const minutes = valuesOf(minute, minuteField)
  const hours = valuesOf(hour, hourField)
  const dayRules = rulesOf(day, dayField, dayRule)
  const months = valuesOf(month, monthField)
  const weekdayRules = rulesOf(weekday, weekdayField, weekdayRule)
  const years = valuesOf(year, yearField)
  const days = dayRules === null ? weekdayRules : [...dayRules, ...(weekdayRules ?? [])]
  return { seconds, minutes, hours, months, years, days }
}

function entriesOf(text: string, { name }: Field): readonly string[] {
  const entries = text.match(/[^,]+/g)
  if (entries === null) throw new SyntaxError(`${name} field: missing directive`)
  return entries
}

function misspelt(entry: string, { name }: Field): SyntaxError {
  return new SyntaxError(`syntax error in ${name} field: '${entry}'`)
}

function valuesOf(text: string, field: Field): readonly number[] {
  const values = entriesOf(text, field).flatMap((entry) => {
    const known = parseEntry(entry, field)
    if (known === null) throw misspelt(entry, field)
    return known.values
  })
  return [...new Set(values)].sort((a, b) => a - b)
}

/** Null means that the field holds a star and restricts nothing. */
function rulesOf(text: string, field: Field, special: (entry: string) => DayRule | null): readonly DayRule[] | null {
  let every = false
  const rules = entriesOf(text, field).map((entry): DayRule => {
    const known = parseEntry(entry, field)
    if (known === null) {
      const rule = special(entry.toLowerCase())
      if (rule === null) throw misspelt(entry, field)
      return rule
    }
    every ||= known.every
    return field === dayField ? () => known.values : (month) => weekdaysIn(month, known.values)
  })
  return every ? null : rules
}

/** Reads `*`, `5`, `5-20`, and each with a step; null where it is none of these. */
function parseEntry(entry: string, field: Field): Entry | null {
  const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(entry.toLowerCase()) ?? []
  if (range === '*' || (range === '?' && step === undefined)) {
    return { values: count(field.least, field.most, stepOf(entry, step, field), field), every: step === undefined }
  }
  const [from = '', to, ...rest] = range.split('-')
  const first = numberOf(from, field)
  const last = to === undefined ? (step === undefined ? first : field.most) : numberOf(to, field)
  if (first === null || last === null || first > last || rest.length > 0) return null
  return { values: count(first, last, stepOf(entry, step, field), field), every: false }
}

function stepOf(entry: string, step: string | undefined, { most }: Field): number {
  if (step === undefined) return 1
  if (Number(step) < 1 || Number(step) > most) throw new SyntaxError(`invalid interval ${entry.toLowerCase()}`)
  return Number(step)
}

/** Counts up; the seventh day of the week is Sunday again. */
function count(first: number, last: number, step: number, field: Field): readonly number[] {
  const values = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step)
  return field === weekdayField ? values.map((value) => value % 7) : values
}

function numberOf(text: string, field: Field): number | null {
  const named = field.names?.findIndex((name) => name !== '' && (text === name || text === name.slice(0, 3))) ?? -1
  if (named >= 0) return named
  if (!(field === yearField ? /^\d{4}$/ : /^\d{1,2}$/).test(text)) return null
  const value = Number(text)
  return value >= field.least && value <= (field === weekdayField ? 7 : field.most) ? value : null
}

function dayRule(entry: string): DayRule | null {
  if (entry === 'l') return ({ length }) => [length]
  if (entry === 'lw') return (month) => [workdayNear(month, month.length)]
  const wanted = numberOf(/^(\d+)w$/.exec(entry)?.[1] ?? '', dayField)
  if (wanted === null) return null
  return (month) => (wanted <= month.length ? [workdayNear(month, wanted)] : [])
}

function weekdayRule(entry: string): DayRule | null {
  const [, name = '', nth] = /^(.+?)(?:l|#([1-5]))$/.exec(entry) ?? []
  const weekday = numberOf(name, weekdayField)
  if (weekday === null) return null
  return (month) => {
    const days = weekdaysIn(month, [weekday % 7])
    return days.filter((_, index) => index === (nth === undefined ? days.length : Number(nth)) - 1)
  }
}

function weekdaysIn(month: Month, weekdays: readonly number[]): readonly number[] {
  return daysIn(month).filter((day) => weekdays.includes(weekdayOf(month, day)))
}

function daysIn({ length }: Month): readonly number[] {
  return Array.from({ length }, (_, index) => index + 1)
}

function weekdayOf({ firstWeekday }: Month, day: number): number {
  return (firstWeekday + day - 1) % 7
}

/** The working day nearest to a day, within the month. */
function workdayNear(month: Month, day: number): number {
  const weekday = weekdayOf(month, day)
  if (weekday === 6) return day > 1 ? day - 1 : day + 2
  if (weekday === 0) return day < month.length ? day + 1 : day - 2
  return day
}

/** The first moment after `after` that a specification names, in whole seconds; null when there is none until 2099. */
export function nextAfter(cron: Cron, after: Date): Date | null {
  const start = new Date(Math.floor(after.getTime() / 1_000) * 1_000 + 1_000)
  const today = start.getTime() - (((start.getTime() % 86_400_000) + 86_400_000) % 86_400_000)
  const timeOfDay = (start.getTime() - today) / 1_000
  for (const year of cron.years) {
    if (year < start.getUTCFullYear()) continue
    for (const number of cron.months) {
      for (const day of matchingDays(cron, monthOf(year, number))) {
        const midnight = Date.UTC(year, number - 1, day)
        const time = midnight < today ? null : timeFrom(cron, midnight === today ? timeOfDay : 0)
        if (time !== null) return new Date(midnight + time * 1_000)
      }
    }
  }
  return null
}

function monthOf(year: number, month: number): Month {
  const first = new Date(Date.UTC(year, month - 1, 1))
  return { year, month, length: new Date(Date.UTC(year, month, 0)).getUTCDate(), firstWeekday: first.getUTCDay() }
}

function matchingDays(cron: Cron, month: Month): readonly number[] {
  if (cron.days === null) return daysIn(month)
  const named = new Set(cron.days.flatMap((rule) => rule(month)))
  return daysIn(month).filter((day) => named.has(day))
}

/** The first time of day at or after a second of the day, as a second of the day; null when the day has no more. */
function timeFrom(cron: Cron, from: number): number | null {
  for (const hour of cron.hours) {
    if (hour * 3_600 + 3_599 < from) continue
    for (const minute of cron.minutes) {
      const base = hour * 3_600 + minute * 60
      const second = base + 59 < from ? undefined : cron.seconds.find((value) => base + value >= from)
      if (second !== undefined) return base + second
    }
  }
  return null
}
