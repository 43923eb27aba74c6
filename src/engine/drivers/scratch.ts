import { chmod, copyFile, lstat, mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '#model/error.ts'

/** The private directory of one execution. All paths are absolute. */
export type Scratch = { readonly dir: string; readonly inputs: string; readonly outputs: string }

/** A file that a command is to read. */
export type InputFile = {
  /** Absolute path of the stored file. */
  readonly path: string
  /** The name that the command sees. */
  readonly fileName: string
}

/** How an input's files are put in place: `multiple` gives the directory, `copy` protects the originals from the command. */
export type Placement = { readonly multiple: boolean; readonly copy?: boolean }

/**
 * Makes `<root>/<executionId>-<attempt>` afresh, readable by this user only, with inputs/ and outputs/ inside; whatever
 * a lost attempt left there is removed first. `root` is absolute and made where it is missing.
 * @throws DomainError BAD_USER_INPUT where the id is no plain name
 */
export async function createScratch(
  root: string,
  executionId: string | number | bigint,
  attempt: number,
): Promise<Scratch> {
  const dir = join(root, plainName(`${executionId}-${attempt}`))
  const scratch = { dir, inputs: join(dir, 'inputs'), outputs: join(dir, 'outputs') }
  await mkdir(root, { recursive: true, mode: 0o700 })
  await removeScratch(dir)
  for (const path of [scratch.dir, scratch.inputs, scratch.outputs]) await mkdir(path, { mode: 0o700 })
  return scratch
}

/**
 * Puts the files of one input under inputs/<name> and returns the absolute path that its variable is to hold: the file itself,
 * or their directory where the input takes several. Two files of one name get a number in front of the second.
 * @throws DomainError BAD_USER_INPUT where a name would leave the directory, or where one file was due and others came
 */
export async function placeInput(
  scratch: Scratch,
  name: string,
  files: readonly InputFile[],
  { multiple, copy = false }: Placement,
): Promise<string> {
  const dir = join(scratch.inputs, plainName(name))
  await mkdir(dir, { mode: 0o700 })
  const used = new Set<string>()
  for (const [position, file] of files.entries()) {
    let as = plainName(file.fileName)
    if (used.has(as)) as = plainName(`${position + 1}-${as}`)
    used.add(as)
    if (copy) await copyFile(file.path, join(dir, as))
    else await symlink(file.path, join(dir, as))
  }
  const [only] = used
  if (multiple) return dir
  if (only === undefined || used.size > 1) throw badInput(`Input ${name} takes one file, not ${used.size}`)
  return join(dir, only)
}

/** Removes the directory and all in it, links not followed; a directory that is not there is no fault. */
export async function removeScratch(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true })
  } catch {
    // A command may leave directories that it made read-only, as Go's module cache does; their owner can undo that.
    await makeWritable(dir)
    await rm(dir, { recursive: true, force: true })
  }
}

async function makeWritable(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return
  await chmod(path, 0o700)
  for (const entry of await readdir(path)) await makeWritable(join(path, entry))
}

function plainName(name: string): string {
  const plain = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= 255
  if (!plain) throw badInput(`${JSON.stringify(name.slice(0, 80))} cannot be the name of a file`)
  return name
}
