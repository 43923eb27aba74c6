import { resourceScalars } from './documents/seed-manifest.ts'
import type { SeedManifest } from './documents/seed-manifest-schema.ts'

const minimums: Readonly<Record<string, number>> = { cpus: 0.25, mem: 128, disk: 0 }

/**
 * What a job of this manifest needs, by resource name: cpus in cores, mem and disk in MiB. Scale's minimums hold; a
 * resource that grows with its input (`inputMultiplier`) is rounded up; shared memory is no resource of its own; gpus
 * are always named. `inputFileSize` is in MiB, and disk always holds at least the input.
 */
export function resourcesOf(manifest: SeedManifest, inputFileSize: number): Readonly<Record<string, number>> {
  const needed = new Map<string, number>()
  for (const { name, value, inputMultiplier } of resourceScalars(manifest)) {
    if (name === 'sharedmem') continue
    const grown = inputMultiplier === undefined ? value : Math.ceil(inputMultiplier * inputFileSize + value)
    needed.set(name, grown)
  }
  for (const [name, least] of Object.entries(minimums)) needed.set(name, Math.max(needed.get(name) ?? 0, least))
  needed.set('disk', Math.max(needed.get('disk') ?? 0, inputFileSize))
  needed.set('gpus', needed.get('gpus') ?? 0)
  return Object.fromEntries(needed)
}
