import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** The variable that marks every process of a run; its value is the run's token. */
export const runMarker = 'JOBGRAPH_RUN'

/** A started command: the process that leads its group, and the token that its whole tree carries. */
export type RunningTree = { readonly pid: number; readonly token: string }

type ProcessState = { readonly parent: number; readonly group: number }

const settleMs = 5_000

/** Sends a signal to every process of the run that can be found, wherever in the tree it is. Processes that ended are no fault. */
export async function signalTree(tree: RunningTree, signal: NodeJS.Signals): Promise<void> {
  const members = await findMembers(tree)
  send(-tree.pid, signal)
  for (const member of members) {
    if ((await readState(member))?.group !== tree.pid) send(member, signal)
  }
}

/**
 * Kills every process of the run and waits until none is left: the group, all descendants of its leader, and all that carry
 * the token. Resolves with the ids of those that survived 5 s of this, normally none (one that waits for a dead disk may).
 * To be called while the leader has not been waited for.
 */
export async function killTree(tree: RunningTree): Promise<number[]> {
  const members = await findMembers(tree)
  killGroup(tree.pid)
  for (const member of members) send(member, 'SIGKILL')
  // From here on by token only: once the leader is gone its number may belong to a stranger.
  return await sweep(tree.token)
}

/**
 * Kills whatever is left of a run whose gateway is gone, by its token alone, and waits until none is left. Resolves with the ids of
 * those that survived. Sees only processes of this machine that this user may look at; a process that wiped its environment
 * and outlived its parent is not found (a namespace has no such hole). Does nothing where there is no /proc.
 */
export async function sweep(token: string): Promise<number[]> {
  const until = performance.now() + settleMs
  // A process amid its exec has no environment for a moment, so one look that finds nothing proves nothing.
  for (let emptyLooks = 0; ; ) {
    const members = await findMarked(token)
    emptyLooks = members.length === 0 ? emptyLooks + 1 : 0
    if (emptyLooks === 2 || performance.now() > until) return members
    for (const member of members) send(member, 'SIGKILL')
    await pause(2)
  }
}

/** Waits until nothing of a run is left, at most until the moment that `until` gives, by `performance.now()`; it may come nearer. */
export async function goneBy(token: string, until: () => number): Promise<void> {
  while (performance.now() < until() && (await findMarked(token)).length > 0) await pause(10)
}

/** Kills the process group that `pid` leads, at once; to be called before its number can have gone to another. */
export function killGroup(pid: number): void {
  send(-pid, 'SIGKILL')
}

/** Every run of which a process is alive on this machine: token → process ids. For the sweep after a start. */
export async function findRuns(): Promise<Map<string, number[]>> {
  const runs = new Map<string, number[]>()
  for (const pid of await listProcesses()) {
    const token = await readToken(pid)
    if (token !== null) runs.set(token, [...(runs.get(token) ?? []), pid])
  }
  return runs
}

/** The living processes that carry the token. */
async function findMarked(token: string): Promise<number[]> {
  const marked: number[] = []
  for (const pid of await listProcesses()) {
    // The environment of a process that has ended reads as empty.
    if ((await readToken(pid)) === token) marked.push(pid)
  }
  return marked
}

/** The processes that descend from `root`, itself included, by the parents that they have at this moment. */
async function findDescendants(root: number): Promise<Set<number>> {
  const parents = new Map<number, number>()
  for (const pid of await listProcesses()) parents.set(pid, (await readState(pid))?.parent ?? 0)
  const family = new Set([root])
  for (let size = 0; size < family.size; ) {
    size = family.size
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid)
  }
  return family
}

/** All of the run that can be found while its leader lives. */
async function findMembers({ pid, token }: RunningTree): Promise<Set<number>> {
  return (await findDescendants(pid)).union(new Set(await findMarked(token)))
}

async function listProcesses(): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
}

async function readState(pid: number): Promise<ProcessState | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // The second field is the program's name in brackets and may itself hold brackets and spaces.
  const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (parent === undefined || group === undefined) return null
  return { parent: Number(parent), group: Number(group) }
}

async function readToken(pid: number): Promise<string | null> {
  const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  const entry = environ.split('\0').find((one) => one.startsWith(`${runMarker}=`))
  return entry === undefined ? null : entry.slice(runMarker.length + 1)
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between being found and being signalled.
  }
}
