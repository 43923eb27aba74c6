import { ConfigError } from '#model/error.ts'
import { readCommand, usage } from './command-line.ts'
import { type Config, readConfig } from './config.ts'
import { startDemo } from './demo.ts'
import { createLog } from './log.ts'
import { rotateKeys } from './secret-key.ts'
import { startServer } from './server.ts'

/** A stop that takes longer than this is cut short. */
const hardStopMs = 19_000

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2))
  if (command.name === 'help') {
    process.stdout.write(usage)
    return
  }
  const config = readConfig(process.env)
  const log = createLog(config.logLevel, (line) => process.stderr.write(line))
  if (command.name === 'rotate-keys') {
    process.stdout.write(`${await rotateKeys(config, log)}\n`)
    return
  }
  const server = await startServer(config, log)
  process.stdout.write(greeting(server.url, config))
  const demo = command.demo ? await startDemo(server.gateway) : null
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info('Stopping', { signal })
    setTimeout(() => process.exit(1), hardStopMs).unref()
    await demo?.stop()
    await server.stop()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal))
}

function greeting(url: string, config: Config): string {
  const files = config.dataDirectory ?? 'memory only, gone at the end'
  const data = config.databaseUrl === null ? files : `the Postgres of DATABASE_URL; files in ${files}`
  return `
Jobgraph is ready at ${url}

  GraphiQL   ${config.graphiql ? `${url}/graphql (open it in a browser)` : 'off; set GRAPHIQL=on'}
  Data       ${data}
  Engine     ${config.engine === 'off' ? 'off: jobs wait for workers' : `runs up to ${config.engineSlots} jobs at once`}

Try:
  curl ${url}/v6/job-types/
  curl -H 'content-type: application/json' -d '{"query":"{ jobs(first: 5) { edges { node { id status } } } }"}' ${url}/graphql
  curl -N -H 'accept: text/event-stream' -H 'content-type: application/json' \\
    -d '{"query":"subscription { jobStatusChanged { __typename } }"}' ${url}/graphql

Ctrl-C stops it and keeps the data.
`
}

function plainly(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'The address is in use. Set PORT to another port, or stop what listens there.'
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

main().catch((error: unknown) => {
  process.stderr.write(`${plainly(error)}\n`)
  process.exit(1)
})
