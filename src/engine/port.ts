import { createServer } from 'node:net'
import type { NetworkSpec, TaskSpec } from '#model/documents/job-spec-type.ts'
import type { TaskPort } from './allocation-environment.ts'

/** Where tasks are told to listen: the gateway opens nothing to the network by itself. */
const loopback = '127.0.0.1'

/** The ports that a task must have, as it asks for them. They are added to `taken`, so that no other is given them. */
export function reservedPorts(task: TaskSpec, taken: Set<number>): TaskPort[] {
  const ports = networksOf(task).flatMap(({ IP, ReservedPorts }) =>
    (ReservedPorts ?? []).map(({ Label, Value }) => ({ label: Label, ip: IP || loopback, port: Number(Value) })),
  )
  for (const { port } of ports) taken.add(port)
  return ports
}

/** Ports for those of which a task names a label alone: free at this moment and not in `taken`, to which they are added. */
export async function dynamicPorts(task: TaskSpec, taken: Set<number>): Promise<TaskPort[]> {
  const ports: TaskPort[] = []
  for (const { IP, DynamicPorts } of networksOf(task)) {
    const ip = IP || loopback
    for (const { Label } of DynamicPorts ?? []) ports.push({ label: Label, ip, port: await takePort(ip, taken) })
  }
  return ports
}

function networksOf({ Resources }: TaskSpec): readonly NetworkSpec[] {
  return Resources?.Networks ?? []
}

/** Gives ports back to those that are free. */
export function releasePorts(ports: readonly TaskPort[], taken: Set<number>): void {
  for (const { port } of ports) taken.delete(port)
}

async function takePort(ip: string, taken: Set<number>): Promise<number> {
  for (;;) {
    const port = await freePort(ip)
    if (taken.has(port)) continue
    taken.add(port)
    return port
  }
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('a port has no number'))
        else resolve(address.port)
      })
    })
  })
}
