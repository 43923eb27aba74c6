import { expect, it } from 'vitest'
import { sources } from '../support/sources.ts'

const lengths = sources('src/**/*.ts').map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
/** Definitions of tables are lists, and a list is as long as it is. */
const isList = (path: string) => path === 'src/store/tables.ts' || path.startsWith('src/store/migrations/')

it('keeps files small: median at most 110 lines, a tenth above 250, none above 400', () => {
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
  expect(at(0.5)).toBeLessThanOrEqual(110)
  expect(at(0.9)).toBeLessThanOrEqual(250)
  expect(lengths.filter(({ path, lines }) => lines > 400 && !isList(path))).toEqual([])
})
