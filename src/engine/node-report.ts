import { statfs } from 'node:fs/promises'
import { arch, cpus, hostname as hostName, type as osType, release, totalmem } from 'node:os'
import type { NodeReport } from '#model/node.ts'

const mib = 1024 * 1024
/** What a virtual machine that hides its clock is taken for, in MHz a core. */
const unknownMhz = 1_000
const goArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386' }

/**
 * Tells what this machine is and has, in Nomad's words.
 * @param drivers the task drivers that the engine here can run
 * @param directory where allocations live: its disk is what they share
 */
export async function reportNode(
  drivers: readonly string[],
  directory: string,
  hostname: string = hostName(),
): Promise<NodeReport> {
  const cores = cpus()
  const mhz = cores[0]?.speed || unknownMhz
  const disk = await statfs(directory)
  const kernel = osType().toLowerCase()
  const machine = goArch[arch()] ?? arch()
  return {
    hostname,
    datacenter: 'dc1',
    attributes: {
      arch: machine,
      'cpu.arch': machine,
      'cpu.frequency': String(mhz),
      'cpu.numcores': String(cores.length),
      'cpu.totalcompute': String(mhz * cores.length),
      hostname,
      'unique.hostname': hostname,
      'kernel.name': kernel,
      'kernel.version': release(),
      'os.name': kernel,
      'memory.totalbytes': String(totalmem()),
      ...Object.fromEntries(drivers.map((driver) => [`driver.${driver}`, '1'])),
    },
    meta: {},
    cpu: mhz * cores.length,
    memoryMb: Math.floor(totalmem() / mib),
    // In steps of 1 GiB: each other file on the disk would otherwise be news of the node.
    diskMb: Math.floor((disk.bavail * disk.bsize) / mib / 1024) * 1024,
  }
}
