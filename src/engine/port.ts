import { createServer } from 'node:net'
import type { NetworkSpec, TaskSpec } from '#model/documents/job-spec-type.ts'
import type { TaskPort } from './allocation-environment.ts'

/** Where tasks are told to listen: the gateway opens nothing to the network by itself. */
const loopback = '127.0.0.1'

/**
 * The ports of a task: reserved ones as it asks for them, dynamic ones free at this moment and not in `taken`, to which
 * they are added.
 */
export async function findPorts(task: TaskSpec, taken: Set<number>): Promise<TaskPort[]> {
  const ports: TaskPort[] = []
  for (const network of task.Resources?.Networks ?? []) {
    const ip = network.IP || loopback
    for (const { Label, Value } of network.ReservedPorts ?? []) ports.push({ label: Label, ip, port: Number(Value) })
    for (const label of dynamicLabels(network)) ports.push({ label, ip, port: await takePort(ip, taken) })
  }
  return ports
}

/** Gives ports back to those that are free. */
export function releasePorts(ports: readonly TaskPort[], taken: Set<number>): void {
  for (const { port } of ports) taken.delete(port)
}

function dynamicLabels({ DynamicPorts }: NetworkSpec): string[] {
  return (DynamicPorts ?? []).map(({ Label }) => Label)
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
