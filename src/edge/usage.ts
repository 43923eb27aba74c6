import { type Counter, createRegistry, type Registry } from './metric.ts'

/** How often a route was used since the process started, by how it was answered. */
export type Use = {
  /** Answers of 2xx and 3xx. */
  readonly served: number
  /** Answers of 4xx. */
  readonly refused: number
  /** Answers of 5xx. */
  readonly failed: number
  /** When the last of them was answered; null where there was none. */
  readonly lastAt: Date | null
}

/** What a request turned out to be for: the name of a face, and the id of the route in it. */
export type Asked = { readonly surface: string; readonly id: string }

/** What becomes of a GraphQL operation: no errors, some or nothing but errors, or refused before it ran. */
export type Outcome = 'ok' | 'error' | 'refused'

/** What one gateway counts of its use, in memory and since its process started. */
export type Usage = {
  readonly since: Date
  readonly registry: Registry
  /** Counts an answer. `seconds` is the time to its head; null leaves it out of the durations, as for a long poll. */
  readonly answered: (asked: Asked, status: number, seconds: number | null) => void
  /** Counts a request that falls asleep in a long poll, until the function that it returns is called. */
  readonly fellAsleep: () => () => void
  /** Counts a GraphQL operation; its kind is `none` where the document was refused. */
  readonly operated: (kind: string, outcome: Outcome) => void
  /** Counts an open subscription until the function that it returns is called. */
  readonly subscribed: () => () => void
  /** What is known of a route, by its id. */
  readonly useOf: (id: string) => Use
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const unused: Use = { served: 0, refused: 0, failed: 0, lastAt: null }

/** Starts to count. */
export function createUsage(now: () => Date): Usage {
  const registry = createRegistry()
  const uses = new Map<string, { -readonly [key in keyof Use]: Use[key] }>()
  const requests: Counter = registry.counter({
    name: 'jobgraph_http_requests_total',
    help: 'Requests answered, by face, route id and class of status; paths without a route share one label',
    labels: ['surface', 'route', 'status'],
  })
  const durations = registry.histogram(
    {
      name: 'jobgraph_http_request_duration_seconds',
      help: 'Time from a request to the head of its answer, without long polls that slept',
      labels: ['surface'],
    },
    seconds,
  )
  const operations = registry.counter({
    name: 'jobgraph_graphql_operations_total',
    help: 'GraphQL operations by kind and outcome; kind is none where the document was refused',
    labels: ['kind', 'outcome'],
  })
  return {
    since: now(),
    registry,
    answered: ({ surface, id }, status, taken) => {
      requests.add([surface, id, `${Math.floor(status / 100)}xx`])
      if (taken !== null) durations.observe([surface], taken)
      const use = uses.get(id) ?? { ...unused }
      use[status < 400 ? 'served' : status < 500 ? 'refused' : 'failed'] += 1
      use.lastAt = now()
      uses.set(id, use)
    },
    fellAsleep: level(registry, 'jobgraph_long_polls_sleeping', 'Requests that wait for a change in a long poll'),
    operated: (kind, outcome) => operations.add([kind, outcome]),
    subscribed: level(registry, 'jobgraph_graphql_subscriptions_open', 'GraphQL subscriptions under way'),
    useOf: (id) => uses.get(id) ?? unused,
  }
}

/** A gauge of what has begun and not yet ended; ending twice counts once. */
function level(registry: Registry, name: string, help: string): () => () => void {
  const open = new Set<object>()
  registry.gauge({ name, help }, () => open.size)
  return () => {
    const one = {}
    open.add(one)
    return () => void open.delete(one)
  }
}
