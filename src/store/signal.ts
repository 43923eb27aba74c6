import pg from 'pg'

/**
 * Hints between the processes of one store: "the log grew", "this execution's log grew". A hint may be lost or
 * doubled; the tables are the truth and a poll is the floor.
 */
export type Signal = {
  /** Starts listening; `heard` gets each hint of another process, and an empty one for all of them, as after a reconnect. */
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
/** A message holds less than 8,000 bytes. */
const mostHints = 400
const probeMs = 10_000
const reconnectMs = 500

/**
 * LISTEN and NOTIFY on a connection of its own. NOTIFY is sent after commit and outside any transaction: inside one
 * it would serialise all commits of the database behind a lock.
 */
export class ListenSignal implements Signal {
  readonly #url: string
  readonly #log: (message: string, error: unknown) => void
  readonly #pending = new Set<string>()
  /** The connection that is there or being made; what an earlier one still has to say is old news. */
  #current: pg.Client | null = null
  /** The same, once it listens. */
  #client: pg.Client | null = null
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
    this.#current = client
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, new Error('the listening connection ended')))
    client.on('notification', (message) => {
      for (const hint of (message.payload ?? '').split(' ')) this.#heard(hint)
    })
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      if (this.#stopped) return await client.end()
      this.#client = client
      this.#heard('')
    } catch (error) {
      this.#lost(client, error)
    }
  }

  /**
   * Whatever was sent while nobody listened is found by reading the table after the reconnect. A loss is told more than
   * once, by the connection and by each question that was under way on it, and leads to one reconnect.
   */
  #lost(client: pg.Client, error: unknown): void {
    if (this.#stopped || this.#current !== client) return
    this.#current = null
    this.#client = null
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
    // More than a message holds are told as the empty hint, which means all.
    const hints = this.#pending.size > mostHints ? '' : [...this.#pending].join(' ')
    this.#pending.clear()
    await this.#ask('select pg_notify($1, $2)', [channel, hints])
  }

  async #ask(text: string, values: readonly string[] = []): Promise<void> {
    const client = this.#client
    if (client === null) return
    const query = async () => {
      if (client === this.#client) await client.query(text, [...values])
    }
    this.#turn = this.#turn.then(query).catch((error: unknown) => this.#lost(client, error))
    await this.#turn
  }
}
