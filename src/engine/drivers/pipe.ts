import { execFile } from 'node:child_process'
import { close, constants, open } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A pipe of the operating system: what is written to the descriptor `writer` can be read from `reader`. */
export type OutputPipe = {
  readonly reader: Socket
  readonly writer: number
  /** Closes this process's copy of the writing end; until then the reader sees no end. May be called twice. */
  readonly closeWriter: () => Promise<void>
}

const run = promisify(execFile)
const openFile = promisify(open)
const closeFile = promisify(close)

/** The two streams of a child. */
export type OutputPipes = { readonly stdout: OutputPipe; readonly stderr: OutputPipe }

/**
 * Opens the pipes for a child's output. Node's own 'pipe' is a socket, and a script that writes to /dev/stdout or /dev/stderr
 * cannot open a socket; these are real pipes. They leave no name behind.
 * @throws Error where the machine has no mkfifo, no descriptors or no space left
 */
export async function openPipes(): Promise<OutputPipes> {
  const dir = await mkdtemp(join(tmpdir(), 'jobgraph-pipe-'))
  try {
    const [first, second] = [join(dir, 'stdout'), join(dir, 'stderr')]
    await run('mkfifo', ['-m', '600', first, second])
    const stdout = await openPipe(first)
    const stderr = await openPipe(second).catch(async (error: unknown) => {
      await closePipe(stdout)
      throw error
    })
    return { stdout, stderr }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Closes both ends, for a child that was never started. */
export async function closePipe({ reader, closeWriter }: OutputPipe): Promise<void> {
  reader.destroy()
  await closeWriter()
}

async function openPipe(path: string): Promise<OutputPipe> {
  // The reading end must not wait for a writer; the writing end then finds its reader and does not wait either.
  const reading = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = await openFile(path, constants.O_WRONLY).catch(async (error: unknown) => {
    await closeFile(reading)
    throw error
  })
  const reader = new Socket({ fd: reading, readable: true, writable: false })
  let closed: Promise<void> | null = null
  const closeWriter = () => {
    closed ??= closeFile(writer)
    return closed
  }
  return { reader, writer, closeWriter }
}
