import type { Kysely } from 'kysely'
import { type Change, endOf, isAfter, type Position } from '#model/change.ts'
import { DomainError } from '#model/error.ts'
import { thousandTopic, topicsOf } from '#model/topic.ts'
import { findChangesAfter, findChangesUpTo, findLogHead, hasChangeAt } from './change.ts'
import type { Signal } from './signal.ts'
import type { Database } from './tables.ts'

const pollMs = 1_000
const batch = 1_000
/** How many changes are kept in memory; whoever is further behind reads the table. */
const ringSize = 20_000
/** How many waiters are woken in one turn of the event loop. */
const wokenPerTurn = 100

/**
 * The one tail of the change log in this process. It reads the log in index order, keeps the newest changes in
 * memory and wakes whoever waits. A wake-up is only a hint: waiters read rows by their own position.
 */
export class Feed {
  readonly #db: Kysely<Database>
  readonly #signal: Signal
  readonly #log: (message: string, error: unknown) => void
  readonly #topicWaiters = new Map<string, Set<() => void>>()
  #ring: Change[] = []
  /** Every change after this place is in the ring. */
  #ringStart: Position = endOf(0)
  #head: Position = endOf(0)
  #waiters = new Set<() => void>()
  #due: (() => void)[] = []
  /** How many changes were read while anyone waited for a topic. */
  #count = 0
  #timer: NodeJS.Timeout | null = null
  #reading: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(db: Kysely<Database>, signal: Signal, log: (message: string, error: unknown) => void) {
    this.#db = db
    this.#signal = signal
    this.#log = log
  }

  /**
   * Takes its place at the end of the log and follows it from there. The newest changes are read into memory: those who
   * followed a process before this one come back all at once, and find what they missed without a read of their own.
   */
  async start(): Promise<void> {
    const { index } = await findLogHead(this.#db)
    this.#head = endOf(index)
    this.#ring = await findChangesUpTo(this.#db, index, batch)
    const [first] = this.#ring
    this.#ringStart = first === undefined ? this.#head : { index: first.index, ordinal: first.ordinal }
    await this.#signal.start((hint) => this.#heard(hint))
    this.#timer = setInterval(() => this.#read(), pollMs)
  }

  /** Ends the tail; whoever waits is woken once more, and can still read, since the database stays open. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#signal.stop()
    await this.#reading
    this.#wakeAll()
    for (const topic of [...this.#topicWaiters.keys()]) this.#wakeTopic(topic)
  }

  /** Whether the feed was stopped: whoever follows it should end. */
  get isStopped(): boolean {
    return this.#stopped
  }

  /** The last place that this process has read. */
  get head(): Position {
    return this.#head
  }

  /** Says that this process committed a change: it is read now, and the other processes are told. */
  wake(): void {
    this.#read()
    this.#signal.send('head')
  }

  /** Says that something outside the change log grew, such as `log:7`: here at once, elsewhere by a hint. */
  touch(topic: string): void {
    this.#wakeTopic(topic)
    this.#signal.send(topic)
  }

  /** Calls `woken` at the next growth of the log. Register first, read then: a change in between is not slept past. */
  onGrowth(woken: () => void): () => void {
    this.#waiters.add(woken)
    return () => this.#waiters.delete(woken)
  }

  /**
   * Calls `woken` at each touch of a topic, until the returned function is called, and at once: a change that `head` has
   * passed has touched its topics. A committed change touches those of `topicsOf`; `touch` touches any other.
   */
  onTouch(topic: string, woken: () => void): () => void {
    const waiters = this.#topicWaiters.get(topic) ?? new Set()
    this.#topicWaiters.set(topic, waiters.add(woken))
    return () => {
      waiters.delete(woken)
      if (waiters.size === 0 && this.#topicWaiters.get(topic) === waiters) this.#topicWaiters.delete(topic)
    }
  }

  /** Calls `woken` soon, after those who were put before it: a hundred in each turn of the event loop. */
  inTurn(woken: () => void): void {
    if (this.#due.length === 0)
      setImmediate(() => {
        const due = this.#due
        this.#due = []
        wakeInTurns(due.values())
      })
    this.#due.push(woken)
  }

  /** The changes after a place, in order, where all of them are in memory; null where they are not. */
  recentAfter(position: Position): readonly Change[] | null {
    return isAfter(this.#ringStart, position) ? null : this.#ring.slice(this.#firstAfter(position))
  }

  /**
   * The changes after a place, in order: from memory where the place is recent, else a batch from the table.
   * @throws DomainError COMPACTED where the log no longer reaches back so far
   */
  async changesAfter(position: Position): Promise<readonly Change[]> {
    const recent = this.recentAfter(position)
    if (recent !== null) return recent
    const changes = await findChangesAfter(this.#db, position, batch)
    // Asked afterwards, so that what was dropped amid the two is told.
    const { oldest } = await findLogHead(this.#db)
    const isKept = oldest <= 1 || !isAfter(endOf(oldest - 1), position) || (await hasChangeAt(this.#db, position))
    if (!isKept)
      throw new DomainError(
        'COMPACTED',
        `Changes before index ${oldest} are no longer kept; start from a new snapshot.`,
      )
    return changes
  }

  #firstAfter(position: Position): number {
    let low = 0
    let high = this.#ring.length
    while (low < high) {
      const middle = (low + high) >> 1
      const change = this.#ring[middle]
      if (change !== undefined && isAfter(change, position)) high = middle
      else low = middle + 1
    }
    return low
  }

  #heard(hint: string): void {
    if (hint === 'head' || hint === '') this.#read()
    if (hint === '') for (const topic of [...this.#topicWaiters.keys()]) this.#wakeTopic(topic)
    else this.#wakeTopic(hint)
  }

  /** One read at a time; a wake-up during a read asks for another. */
  #read(): void {
    if (this.#stopped) return
    if (this.#reading !== null) {
      this.#again = true
      return
    }
    this.#reading = this.#readAll()
      .catch((error: unknown) => this.#log('The change log could not be read; trying again', error))
      .finally(() => {
        this.#reading = null
        if (!this.#again) return
        this.#again = false
        this.#read()
      })
  }

  async #readAll(): Promise<void> {
    for (;;) {
      const changes = await findChangesAfter(this.#db, this.#head, batch)
      const last = changes.at(-1)
      if (last === undefined) return
      this.#keep(changes, last)
      this.#wakeTopicsOf(changes)
      this.#wakeAll()
      if (changes.length < batch) return
    }
  }

  #keep(changes: readonly Change[], last: Change): void {
    this.#ring.push(...changes)
    this.#head = { index: last.index, ordinal: last.ordinal }
    if (this.#ring.length <= ringSize * 2) return
    const dropped = this.#ring.length - ringSize
    const before = this.#ring[dropped - 1]
    if (before !== undefined) this.#ringStart = { index: before.index, ordinal: before.ordinal }
    this.#ring = this.#ring.slice(dropped)
  }

  #wakeAll(): void {
    const waiters = this.#waiters
    this.#waiters = new Set()
    wakeInTurns(waiters.values())
  }

  /** Once each, however many of the changes name it. */
  #wakeTopicsOf(changes: readonly Change[]): void {
    if (this.#topicWaiters.size === 0) return
    const touched = new Set<string>()
    const before = this.#count
    this.#count += changes.length
    if (Math.floor(this.#count / 1_000) > Math.floor(before / 1_000)) touched.add(thousandTopic)
    for (const change of changes) for (const topic of topicsOf(change)) touched.add(topic)
    for (const topic of touched) this.#wakeTopic(topic)
  }

  #wakeTopic(topic: string): void {
    for (const woken of [...(this.#topicWaiters.get(topic) ?? [])]) woken()
  }
}

/**
 * Wakes some in each turn of the event loop: thousands that are woken at once would all get ready before the first of
 * them is served. Whoever forgets to wait meanwhile is woken for nothing, as by any hint.
 */
function wakeInTurns(waiters: Iterator<() => void>): void {
  for (let count = 0; count < wokenPerTurn; count += 1) {
    const { done, value: woken } = waiters.next()
    if (done === true) return
    woken()
  }
  setImmediate(wakeInTurns, waiters)
}
