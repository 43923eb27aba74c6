/** The gateway as `npm start` runs it, without an engine; page.ts, long-poll.ts and subscribe.ts start it with the database's address. */
import { readConfig } from '../src/config.ts'
import { startServer } from '../src/server.ts'

const config = readConfig({ DATABASE_URL: process.argv[2], DATA_DIR: 'memory:', PORT: '0', ENGINE: 'off' })
const server = await startServer(config, { debug: () => {}, info: () => {}, warn: console.warn, error: console.error })
process.send?.({ port: Number(new URL(server.url).port) })
process.on('message', (asked) => {
  const { user, system } = process.cpuUsage()
  if (asked === 'cpu') return process.send?.({ cpuUs: { user, system } })
  if (asked === 'collected usage') globalThis.gc?.()
  return process.send?.({ usage: { cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() } })
})
process.on('disconnect', () => process.exit(0))
