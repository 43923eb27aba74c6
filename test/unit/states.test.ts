import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cancelableJobStatuses, executionTransitions, jobTransitions, requeueableJobStatuses } from '#model/status.ts'
import { root } from '../support/sources.ts'

const page = readFileSync(join(root, 'docs/states.md'), 'utf8')
const diagrams = [...page.matchAll(/```mermaid\nstateDiagram-v2\n([\s\S]*?)```/g)].map(([, body = '']) => body)
const [jobDiagram = '', executionDiagram = ''] = diagrams

/** The arrows of a diagram as `FROM --> TO`, in order; a line that is no arrow fails the comparison. */
function arrowsOf(diagram: string): string[] {
  return diagram
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort()
}

/** The arrows that a table means; a status that nothing leaves ends in `[*]`. */
function arrowsFrom(transitions: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(transitions)
    .flatMap(([from, targets]) => (targets.length === 0 ? ['[*]'] : targets).map((to) => `${from} --> ${to}`))
    .sort()
}

it('has one diagram for jobs and one for executions', () => {
  expect(diagrams).toHaveLength(2)
})

it('draws the moves of a job, all of them and no other', () => {
  expect(arrowsOf(jobDiagram)).toEqual(arrowsFrom(jobTransitions))
})

it('draws the moves of an execution, all of them and no other', () => {
  expect(arrowsOf(executionDiagram)).toEqual(arrowsFrom(executionTransitions))
})

it('lists moves of a queued job that are allowed, and every cancel and re-queue among them', () => {
  const moves = [...page.matchAll(/\b([A-Z]+) → ([A-Z]+)\b/g)].map(([, from = '', to = '']) => ({ from, to }))
  const allowed = new Set(arrowsFrom(jobTransitions))
  expect(moves.filter(({ from, to }) => !allowed.has(`${from} --> ${to}`))).toEqual([])
  const leading = (...targets: string[]) =>
    new Set(moves.filter(({ to }) => targets.includes(to)).map(({ from }) => from))
  expect(leading('CANCELED')).toEqual(new Set(cancelableJobStatuses))
  expect(leading('QUEUED', 'PENDING')).toEqual(new Set([...requeueableJobStatuses, 'RUNNING']))
})
