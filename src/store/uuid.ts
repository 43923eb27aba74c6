const shape = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'

/** The first and last uuid that begin with a text, whatever its case; null where none can. */
export function uuidRange(prefix: string): { readonly first: string; readonly last: string } | null {
  const text = prefix.toLowerCase()
  const isPossible =
    text.length <= shape.length &&
    [...text].every((character, place) => (shape[place] === '-' ? character === '-' : /[0-9a-f]/.test(character)))
  if (!isPossible) return null
  const rest = shape.slice(text.length)
  return { first: text + rest.replaceAll('x', '0'), last: text + rest.replaceAll('x', 'f') }
}

/** Whether a text is a whole uuid. */
export function isUuid(text: string): boolean {
  return text.length === shape.length && uuidRange(text) !== null
}
