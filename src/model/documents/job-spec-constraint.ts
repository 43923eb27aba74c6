import { goRegexp } from '../go-regexp.ts'
import { faultsOfEach } from './job-spec-fault.ts'
import type { ConstraintSpec } from './job-spec-type.ts'

const versionConstraint =
  /^(?:=|!=|>|<|>=|<=|~>)?\s*v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/** What is wrong with the constraints of a job, group or task, each numbered from 1. */
export function constraintFaults(constraints: readonly ConstraintSpec[] | null): string[] {
  return faultsOfEach(constraints, faultsOf, (index) => `Constraint ${index + 1} validation failed`)
}

function faultsOf({ Operand, RTarget }: ConstraintSpec): string[] {
  if (Operand === '') return ['Missing constraint operand']
  if (Operand === 'regexp') return regexpFaults(RTarget)
  if (Operand !== 'version') return []
  const malformed = RTarget.split(',').find((part) => !versionConstraint.test(part.trim()))
  return malformed === undefined ? [] : [`Version constraint is invalid: Malformed constraint: ${malformed}`]
}

function regexpFaults(expression: string): string[] {
  try {
    goRegexp(expression)
    return []
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return [`Regular expression failed to compile: ${error.message}`]
  }
}
