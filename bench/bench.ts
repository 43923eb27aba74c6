/** `npm run bench <workload> [options]`: runs one workload of this directory. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const workloads = ['seed', 'page', 'scale-lists', 'graph-lists', 'queue', 'long-poll', 'subscribe']
const [workload, ...options] = process.argv.slice(2)
if (workload === undefined || !workloads.includes(workload)) {
  console.error(`Name a workload: npm run bench ${workloads.join('|')} [-- --option …]`)
  process.exit(2)
}
const script = fileURLToPath(new URL(`${workload}.ts`, import.meta.url))
process.exit(spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' }).status ?? 1)
