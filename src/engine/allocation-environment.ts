import type { Allocation } from '#model/allocation.ts'
import { type NodeFacts, resolveTarget } from '#model/constraint.ts'
import type { JobSpec, TaskGroupSpec, TaskSpec, TextMap } from '#model/documents/job-spec-type.ts'
import type { AllocationDirectory } from './allocation-directory.ts'
import { baseEnvironment, type Environment } from './drivers/environment.ts'

/** One port that a task was given. */
export type TaskPort = { readonly label: string; readonly ip: string; readonly port: number }

/** What a task's command and variables are made from. */
export type TaskSurroundings = {
  readonly job: JobSpec
  readonly group: TaskGroupSpec
  readonly task: TaskSpec
  readonly allocation: Pick<Allocation, 'uuid' | 'name' | 'slot'>
  readonly directory: AllocationDirectory
  readonly ports: readonly TaskPort[]
  readonly node: NodeFacts
}

/** Gives the value of a secret, or null where there is none of that id and key. */
export type SecretValue = (id: string, key: string) => Promise<string | null>

/** What a task runs: its argv, and its whole environment. */
export type TaskCommand = { readonly argv: readonly string[]; readonly env: Environment }

/** Nomad's references, and the characters that the ids of secrets may hold. Anything else with a dollar is the task's own. */
const reference = /\$\{([\w.-]+)\}/g

/**
 * Puts together what a task runs. Nothing is inherited from the gateway. `${NOMAD_…}`, `${node.…}`, `${attr.…}` and
 * `${meta.…}` are replaced in Env, and these and the task's own variables in the command and its arguments; in Env
 * alone, `${secret.<id>.<key>}` is a secret's value. A reference to nothing stays as it is written, as with Nomad.
 * @throws Error, in one sentence, where Config has no command, or a secret is missing
 */
export async function taskCommand(around: TaskSurroundings, secret: SecretValue): Promise<TaskCommand> {
  const { task, node } = around
  const { command, args } = configOf(task)
  const nomad = nomadVariables(around)
  const replace = (text: string, variables: Environment) =>
    text.replaceAll(reference, (whole: string, name: string) => {
      if (name.includes('.')) return resolveTarget(whole, node) ?? whole
      return (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? whole
    })
  const own: Record<string, string> = {}
  for (const [name, text] of Object.entries(task.Env ?? {})) {
    own[name] = await withSecrets(text, secret, (part) => replace(part, nomad))
  }
  const variables = { ...nomad, ...own }
  const argv = [command, ...args].map((text) => replace(text, variables))
  return { argv, env: { ...baseEnvironment(around.directory.local(task.Name)), ...variables } }
}

function configOf({ Config, Driver }: TaskSpec): { command: string; args: readonly string[] } {
  const { command, args = [] } = Config ?? {}
  if (typeof command !== 'string' || command === '') throw new Error(`missing command for ${Driver} driver`)
  const words = Array.isArray(args) ? args : [args]
  const texts = words.filter((word) => typeof word === 'string')
  if (texts.length !== words.length) throw new Error(`args of the ${Driver} driver must be a list of texts`)
  return { command, args: texts }
}

/** The variables of Nomad 0.3, and the job's name, which later versions add. A task's Meta goes before its group's and its job's. */
function nomadVariables({ job, group, task, allocation, directory, ports }: TaskSurroundings): Record<string, string> {
  const { CPU = 0, MemoryMB = 0 } = task.Resources ?? {}
  const variables: Record<string, string> = {
    NOMAD_ALLOC_ID: allocation.uuid,
    NOMAD_ALLOC_NAME: allocation.name,
    NOMAD_ALLOC_INDEX: String(allocation.slot),
    NOMAD_TASK_NAME: task.Name,
    NOMAD_JOB_NAME: job.Name,
    NOMAD_ALLOC_DIR: directory.shared,
    NOMAD_TASK_DIR: directory.local(task.Name),
    NOMAD_CPU_LIMIT: String(CPU),
    NOMAD_MEMORY_LIMIT: String(MemoryMB),
  }
  for (const { label, ip, port } of ports) {
    variables[`NOMAD_IP_${label}`] = ip
    variables[`NOMAD_PORT_${label}`] = String(port)
    variables[`NOMAD_ADDR_${label}`] = `${ip}:${port}`
  }
  const metas: readonly (TextMap | null)[] = [job.Meta, group.Meta, task.Meta]
  for (const meta of metas) {
    for (const [key, value] of Object.entries(meta ?? {})) variables[`NOMAD_META_${key.toUpperCase()}`] = value
  }
  return variables
}

/** Replaces secrets, and treats what stands between them by `rest`: a secret's own value is never read again. */
async function withSecrets(text: string, secret: SecretValue, rest: (text: string) => string): Promise<string> {
  let result = ''
  let end = 0
  for (const found of text.matchAll(reference)) {
    const name = found[1] ?? ''
    if (!name.startsWith('secret.')) continue
    result += rest(text.slice(end, found.index)) + (await secretOf(name.slice('secret.'.length), secret))
    end = found.index + found[0].length
  }
  return result + rest(text.slice(end))
}

/** Ids and keys may both hold dots, so each dot is tried as the one between them. */
async function secretOf(path: string, secret: SecretValue): Promise<string> {
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const value = await secret(path.slice(0, dot), path.slice(dot + 1))
    if (value !== null) return value
  }
  throw new Error(`there is no secret ${path}`)
}
