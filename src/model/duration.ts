/** Durations as Go writes them, such as `1h30m`; counted in nanoseconds. */
const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const whole = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const parts = /(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g
const most = 2n ** 63n - 1n

/**
 * Reads a Go duration into nanoseconds, exactly; digits beyond a nanosecond are cut off. A number needs a unit, except
 * that `0` may stand alone. Null means that the text is no duration, or one beyond 64 bits.
 */
export function parseDuration(text: string): bigint | null {
  if (/^[+-]?0$/.test(text)) return 0n
  if (text.length > 200) return null
  const [, sign, body] = whole.exec(text) ?? []
  if (body === undefined) return null
  let total = 0n
  for (const [, integer = '', fraction = '', unit = ''] of body.matchAll(parts)) {
    const scale = nanoseconds[unit] ?? 0n
    total += BigInt(integer || '0') * scale
    total += (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length)
  }
  if (total > most) return null
  return sign === '-' ? -total : total
}

/** Writes nanoseconds as Go prints a duration: `1h30m0s`, `1.5s`, `500ms`, `0s`. */
export function formatDuration(duration: number | bigint): string {
  const value = BigInt(duration)
  const size = value < 0n ? -value : value
  const sign = value < 0n ? '-' : ''
  if (size === 0n) return '0s'
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n, 3)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n, 6)}ms`
  const hours = size / 3_600_000_000_000n
  const minutes = (size / 60_000_000_000n) % 60n
  const seconds = decimal(size % 60_000_000_000n, 1_000_000_000n, 9)
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

function decimal(size: bigint, unit: bigint, places: number): string {
  const fraction = String(size % unit)
    .padStart(places, '0')
    .replace(/0+$/, '')
  return fraction === '' ? `${size / unit}` : `${size / unit}.${fraction}`
}
