/** Text as Go prints it in quotes, which error messages of Nomad are full of. */
const short: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** Writes a text as Go's `%q` does: in double quotes, with what is not printable escaped. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`
  return `"${[...text.toWellFormed()].map((character) => (character === '"' ? '\\"' : escaped(character))).join('')}"`
}

/** Writes a text as Go's `%#q` does: between backquotes where it can stand there raw, quoted otherwise. */
export function goBackquote(text: string): string {
  const raw = [...text].every((character) => character === '\t' || (character !== '`' && character >= ' '))
  return raw && !/[\u007f\ufeff]/.test(text) ? `\`${text}\`` : goQuote(text)
}

/** Writes the first byte of a character as Go's JSON reader names it in `invalid character 'x' …`. */
export function goQuoteByte(character: string): string {
  const byte = String.fromCharCode(new TextEncoder().encode(character)[0] ?? 0)
  return `'${byte === "'" ? "\\'" : escaped(byte)}'`
}

function escaped(character: string): string {
  const known = short[character]
  if (known !== undefined) return known
  if (printable.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
