/**
 * How versions of a job type are ordered: by semantic versioning 2.0, so 1.10.0 follows 1.9.0 and a release follows
 * its pre-releases. Built-in types carry shorter versions such as `1.0`; those count as `1.0.0`.
 */
const strict =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/
const loose =
  /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/

/** Tells whether a text is a version by the letter of semantic versioning 2.0 (three numbers, no leading zeros). */
export function isSemver(text: string): boolean {
  return strict.test(text)
}

/**
 * Orders two versions for sorting: negative when `left` is older, 0 only when the texts are the same.
 * Versions that differ in build metadata alone are ordered by its text; texts that are no version come before all.
 */
export function compareVersions(left: string, right: string): number {
  const leftKey = versionKey(left)
  const rightKey = versionKey(right)
  return leftKey < rightKey ? -1 : Number(leftKey > rightKey)
}

/**
 * A sort key in printable ASCII whose byte order (`COLLATE "C"` in SQL) is the order of `compareVersions`.
 * Different texts have different keys, whatever the text.
 */
export function versionKey(version: string): string {
  const parts = loose.exec(version)
  if (parts === null) return `!${ascii(version)}`
  const [, major = '0', minor = '0', patch = '0', pre, build] = parts
  const core = numberKey(major) + numberKey(minor) + numberKey(patch)
  const rank = pre === undefined ? '~' : `-${pre.split('.').map(identifierKey).join('')}`
  const tie = build === undefined ? '' : `+${build}`
  return core + rank + tie + (isSemver(version) ? '' : ` ${version}`)
}

/** Numeric identifiers come before words; the closing space is below every letter, so `a` comes before `ab`. */
function identifierKey(identifier: string): string {
  return /^\d+$/.test(identifier) ? `0${numberKey(identifier)} ` : `1${identifier} `
}

/** Puts the count of digits first, as a letter per 25 digits, so that texts sort as the numbers they write. */
function numberKey(digits: string): string {
  const plain = digits.replace(/^0+(?=\d)/, '')
  const count = plain.length - 1
  return 'z'.repeat(Math.floor(count / 25)) + String.fromCharCode(97 + (count % 25)) + plain
}

function ascii(text: string): string {
  return text.replace(/[^ -}]/gu, (character) => `~${(character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`)
}
