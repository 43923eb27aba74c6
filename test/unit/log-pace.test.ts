import { expect, it } from 'vitest'
import { createLogPace } from '#schema/log-pace.ts'

it('tells news at once, and hidden lines after 1,000 of them since it last told something', () => {
  const isTold = createLogPace()
  expect(isTold(false, 999)).toBe(false)
  expect(isTold(false, 1)).toBe(true)
  expect(isTold(false, 999)).toBe(false)
  expect(isTold(true, 0)).toBe(true)
  expect(isTold(false, 999)).toBe(false)
  expect(isTold(true, 5)).toBe(true)
  expect(isTold(false, 999)).toBe(false)
})

it('tells hidden lines once the time has passed, and nothing where none were read', () => {
  const isTold = createLogPace({ everyMs: 0, everyLines: 1_000 })
  expect(isTold(false, 0)).toBe(false)
  expect(isTold(false, 1)).toBe(true)
  expect(isTold(false, 0)).toBe(false)
  expect(createLogPace({ everyMs: 3_600_000, everyLines: 1_000 })(false, 1)).toBe(false)
})
