/** Writes the mirrors anew: the change of a face is then seen, and accepted, in the commit. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mirrors, structureMirror } from './mirror.ts'

for (const [name, text] of [...mirrors(), ['structure.sql', await structureMirror()] as const]) {
  writeFileSync(join(import.meta.dirname, '..', name), text)
  console.log(`wrote ${name}`)
}
