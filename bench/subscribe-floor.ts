/** The floor of bench/subscribe.ts: a bare `ws` server that sends whatever it is told over IPC to all its clients. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { sharedNow } from './load.ts'

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: address === null || typeof address === 'string' ? 0 : address.port })
})
process.on('message', (asked) => {
  if (typeof asked === 'object' && asked !== null && 'frame' in asked) {
    const sentAt = sharedNow()
    const frame = String(asked.frame)
    for (const socket of sockets.clients) socket.send(frame)
    return process.send?.({ sentAt })
  }
  if (asked === 'collected usage') globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  return process.send?.({ usage: { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() } })
})
process.on('disconnect', () => process.exit(0))
