import { badInput } from '#model/error.ts'
import type { Environment } from './environment.ts'

/** Where reading stands; `at` moves forward as characters are consumed. */
type Cursor = { readonly text: string; at: number }

const blank = /[ \t\r\n]/
const variable = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/y

/**
 * Splits a command line into its argv, in order, the way a POSIX shell would read the words of one simple command,
 * but with no shell: `;`, `|`, `>`, `*`, backquotes and `$(…)` are ordinary characters. Single quotes, double quotes and
 * backslashes work as in POSIX. `$NAME` and `${NAME}` are replaced from `env`, bare or in double quotes; what they
 * expand to is never split again. An unknown variable is the empty text, and a bare word that consists of nothing but
 * empty expansions vanishes, as in a shell, so that an optional input can be left out; in quotes it stays as ''.
 * A blank command gives []. Whoever wants a shell writes `sh -c '…'`.
 * @throws DomainError BAD_USER_INPUT for an unclosed quote, for `${` that is no plain name, and for NUL
 */
export function splitCommand(text: string, env: Environment): string[] {
  if (text.includes('\0')) throw badInput('A command may not hold a NUL character')
  const cursor: Cursor = { text, at: 0 }
  const words: string[] = []
  while (skipBlanks(cursor)) {
    const word = readWord(cursor, env)
    if (word !== null) words.push(word)
  }
  return words
}

function skipBlanks(cursor: Cursor): boolean {
  for (;;) {
    if (blank.test(peek(cursor))) cursor.at += 1
    else if (cursor.text.startsWith('\\\n', cursor.at)) cursor.at += 2
    else return cursor.at < cursor.text.length
  }
}

/** One word, or null where nothing of it was written literally and every expansion came out empty. */
function readWord(cursor: Cursor, env: Environment): string | null {
  let word = ''
  let literal = false
  for (let next = peek(cursor); next !== '' && !blank.test(next); next = peek(cursor)) {
    const expansion = next === '$' ? readVariable(cursor, env) : null
    if (expansion !== null) {
      word += expansion
      continue
    }
    literal = true
    cursor.at += 1
    if (next === "'") word += readSingleQuoted(cursor)
    else if (next === '"') word += readDoubleQuoted(cursor, env)
    else if (next === '\\') word += readEscaped(cursor)
    else word += next
  }
  return literal || word !== '' ? word : null
}

function readSingleQuoted(cursor: Cursor): string {
  const end = cursor.text.indexOf("'", cursor.at)
  if (end === -1) throw unclosed("'", cursor)
  const inside = cursor.text.slice(cursor.at, end)
  cursor.at = end + 1
  return inside
}

function readDoubleQuoted(cursor: Cursor, env: Environment): string {
  const start = cursor.at
  let inside = ''
  for (let next = peek(cursor); next !== '"'; next = peek(cursor)) {
    if (next === '') throw unclosed('"', { text: cursor.text, at: start })
    const expansion = next === '$' ? readVariable(cursor, env) : null
    if (expansion !== null) {
      inside += expansion
      continue
    }
    cursor.at += 1
    if (next !== '\\') inside += next
    else inside += '$`"\\\n'.includes(peek(cursor)) ? readEscaped(cursor) : '\\'
  }
  cursor.at += 1
  return inside
}

/** The character after a backslash; a line that ends in a backslash goes on in the next one. */
function readEscaped(cursor: Cursor): string {
  const next = peek(cursor)
  if (next === '') throw badInput('The command ends in a backslash')
  cursor.at += next.length
  return next === '\n' ? '' : next
}

/** The value of the variable that starts here, or null where the `$` is an ordinary character. */
function readVariable(cursor: Cursor, env: Environment): string | null {
  variable.lastIndex = cursor.at
  const found = variable.exec(cursor.text)
  const name = found?.[1] ?? found?.[2]
  if (found === null || name === undefined) {
    if (cursor.text.startsWith('${', cursor.at)) {
      throw badInput(`Only \${NAME} is expanded in a command, at character ${cursor.at + 1}; use sh -c '…' for more`)
    }
    return null
  }
  cursor.at += found[0].length
  return Object.hasOwn(env, name) ? (env[name] ?? '') : ''
}

function peek(cursor: Cursor): string {
  return cursor.text.charAt(cursor.at)
}

function unclosed(quote: string, cursor: Cursor): Error {
  return badInput(`The quote ${quote} at character ${cursor.at} of the command is never closed`)
}
