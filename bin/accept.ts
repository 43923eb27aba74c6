/** Writes the mirrors anew: the change of a face is then seen, and accepted, in the commit. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mirrors } from './mirror.ts'

for (const [name, text] of mirrors()) {
  writeFileSync(join(import.meta.dirname, '..', name), text)
  console.log(`wrote ${name}`)
}
