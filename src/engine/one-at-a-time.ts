/** Work that many may ask for, and that is done one turn at a time. */
export type Repeatable = {
  /** Asks for a turn; whoever asks during one gets another after it. */
  readonly ask: () => void
  /** Resolves when the turn under way has ended, and takes no new ones. */
  readonly close: () => Promise<void>
}

/** Makes turns of an action; `report` hears of its errors. */
export function oneAtATime(act: () => Promise<void>, report: (error: unknown) => void): Repeatable {
  let current: Promise<void> | null = null
  let again = false
  let isClosed = false
  const ask = () => {
    if (isClosed) return
    if (current !== null) {
      again = true
      return
    }
    current = act()
      .catch(report)
      .finally(() => {
        current = null
        const repeat = again
        again = false
        if (repeat) ask()
      })
  }
  const close = async () => {
    isClosed = true
    await current
  }
  return { ask, close }
}
