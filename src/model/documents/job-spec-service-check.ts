import { goQuote } from '../go-quote.ts'
import { faultsOfEach, faultsWhere } from './job-spec-fault.ts'
import type { CheckSpec, ServiceSpec, TaskSpec } from './job-spec-type.ts'

const serviceName = /^(?:[a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])$/i

/** What is wrong with the services of a task: each by itself, then names given twice, then ports that nobody offers. */
export function serviceFaults({ Services, Resources }: TaskSpec): string[] {
  const services = Services ?? []
  const seen = new Set<string>()
  const own = services.flatMap((service) => [
    ...faultsOfEach([service], faultsOf, () => `service ${goQuote(service.Name)} validation failed`),
    ...faultsWhere([seen.size === seen.add(service.Name).size, `service ${goQuote(service.Name)} is duplicate`]),
    ...repeated((service.Checks ?? []).map(({ Name }) => Name)).map((name) => `check ${goQuote(name)} is duplicate`),
  ])
  const offered = (Resources?.Networks ?? []).flatMap(({ ReservedPorts, DynamicPorts }) =>
    [...(ReservedPorts ?? []), ...(DynamicPorts ?? [])].map(({ Label }) => Label),
  )
  const users = Map.groupBy(services, ({ PortLabel }) => PortLabel)
  for (const label of ['', ...offered]) users.delete(label)
  const unknown = [...users].map(([label, by]) => {
    const names = by.map(({ Name }) => Name).join(', ')
    return `port label ${goQuote(label)} referenced by services ${names} does not exist`
  })
  return [...own, ...unknown]
}

/** Each appearance of a name after its first one. */
function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

function faultsOf({ Name, PortLabel, Checks }: ServiceSpec): string[] {
  const nameFault =
    'service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and must be less ' +
    `than 63 characters long: ${goQuote(Name)}`
  const ofChecks = (Checks ?? []).flatMap((check) => {
    if (PortLabel === '' && (check.Type === 'http' || check.Type === 'tcp')) {
      return [`check ${goQuote(check.Name)} is not valid since service ${goQuote(Name)} doesn't have port`]
    }
    return checkFault(check) ?? []
  })
  return [...faultsWhere([!serviceName.test(Name), nameFault]), ...ofChecks]
}

function checkFault({ Type, Path, Command, Interval }: CheckSpec): string | null {
  const type = Type.toLowerCase()
  if (type !== 'tcp' && type !== 'http' && type !== 'script')
    return 'service check must be either http, tcp or script type'
  if (type === 'http' && Path === '') return 'service checks of http type must have a valid http path'
  if (type === 'script' && Command === '') return 'service checks of script type must have a valid script path'
  return Interval <= 0 ? 'service checks must have positive time intervals' : null
}
