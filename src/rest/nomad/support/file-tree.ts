/** The directory of an allocation as Nomad's clients know it; here only the logs in it are kept. */
import { posix } from 'node:path'
import type { LogStream } from '#model/log.ts'

/** A file or directory. */
export type FileEntry = {
  /** As Nomad tells of it. */
  readonly info: {
    readonly Name: string
    readonly IsDir: boolean
    readonly Size: number
    readonly FileMode: string
    readonly ModTime: string
  }
  /** Of a directory, by name. */
  readonly members: readonly FileEntry[]
  /** Which log a file is; null for a directory. */
  readonly log: { readonly task: string; readonly stream: string } | null
}

const usualStreams = ['stdout', 'stderr']

/** Lays out `alloc/logs/<task>.<stream>.0` and a directory for each task; `changedAt` stands for every file's time. */
export function filesOf(tasks: readonly string[], streams: readonly LogStream[], changedAt: string) {
  const own = tasks.flatMap((task) => usualStreams.map((name) => ({ task, name, byteCount: 0 })))
  const known = new Map([...own, ...streams].map((stream) => [`${stream.task}.${stream.name}.0`, stream]))
  const logs = [...known].map(([name, { task, name: stream, byteCount }]) => ({
    info: { Name: name, IsDir: false, Size: byteCount, FileMode: '-rw-r--r--', ModTime: changedAt },
    members: [],
    log: { task, stream },
  }))
  const directory = (name: string, members: readonly FileEntry[]): FileEntry => ({
    info: { Name: name, IsDir: true, Size: 4096, FileMode: 'drwxr-xr-x', ModTime: changedAt },
    members: members.toSorted((a, b) => (a.info.Name < b.info.Name ? -1 : 1)),
    log: null,
  })
  const alloc = directory('alloc', [directory('logs', logs)])
  const root = directory('/', [alloc, ...tasks.filter((task) => task !== 'alloc').map((task) => directory(task, []))])
  return {
    /** The entry at a path from the top, whether or not it begins with a slash; null where there is none. */
    find(path: string): FileEntry | null {
      const names = posix
        .normalize(`/${path}`)
        .split('/')
        .filter((name) => name !== '')
      return names.reduce<FileEntry | null>(
        (at, name) => at?.members.find(({ info }) => info.Name === name) ?? null,
        root,
      )
    },
  }
}
