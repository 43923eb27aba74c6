/** Strings with their escapes, and the marks that open, part and close. Everything else in a JSON text is skipped. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs

/**
 * The first key that an object of this JSON text has twice, or null. `JSON.parse` takes the last of them silently;
 * where two readers could differ about which one counts, the text is better refused.
 */
export function duplicateKey(text: string): string | null {
  // For each open bracket the keys seen so far; null for a list.
  const open: (Set<string> | null)[] = []
  let before = ''
  for (const [mark] of text.matchAll(token)) {
    if (mark === '{') open.push(new Set())
    else if (mark === '[') open.push(null)
    else if (mark === '}' || mark === ']') open.pop()
    else if (mark.startsWith('"') && (before === '{' || before === ',')) {
      const keys = open.at(-1)
      const key = keys instanceof Set ? String(JSON.parse(mark)) : null
      if (key !== null && keys?.has(key)) return key
      if (key !== null) keys?.add(key)
    }
    before = mark
  }
  return null
}
