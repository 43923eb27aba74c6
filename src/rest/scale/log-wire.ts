import { createHash } from 'node:crypto'
import type { Execution } from '#model/execution.ts'
import type { LogLine } from '#model/log.ts'
import type { ComputeNode } from '#model/worker.ts'
import { clusterId } from './execution-wire.ts'

/** One log line as a record. */
export function toRecord(execution: Execution, node: ComputeNode | null, line: LogLine) {
  return {
    message: messageOf(line),
    '@timestamp': line.at,
    scale_order_num: line.order,
    // The route's table says integer. An execution has one task here, so its own id names that task.
    scale_task: execution.id,
    scale_job_exe: clusterId(execution),
    scale_node: node?.hostname ?? null,
    stream: line.stream,
  }
}

type LogRecord = ReturnType<typeof toRecord>

/** The records in the envelope of a search engine's reply, which Scale's own web client reads. */
export function toHits(execution: Execution, records: readonly LogRecord[]) {
  const hits = records.map((record) => ({
    _index: 'jobgraph',
    _id: `${execution.id}-${record.scale_order_num}`,
    _source: record,
    sort: [Date.parse(record['@timestamp']), record.scale_order_num],
  }))
  return { took: 0, hits: { total: hits.length, hits } }
}

/** The lines as plain text, parted by newlines. */
export function logText(lines: readonly LogLine[]): string {
  return lines.map(messageOf).join('\n')
}

const style = '.stdout {} .stderr {color: red;}'

/** What the page of a log may load: its own style and nothing else, whatever a job printed. */
export const logPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`

/** The lines as a page of HTML, one element for each. */
export function logPage(lines: readonly LogLine[]): string {
  const body = lines.map((line) => `<div class="${escaped(line.stream)}">${escaped(messageOf(line))}</div>\n`)
  return `<html><head><style>${style}</style></head><body>${body.join('')}</body></html>`
}

/** A line's text without its final newline; bytes that are no UTF-8 show as replacement characters. */
function messageOf(line: LogLine): string {
  const text = Buffer.from(line.bytes).toString('utf8')
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
