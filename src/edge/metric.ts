/** Measures of one process and their text for Prometheus (exposition format 0.0.4). */

/** Values of a measure's labels, in the order in which their names were declared. */
export type LabelValues = readonly string[]

/** What only grows. */
export type Counter = { readonly add: (labels: LabelValues, amount?: number) => void }

/** How often what was measured fell into each bucket. */
export type Histogram = { readonly observe: (labels: LabelValues, value: number) => void }

/** One value of a measure that is read when it is asked for. */
export type Sample = { readonly labels: LabelValues; readonly value: number }

/** What a measure is called; `help` is one line, `labels` the names of its labels. */
export type MetricName = { readonly name: string; readonly help: string; readonly labels?: readonly string[] }

/** The measures of one gateway. Names are taken once. */
export type Registry = {
  readonly counter: (metric: MetricName) => Counter
  /** A measure that something else counts already; `read` gives what it has come to. */
  readonly total: (metric: MetricName, read: Read) => void
  /** A measure that may fall; it is read at each exposition. */
  readonly gauge: (metric: MetricName, read: Read) => void
  /** `bounds` are the upper bounds of the buckets, rising; the bucket of all is added. */
  readonly histogram: (metric: MetricName, bounds: readonly number[]) => Histogram
  /** All measures in the order of their names. Where one cannot be read it is left out and `report` hears why. */
  readonly expose: (report: (error: unknown) => void) => Promise<string>
}

/** Gives the present values of a measure. */
export type Read = () => number | readonly Sample[] | Promise<readonly Sample[]>

/** The media type of what `expose` writes. */
export const metricType = 'text/plain; version=0.0.4; charset=utf-8'

type Family = { readonly head: string; readonly lines: () => Promise<readonly string[]> }

/** Makes an empty registry; it shares nothing with another. */
export function createRegistry(): Registry {
  const families = new Map<string, Family>()
  const declare = ({ name, help }: MetricName, type: string, lines: Family['lines']) => {
    if (families.has(name)) throw new Error(`Two measures are named ${name}`)
    families.set(name, { head: `# HELP ${name} ${helpText(help)}\n# TYPE ${name} ${type}`, lines })
  }
  const read = (type: string) => (metric: MetricName, values: Read) =>
    declare(metric, type, async () => {
      const found = await values()
      const samples = typeof found === 'number' ? [{ labels: [], value: found }] : found
      return samples.map(({ labels, value }) => line(metric.name, metric.labels, labels, value))
    })
  return {
    counter: (metric) => {
      const cells = new Map<string, { readonly labels: LabelValues; value: number }>()
      declare(metric, 'counter', async () =>
        [...cells.values()].map(({ labels, value }) => line(metric.name, metric.labels, labels, value)),
      )
      const add = (labels: LabelValues, amount = 1) => {
        const cell = cellOf(cells, labels, () => ({ labels, value: 0 }))
        cell.value += amount
      }
      return { add }
    },
    total: read('counter'),
    gauge: read('gauge'),
    histogram: (metric, bounds) => {
      const cells = new Map<string, Distribution>()
      declare(metric, 'histogram', async () => [...cells.values()].flatMap((cell) => distributed(metric, bounds, cell)))
      return {
        observe: (labels, value) =>
          count(
            cellOf(cells, labels, () => emptyCell(labels, bounds)),
            bounds,
            value,
          ),
      }
    },
    expose: async (report) => {
      const names = [...families.keys()].sort()
      const parts = await Promise.all(names.map((name) => written(families.get(name), report)))
      return parts.join('')
    },
  }
}

async function written(family: Family | undefined, report: (error: unknown) => void): Promise<string> {
  if (family === undefined) return ''
  try {
    return `${[family.head, ...(await family.lines())].join('\n')}\n`
  } catch (error) {
    report(error)
    return ''
  }
}

function cellOf<T>(cells: Map<string, T>, labels: LabelValues, make: () => T): T {
  const key = labels.join('\n')
  const known = cells.get(key)
  if (known !== undefined) return known
  const made = make()
  cells.set(key, made)
  return made
}

/** `hits` holds one number for each bound and one for what lies above the last. */
type Distribution = { readonly labels: LabelValues; readonly hits: number[]; sum: number }

function emptyCell(labels: LabelValues, bounds: readonly number[]): Distribution {
  return { labels, hits: new Array<number>(bounds.length + 1).fill(0), sum: 0 }
}

function count(cell: Distribution, bounds: readonly number[], value: number): void {
  const found = bounds.findIndex((bound) => value <= bound)
  const at = found < 0 ? bounds.length : found
  cell.hits[at] = (cell.hits[at] ?? 0) + 1
  cell.sum += value
}

function distributed({ name, labels = [] }: MetricName, bounds: readonly number[], cell: Distribution): string[] {
  let sum = 0
  const buckets = cell.hits.map((hits, at) => {
    sum += hits
    return line(`${name}_bucket`, [...labels, 'le'], [...cell.labels, String(bounds[at] ?? '+Inf')], sum)
  })
  return [
    ...buckets,
    line(`${name}_sum`, labels, cell.labels, cell.sum),
    line(`${name}_count`, labels, cell.labels, sum),
  ]
}

function line(name: string, names: readonly string[] = [], values: LabelValues, value: number): string {
  const labels = names.map((label, at) => `${label}="${labelText(values[at] ?? '')}"`)
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${numberText(value)}`
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function helpText(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
}

function labelText(text: string): string {
  return helpText(text).replace(/"/g, '\\"')
}
