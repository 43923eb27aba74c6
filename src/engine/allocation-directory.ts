import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '#model/error.ts'
import { loggersFileName } from '#model/logger.ts'
import { removeScratch } from './drivers/scratch.ts'

/** The directory of one allocation, laid out as Nomad's. All paths are absolute. */
export type AllocationDirectory = {
  readonly root: string
  /** `alloc`, which its tasks share, with `logs`, `tmp` and `data`. */
  readonly shared: string
  /** The directory that a task starts in. @throws DomainError BAD_USER_INPUT where the name cannot be a directory's */
  readonly task: (name: string) => string
  /** `local` in there: the task's own. */
  readonly local: (name: string) => string
}

/** The directories of ended allocations that are kept for those who look for what a task left behind. */
const keptDirectories = 50

/** Where the directory of an allocation lies, made or not. */
export function allocationDirectory(directory: string, uuid: string): AllocationDirectory {
  const root = join(directory, uuid)
  const task = (name: string) => join(root, taskDirectoryName(name))
  return { root, shared: join(root, 'alloc'), task, local: (name) => join(task(name), 'local') }
}

/**
 * Makes the directories of an allocation that are missing, readable by this user only. What is there stays, so that
 * an allocation that is taken up again finds its data.
 * @throws DomainError BAD_USER_INPUT for a task whose name cannot be that of a directory
 */
export async function makeAllocationDirectory(directory: AllocationDirectory, tasks: readonly string[]): Promise<void> {
  const { shared, local } = directory
  const wanted = ['logs', 'tmp', 'data'].map((name) => join(shared, name)).concat(tasks.map(local))
  for (const path of wanted) await mkdir(path, { recursive: true, mode: 0o700 })
}

/** Puts the levels of an allocation's loggers where its tasks read them; a reader sees the old file or the new one. */
export async function writeLoggersFile({ shared }: AllocationDirectory, text: string): Promise<void> {
  const path = join(shared, loggersFileName)
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Removes directories of allocations that do not run here, the oldest first, until no more than fifty are kept. */
export async function removeOldDirectories(directory: string, running: ReadonlySet<string>): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  const ended = names.filter((name) => !running.has(name))
  if (ended.length <= keptDirectories) return
  const dated = []
  for (const name of ended) {
    const found = await stat(join(directory, name)).catch(() => null)
    if (found !== null) dated.push({ name, at: found.mtimeMs })
  }
  dated.sort((a, b) => b.at - a.at)
  for (const { name } of dated.slice(keptDirectories)) await removeScratch(join(directory, name))
}

/** Nomad gives tasks directories beside `alloc`, so no task can have that name, nor one that leads elsewhere. */
function taskDirectoryName(name: string): string {
  const isPlain =
    name !== '' && !['.', '..', 'alloc'].includes(name) && !/[/\0]/.test(name) && Buffer.byteLength(name) <= 255
  if (!isPlain) throw badInput(`${JSON.stringify(name.slice(0, 80))} cannot be the name of a task's directory`)
  return name
}
