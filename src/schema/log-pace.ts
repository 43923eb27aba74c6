/** How often a tail whose filter hides everything tells how far it read. */
const usualPace = { everyMs: 10_000, everyLines: 1_000 }

/**
 * Decides for one tail whether what it read is told: where there is news, and else as a bookmark, after so many hidden
 * lines or once so much time (in milliseconds) has passed since it last told something.
 */
export function createLogPace({ everyMs, everyLines } = usualPace): (hasNews: boolean, hidden: number) => boolean {
  let [passed, toldAt] = [0, performance.now()]
  return (hasNews, hidden) => {
    passed += hidden
    const isDue = passed >= everyLines || (passed > 0 && performance.now() - toldAt >= everyMs)
    if (!hasNews && !isDue) return false
    ;[passed, toldAt] = [0, performance.now()]
    return true
  }
}
