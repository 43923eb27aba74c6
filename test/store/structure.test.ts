import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeStructure } from '#store/structure.ts'
import { root } from '../support/sources.ts'
import { onBothStores, openTestStore } from '../support/store.ts'

onBothStores('the schema', (kind) => {
  it('is what structure.sql mirrors; `npm run accept` renews it', async () => {
    const test = await openTestStore(kind)
    const found = await describeStructure(test.store.db)
    await test.close()
    expect(found).toBe(readFileSync(join(root, 'structure.sql'), 'utf8'))
  })
})
