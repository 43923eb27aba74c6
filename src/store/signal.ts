import pg from 'pg'

/**
 * Hints between the processes of one store: "the log grew", "this execution's log grew". A hint may be lost or
 * doubled; the tables are the truth and a poll is the floor.
 */
export type Signal = {
  /** Starts listening; `heard` gets each hint of another process, and an empty one after a reconnect. */
  start(heard: (hint: string) => void): Promise<void>
  /** Tells the other processes; returns at once, and hints sent close together travel in one message. */
  send(hint: string): void
  stop(): Promise<void>
}

/** For the embedded database, which has one process: there is nobody to tell. */
export function localSignal(): Signal {
  return { start: async () => {}, send: () => {}, stop: async () => {} }
}

const channel = 'jobgraph'
const coalesceMs = 50
const probeMs = 10_000
const reconnectMs = 500
/** A message holds 8,000 bytes, and a hint is a word and a number. */
const mostHints = 250

/**
 * LISTEN and NOTIFY on a connection of its own. NOTIFY is sent after commit and outside any transaction: inside one
 * it would serialise all commits of the database behind a lock.
 */
export class ListenSignal implements Signal {
  readonly #url: string
  readonly #log: (message: string, error: unknown) => void
  readonly #pending = new Set<string>()
  /** The one that listens or is about to; null between a loss and the next attempt. */
  #client: pg.Client | null = null
  #isListening = false
  /** Ends when the statement before has: a connection takes one at a time. */
  #turn: Promise<void> = Promise.resolve()
  #heard: (hint: string) => void = () => {}
  #flushing: NodeJS.Timeout | null = null
  #flushedAt = Number.NEGATIVE_INFINITY
  #probe: NodeJS.Timeout | null = null
  #stopped = false

  constructor(url: string, log: (message: string, error: unknown) => void) {
    this.#url = url
    this.#log = log
  }

  async start(heard: (hint: string) => void): Promise<void> {
    this.#heard = heard
    await this.#connect()
    this.#probe = setInterval(() => void this.#check(), probeMs)
    this.#probe.unref()
  }

  send(hint: string): void {
    this.#pending.add(hint)
    // The first goes at once: a change that comes alone need not wait for company.
    const waitMs = Math.max(0, this.#flushedAt + coalesceMs - performance.now())
    this.#flushing ??= setTimeout(() => void this.#flush(), waitMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#probe !== null) clearInterval(this.#probe)
    if (this.#flushing !== null) clearTimeout(this.#flushing)
    await this.#client?.end().catch(() => {})
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'jobgraph-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    })
    this.#client = client
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, new Error('the listening connection ended')))
    client.on('notification', (message) => {
      for (const hint of (message.payload ?? '').split(' ')) this.#heard(hint)
    })
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      this.#isListening = true
      this.#heard('')
    } catch (error) {
      this.#lost(client, error)
    }
  }

  /** Whatever was sent while nobody listened is found by reading the table after the reconnect. */
  #lost(client: pg.Client, error: unknown): void {
    if (this.#stopped || this.#client !== client) return
    this.#client = null
    this.#isListening = false
    client.removeAllListeners()
    client.on('error', () => {})
    void client.end().catch(() => {})
    this.#log('The listening connection was lost; connecting again', error)
    setTimeout(() => {
      if (!this.#stopped) void this.#connect()
    }, reconnectMs).unref()
  }

  /** A half-open socket never errs by itself; a question that gets no answer does. */
  async #check(): Promise<void> {
    await this.#ask('select 1')
  }

  async #flush(): Promise<void> {
    this.#flushing = null
    this.#flushedAt = performance.now()
    const hints = [...this.#pending]
    this.#pending.clear()
    for (let at = 0; at < hints.length; at += mostHints)
      await this.#ask('select pg_notify($1, $2)', [channel, hints.slice(at, at + mostHints).join(' ')])
  }

  async #ask(text: string, values: readonly string[] = []): Promise<void> {
    const client = this.#client
    if (client === null || !this.#isListening) return
    const query = async () => {
      if (client === this.#client) await client.query(text, [...values])
    }
    this.#turn = this.#turn.then(query).catch((error: unknown) => this.#lost(client, error))
    await this.#turn
  }
}
