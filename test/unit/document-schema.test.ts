import { expect, test } from 'vitest'
import { placeText, shapeParser, shown } from '#model/documents/schema.ts'

test('a member that every object inherits is missing until the document gives it', () => {
  const parse = shapeParser({ type: 'object', required: ['constructor'] }, 'document', 'FAULT')
  expect(() => parse({})).toThrow('constructor is missing')
  expect(parse({ constructor: 1 })).toEqual({ constructor: 1 })
})

test('places are written as people write them', () => {
  expect(placeText([], 'manifest')).toBe('manifest')
  expect(placeText(['job', 'tags', 1], 'manifest')).toBe('job.tags[1]')
})

test('a long text is cut, and never through a character', () => {
  expect(shown('a'.repeat(60))).toBe('a'.repeat(60))
  expect(shown(`${'a'.repeat(59)}😀`).isWellFormed()).toBe(true)
})
