import { badInput, type DomainError } from './error.ts'
import { goQuoteByte } from './go-quote.ts'

/** One JSON value as it was written: numbers as text, members in their order with repetitions kept. */
export type GoToken =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly GoToken[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, GoToken])[] }

/** Go stops at 10,000; each level costs a stack frame here, and nothing honest comes near. */
const deepest = 1_000
/** What may stand in a quoted text as it is: all but control characters, the quote and the backslash. */
const plainText = /[ !#-[\]-\uffff]*/y
const hexDigit = /[0-9A-Fa-f]/
const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
}

/**
 * Reads the first JSON value of a text as Go's decoder does and ignores whatever follows it. A byte order mark is not
 * white space.
 * @throws DomainError BAD_USER_INPUT named BAD_REQUEST with Go's words, `EOF` where there is no value at all
 */
export function scanGo(text: string): GoToken {
  const cursor = { text, at: 0 }
  if (peek(cursor) === '') throw refusal('EOF')
  return scanValue(cursor, 0)
}

type Cursor = { readonly text: string; at: number }

function refusal(message: string): DomainError {
  return badInput(message, { name: 'BAD_REQUEST' })
}

/** What stands at the cursor is not what the grammar wants there. */
function unexpected(cursor: Cursor, context: string): DomainError {
  const code = cursor.text.codePointAt(cursor.at)
  if (code === undefined) return refusal('unexpected EOF')
  return refusal(`invalid character ${goQuoteByte(String.fromCodePoint(code))} ${context}`)
}

/** Skips white space; an empty text means that the end is reached. */
function peek(cursor: Cursor): string {
  while (' \t\r\n'.includes(cursor.text[cursor.at] ?? 'x')) cursor.at += 1
  return cursor.text[cursor.at] ?? ''
}

function scanValue(cursor: Cursor, depth: number): GoToken {
  const first = peek(cursor)
  if (first === '{' || first === '[') {
    if (depth >= deepest) throw refusal('exceeded max depth')
    return first === '{' ? scanObject(cursor, depth + 1) : scanArray(cursor, depth + 1)
  }
  if (first === '"') return { kind: 'string', value: scanString(cursor) }
  if (first === '-' || (first >= '0' && first <= '9')) return scanNumber(cursor)
  if (first === 'n') return scanWord(cursor, 'null', { kind: 'null' })
  if (first === 't') return scanWord(cursor, 'true', { kind: 'bool', value: true })
  if (first === 'f') return scanWord(cursor, 'false', { kind: 'bool', value: false })
  throw unexpected(cursor, 'looking for beginning of value')
}

function scanObject(cursor: Cursor, depth: number): GoToken {
  const members: [string, GoToken][] = []
  cursor.at += 1
  if (peek(cursor) === '}') {
    cursor.at += 1
    return { kind: 'object', members }
  }
  for (;;) {
    if (peek(cursor) !== '"') throw unexpected(cursor, 'looking for beginning of object key string')
    const key = scanString(cursor)
    if (peek(cursor) !== ':') throw unexpected(cursor, 'after object key')
    cursor.at += 1
    members.push([key, scanValue(cursor, depth)])
    const next = peek(cursor)
    if (next !== ',' && next !== '}') throw unexpected(cursor, 'after object key:value pair')
    cursor.at += 1
    if (next === '}') return { kind: 'object', members }
  }
}

function scanArray(cursor: Cursor, depth: number): GoToken {
  const items: GoToken[] = []
  cursor.at += 1
  if (peek(cursor) === ']') {
    cursor.at += 1
    return { kind: 'array', items }
  }
  for (;;) {
    items.push(scanValue(cursor, depth))
    const next = peek(cursor)
    if (next !== ',' && next !== ']') throw unexpected(cursor, 'after array element')
    cursor.at += 1
    if (next === ']') return { kind: 'array', items }
  }
}

function scanWord(cursor: Cursor, word: string, token: GoToken): GoToken {
  for (const letter of word) {
    if (cursor.text[cursor.at] !== letter) throw unexpected(cursor, `in literal ${word} (expecting '${letter}')`)
    cursor.at += 1
  }
  return token
}

function scanNumber(cursor: Cursor): GoToken {
  const start = cursor.at
  if (cursor.text[cursor.at] === '-') cursor.at += 1
  if (cursor.text[cursor.at] === '0') cursor.at += 1
  else scanDigits(cursor, 'in numeric literal')
  if (cursor.text[cursor.at] === '.') {
    cursor.at += 1
    scanDigits(cursor, 'after decimal point in numeric literal')
  }
  if (/[eE]/.test(cursor.text[cursor.at] ?? '')) {
    cursor.at += 1
    if (/[+-]/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1
    scanDigits(cursor, 'in exponent of numeric literal')
  }
  return { kind: 'number', text: cursor.text.slice(start, cursor.at) }
}

function scanDigits(cursor: Cursor, context: string): void {
  const start = cursor.at
  while (/[0-9]/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1
  if (cursor.at === start) throw unexpected(cursor, context)
}

/** Reads a quoted text; half a surrogate pair becomes U+FFFD, as in Go. */
function scanString(cursor: Cursor): string {
  let value = ''
  cursor.at += 1
  for (;;) {
    plainText.lastIndex = cursor.at
    const plain = plainText.exec(cursor.text)?.[0] ?? ''
    value += plain
    cursor.at += plain.length
    const next = cursor.text[cursor.at] ?? ''
    if (next === '"') break
    if (next === '\\') value += scanEscape(cursor)
    else throw unexpected(cursor, 'in string literal')
  }
  cursor.at += 1
  return value.toWellFormed()
}

function scanEscape(cursor: Cursor): string {
  cursor.at += 1
  const letter = cursor.text[cursor.at] ?? ''
  if (letter !== 'u') {
    const character = escapes[letter]
    if (character === undefined) throw unexpected(cursor, 'in string escape code')
    cursor.at += 1
    return character
  }
  cursor.at += 1
  const start = cursor.at
  while (cursor.at < start + 4) {
    if (!hexDigit.test(cursor.text[cursor.at] ?? '')) {
      throw unexpected(cursor, 'in \\u hexadecimal character escape')
    }
    cursor.at += 1
  }
  return String.fromCharCode(Number.parseInt(cursor.text.slice(start, cursor.at), 16))
}
