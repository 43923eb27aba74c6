import { goBackquote } from './go-quote.ts'

/** Whether a repetition may follow what was read last. */
type Repeatable = 'no' | 'once' | 'repeated'

const escapable = /^[AbBdDsSwWzafnrtvxpP0]$/
const rewritten: Readonly<Record<string, string>> = { A: '^', z: '$', a: '\\x07' }
const posix: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
  punct: '!-\\/:-@[-`{-~',
}
const bracket = /\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\\])*\]/y
const opening = /\(\?(?:P?<(\w+)>|([ims]*(?:-[ims]+)?)([:)]))|\((?!\?)/y
const repetition = /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y

/**
 * Compiles an expression of Go's syntax into JavaScript's. Backtracking is possible here where Go has none, so match
 * short texts only. A flag group such as `(?i)` is known at the start of the expression.
 * @throws SyntaxError with Go's message, such as "error parsing regexp: missing closing ): `(`"
 */
export function goRegexp(expression: string): RegExp {
  const out: string[] = []
  let flags = ''
  let depth = 0
  let repeatable: Repeatable = 'no'
  let repetitionBefore = ''
  for (let at = 0; at < expression.length; ) {
    const character = expression[at] ?? ''
    let read = character
    let written = character
    let next: Repeatable = 'once'
    if (character === '\\') {
      read = expression.slice(at, at + 2)
      written = escapeOf(read)
    } else if (character === '[') {
      read = match(bracket, expression, at) ?? fault('missing closing ]', expression.slice(at))
      written = classOf(read)
    } else if (character === '(') {
      const group = groupAt(expression, at)
      read = group.read
      written = group.written
      if (group.flags !== null && at > 0) fault('flags are known only at the start', read)
      flags += group.flags ?? ''
      if (group.flags === null) depth += 1
      next = 'no'
    } else if (character === ')') {
      if (depth === 0) fault('unexpected )', expression)
      depth -= 1
    } else if (character === '|' || character === '^') {
      next = 'no'
    } else {
      const operator = match(repetition, expression, at)
      if (operator !== null) {
        if (repeatable === 'no') fault('missing argument to repetition operator', operator)
        if (repeatable === 'repeated') fault('invalid nested repetition operator', repetitionBefore + operator)
        read = operator
        written = operator
        next = 'repeated'
        repetitionBefore = operator
      }
    }
    repeatable = next
    out.push(written)
    at += read.length
  }
  if (depth > 0) fault('missing closing )', expression)
  return compiled(out.join(''), flags, expression)
}

function compiled(source: string, flags: string, expression: string): RegExp {
  try {
    return new RegExp(source, [...new Set(/\\[pP]\{/.test(source) ? `${flags}u` : flags)].join(''))
  } catch {
    return fault('invalid or unsupported syntax', expression)
  }
}

function fault(reason: string, where: string): never {
  throw new SyntaxError(`error parsing regexp: ${reason}: ${goBackquote(where)}`)
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? null
}

function escapeOf(sequence: string): string {
  const letter = sequence.slice(1)
  if (letter === '') return fault('trailing backslash at end of expression', '')
  if (/[0-9A-Za-z]/.test(letter) && !escapable.test(letter)) fault('invalid escape sequence', sequence)
  return rewritten[letter] ?? sequence
}

function classOf(text: string): string {
  const inner = text.slice(1, -1).replace(/\[:(\w+):\]/g, (whole, name: string) => {
    return (Object.hasOwn(posix, name) ? posix[name] : undefined) ?? fault('invalid character class range', whole)
  })
  return `[${inner.replace(/^(\^?)\]/, '$1\\]')}]`
}

/** What a round bracket opens; `flags` is set for a group that holds nothing but flags for the whole expression. */
function groupAt(expression: string, at: number): { read: string; written: string; flags: string | null } {
  opening.lastIndex = at
  const [read, name, flags, end] = opening.exec(expression) ?? []
  if (read === undefined) return fault('invalid or unsupported Perl syntax', expression.slice(at, at + 3))
  if (name !== undefined) return { read, written: `(?<${name}>`, flags: null }
  if (flags === undefined) return { read, written: '(', flags: null }
  if (end === ')') return { read, written: '', flags: flags.replace(/-.*/, '') }
  return { read, written: `(?${flags}:`, flags: null }
}
