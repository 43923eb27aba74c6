/** The floor of bench/long-poll.ts: a bare HTTP server that never answers. It tells its port and memory over IPC. */
import { createServer } from 'node:http'

let held = 0
const server = createServer(() => {
  held += 1
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: address === null || typeof address === 'string' ? 0 : address.port })
})
process.on('message', () => {
  globalThis.gc?.()
  process.send?.({ held, rssBytes: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit())
