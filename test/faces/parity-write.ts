/** The cases of the writing operations of all documents. */
import type { Writing } from './parity-act.ts'
import type { ParityStage } from './parity-stage.ts'
import { clusterCases } from './parity-write-cluster.ts'
import { jobCases, jobTypeCases } from './parity-write-scale.ts'
import { bastionCases, nomadCases } from './parity-write-service.ts'

/** The cases of every writing operation, by the first of its routes' ids. */
export function writingsOf(stage: ParityStage): Readonly<Record<string, Writing>> {
  return { ...jobCases(stage), ...jobTypeCases, ...nomadCases, ...bastionCases, ...clusterCases(stage) }
}
