import { parseArgs } from 'node:util'
import { ConfigError } from '#model/error.ts'

/** What a process was started to do. */
export type Command =
  | { readonly name: 'serve'; readonly demo: boolean }
  | { readonly name: 'rotate-keys' }
  | { readonly name: 'help' }

/** What `--help` says; all else is told by the environment. */
export const usage = `Usage: npm start [-- <what>]

  (nothing)     serve, until Ctrl-C
  --demo        serve, and keep small sample jobs running
  rotate-keys   seal every secret anew under the newest key, then end
  --help        say this

The environment says where and how: PORT, HOST, DATA_DIR, DATABASE_URL and more stand in docs/configuration.md.
`

/**
 * Reads the arguments of a process.
 * @param args what follows the program's name
 * @throws ConfigError where an argument is not known: nobody should serve other data than they meant to
 */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args)
  const [name, ...more] = positionals
  if (values.help) return { name: 'help' }
  if (name === undefined) return { name: 'serve', demo: values.demo }
  if (name === 'rotate-keys' && more.length === 0 && !values.demo) return { name }
  throw new ConfigError(
    `There is no such command: ${[...positionals, ...(values.demo ? ['--demo'] : [])].join(' ')}\n\n${usage}`,
  )
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { demo: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    })
  } catch (error) {
    const [reason] = error instanceof Error ? error.message.split('. To specify') : ['The arguments cannot be read']
    throw new ConfigError(`${reason}.\n\n${usage}`)
  }
}
