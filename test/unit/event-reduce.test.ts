import { describe, expect, it } from 'vitest'
import { readEventDefinitions } from '#model/documents/event-definition.ts'
import { type EventInput, reduceEvents } from '#model/event-reduce.ts'

/** What one map and one counting reduction over everything make of values that come in under the key `k`. */
function mapped(map: object, ...events: readonly Partial<EventInput>[]): unknown[] {
  const file = { maps: [{ id: 'm', ...map }], reductions: [{ id: 'r', value: ['$count'] }] }
  return run(file, ...events).flatMap((message) =>
    Object(message).results.map((one: object) => Reflect.get(one, 'key')),
  )
}

function run(file: object, ...events: readonly Partial<EventInput>[]): unknown[] {
  const definitions = readEventDefinitions([{ key: 'f', source: JSON.stringify(file) }])
  expect(definitions.errors).toEqual([])
  const inputs = events.map((event) => ({ key: ['k'], value: 1, atMs: 0, ...event }))
  return reduceEvents(definitions, inputs).map(({ value }) => JSON.parse(value))
}

describe('maps', () => {
  it('take keys part by part, and hand names on', () => {
    const where = { key: ['color', '<name>'], name: '<color>', type: 'string' }
    const map = { where, key: ['seen', '<color>', '<name>'], value: 1 }
    const keys = mapped(
      map,
      { key: ['color', 'ada'], value: 'red' },
      { key: ['color', 'ada'], value: 7 },
      { key: ['color'], value: 'red' },
      { key: ['shape', 'ada'], value: 'red' },
      { key: ['color', 'ada', 'more'], value: 'red' },
    )
    expect(keys).toEqual([['seen', 'red', 'ada']])
  })

  it('want the same where a name stands twice', () => {
    const keys = mapped({ where: { key: ['<a>', '<a>'] } }, { key: ['x', 'x'] }, { key: ['x', 'y'] })
    expect(keys).toEqual([['x', 'x']])
  })

  it.each([
    ['$eq', 'b', ['b']],
    ['$neq', 'b', ['a', 'B', 'abc', 2, 3]],
    ['$in', ['a', 3], ['a', 3]],
    ['$search', 'b', ['b', 'B', 'abc']],
    ['$searchIn', ['c', 'A'], ['a', 'abc']],
    ['$gt', 2, [3]],
    ['$gte', 2, [2, 3]],
    ['$lt', 3, [2]],
    ['$lte', 'ab', ['a', 'B']],
    ['$or', [{ $eq: 'a' }, { $gt: 2 }], ['a', 3]],
    ['$and', [{ type: 'number' }, { $lt: 3 }], [2]],
  ])('hold values against %s', (operator, operand, expected) => {
    const values = ['a', 'b', 'B', 'abc', 2, 3]
    const map = { where: { name: '<v>', [operator]: operand }, key: ['<v>'] }
    const keys = mapped(map, ...values.map((value) => ({ value })))
    expect(keys).toEqual(expected.map((value) => [String(value)]))
  })

  it('search by letter case only where they are told to', () => {
    const where = { name: '<v>', $search: 'B', $caseSensitive: true }
    expect(mapped({ where, key: ['<v>'] }, { value: 'abc' }, { value: 'aBc' })).toEqual([['aBc']])
  })

  it('forget the names of a clause that does not hold', () => {
    const where = { $or: [{ key: ['<x>', 'no'] }, { key: ['a', '<y>'] }] }
    expect(mapped({ where, key: ['<x>', '<y>'] }, { key: ['a', 'b'] })).toEqual([['<x>', 'b']])
  })
})

describe('reductions', () => {
  const all = { id: 'r', value: ['$sum', '$count', '$min', '$max'] }

  it('work out each operation for each key', () => {
    const file = { maps: [{ id: 'm' }], reductions: [{ ...all, where: { key: ['<k>'] }, key: ['<k>', 'x'] }] }
    const events = [{ value: 4 }, { value: -1 }, { key: ['other'], value: 2 }, { key: ['two', 'parts'], value: 9 }]
    expect(run(file, ...events)).toEqual([
      {
        id: 'r',
        results: [
          { key: ['k', 'x'], value: { sum: 3, count: 2, min: -1, max: 4 } },
          { key: ['other', 'x'], value: { sum: 2, count: 1, min: 2, max: 2 } },
        ],
      },
    ])
  })

  it('give a message for each period, in order of their ends', () => {
    const file = {
      maps: [{ id: 'm' }],
      reductions: [
        { ...all, id: 'slow', period: 1000 },
        { ...all, id: 'fast', period: 250 },
      ],
    }
    const messages = run(file, { atMs: 0 }, { atMs: 249 }, { atMs: 250 }, { atMs: 999 }, { atMs: 1000 })
    const counts = messages.map((one) => [Object(one).id, Object(one).results[0].value.count])
    expect(counts).toEqual([
      ['fast', 2],
      ['fast', 1],
      ['slow', 4],
      ['fast', 1],
      ['fast', 1],
      ['slow', 1],
    ])
  })

  it('say which values are no numbers', () => {
    const file = { maps: [{ id: 'm' }], reductions: [all] }
    const definitions = readEventDefinitions([{ key: 'f', source: JSON.stringify(file) }])
    const inputs = ['x', 5, 'y'].map((value) => ({ key: ['k'], value, atMs: 0 }))
    const [message] = reduceEvents(definitions, inputs)
    expect(message?.error).toBe('r: 2 of 3 values are not numbers')
    expect(JSON.parse(message?.value ?? '')).toMatchObject({
      results: [{ value: { sum: 5, count: 3, min: 5, max: 5 } }],
    })
    expect(reduceEvents(definitions, inputs.slice(0, 1)).map(({ value }) => JSON.parse(value))).toMatchObject([
      { results: [{ value: { sum: 0, count: 1, min: null, max: null } }] },
    ])
  })

  it('say nothing where nothing matched', () => {
    expect(run({ maps: [{ id: 'm', where: { key: ['z'] } }], reductions: [all] }, {})).toEqual([])
    expect(run({ maps: [{ id: 'm' }] }, {})).toEqual([])
    expect(run({ reductions: [all] }, {})).toEqual([])
  })
})
