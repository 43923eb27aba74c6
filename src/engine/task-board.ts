import {
  type ClientStatus,
  type TaskEvent,
  type TaskState,
  type TaskStates,
  trimTaskStates,
} from '#model/allocation.ts'

/** Where the tasks of one allocation stand. */
export type TaskBoard = {
  /** Where a task stands; null before anything was told of it. */
  readonly stateOf: (task: string) => TaskState['state'] | null
  /** Whether it ended for good and badly. */
  readonly hasFailed: (task: string) => boolean
  readonly tell: (task: string, state: TaskState['state'], event: TaskEvent, failed?: boolean) => void
  /** All tasks with the newest ten events of each. */
  readonly states: () => TaskStates
  /** The client status that follows from them; complete or failed once all are dead. */
  readonly clientStatus: () => ClientStatus
  /** The exit code of the last task that ended, the one that failed before any other; null where none has. */
  readonly exitCode: () => number | null
}

/** Starts with what was told of an allocation before, by whoever ran it. */
export function createTaskBoard(before: TaskStates | null): TaskBoard {
  const board = new Map<string, TaskState>(Object.entries(before ?? {}))
  const all = () => [...board.values()]
  return {
    stateOf: (task) => board.get(task)?.state ?? null,
    hasFailed: (task) => board.get(task)?.failed ?? false,
    tell(task, state, event, failed = false) {
      const known = board.get(task) ?? { failed: false, events: [] }
      const next = { state, failed: known.failed || failed, events: [...known.events, event] }
      for (const [name, trimmed] of Object.entries(trimTaskStates({ [task]: next }))) board.set(name, trimmed)
    },
    states: () => Object.fromEntries(board),
    clientStatus() {
      if (all().every(({ state }) => state === 'dead'))
        return all().some(({ failed }) => failed) ? 'failed' : 'complete'
      return all().some(({ state }) => state === 'running') ? 'running' : 'pending'
    },
    exitCode() {
      const ends = all().flatMap(({ failed, events }) => {
        const end = events.findLast(({ type }) => type === 'Terminated')
        return end === undefined ? [] : [{ failed, at: end.timeNs, code: end.exitCode ?? 0 }]
      })
      const [last] = ends.sort((a, b) => Number(b.failed) - Number(a.failed) || (a.at < b.at ? 1 : -1))
      return last?.code ?? null
    },
  }
}
