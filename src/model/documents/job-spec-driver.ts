import { goQuote } from '../go-quote.ts'
import { toJson } from '../json.ts'
import { multiError } from './job-spec-fault.ts'
import type { JobSpec, TaskSpec } from './job-spec-type.ts'

/** The members that the drivers of v0.3.2 know; the first of each is required, and those of `text` hold a scalar. */
const drivers: ReadonlyMap<string, { readonly text: readonly string[]; readonly other: readonly string[] }> = new Map([
  ['raw_exec', { text: ['command'], other: ['args'] }],
  ['exec', { text: ['command'], other: ['args'] }],
  ['java', { text: ['jar_path'], other: ['jvm_options', 'args'] }],
  ['qemu', { text: ['image_path', 'accelerator'], other: ['port_map'] }],
  ['rkt', { text: ['image', 'command', 'trust_prefix'], other: ['args', 'dns_servers', 'dns_search_domains'] }],
  [
    'docker',
    {
      text: ['image', 'command', 'ipc_mode', 'network_mode', 'pid_mode', 'uts_mode', 'hostname', 'privileged', 'ssl'],
      other: ['load', 'args', 'port_map', 'dns_servers', 'dns_search_domains', 'labels', 'auth'],
    },
  ],
])

/** What the drivers of all tasks find wrong, in the order of the tasks; group and task are swapped, as in Nomad. */
export function driverFaults({ TaskGroups }: JobSpec): string[] {
  return (TaskGroups ?? []).flatMap((group) =>
    (group.Tasks ?? []).flatMap((task) => {
      const [first, second] = [goQuote(group.Name), goQuote(task.Name)]
      if (!drivers.has(task.Driver)) {
        return [
          `failed to create driver for task ${first} in group ${second} for validation: unknown driver '${task.Driver}'`,
        ]
      }
      const faults = multiError(configFaults(task))
      return faults === null ? [] : [`group ${first} -> task ${second} -> config: ${faults}`]
    }),
  )
}

function configFaults({ Config, Driver }: TaskSpec): string[] {
  const { text = [], other = [] } = drivers.get(Driver) ?? {}
  const config = Config ?? {}
  const missing = text.slice(0, 1).filter((name) => !Object.hasOwn(config, name))
  const wrong = Object.entries(config).flatMap(([name, value]) => {
    if (!text.includes(name)) return other.includes(name) ? [] : [`${goQuote(name)} is an invalid field`]
    if (typeof value !== 'object' || value === null) return []
    return [`field ${goQuote(name)} with input ${goQuote(toJson(value))} doesn't seem to be of type string`]
  })
  return [...missing.map((name) => `field ${goQuote(name)} is required`), ...wrong]
}
