import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mirrors } from '../../bin/mirror.ts'

const root = join(import.meta.dirname, '../..')

it.each([...mirrors()])('%s is what the code gives; `npm run accept` renews it', (name, text) => {
  expect(readFileSync(join(root, name), 'utf8')).toBe(text)
})
