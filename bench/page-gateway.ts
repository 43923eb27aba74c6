/** The gateway as `npm start` runs it, without an engine; bench/page.ts starts it with the database's address. */
import { readConfig } from '../src/config.ts'
import { startServer } from '../src/server.ts'

const config = readConfig({ DATABASE_URL: process.argv[2], DATA_DIR: 'memory:', PORT: '0', ENGINE: 'off' })
const server = await startServer(config, { info: () => {}, warn: console.warn, error: console.error })
process.send?.({ port: Number(new URL(server.url).port) })
process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }))
process.on('disconnect', () => process.exit(0))
