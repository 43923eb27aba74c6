import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createContext } from '#resolvers/context.ts'
import { keyUse, once } from '#resolvers/idempotency.ts'
import { findKeptUse, forgetKeys, keepAnswer } from '#store/idempotency.ts'
import { keyClaim } from '#store/key-claim.ts'
import { keyRing } from '#store/key-ring.ts'
import { writing } from '#store/store.ts'
import { openTestGateway, type TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'

const canary = 'canary-51c0-answer'
const longest = 1_048_576

onBothStores('the kept answers of idempotency keys', (kind) => {
  let test: TestGateway
  beforeAll(async () => {
    test = await openTestGateway(kind)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const ask = (key: string, kept: string, keys = test.store.keys) => {
    const ctx = createContext({ ...test.gateway, store: { ...test.store, keys } }, new AbortController().signal)
    return once(ctx, keyUse('test', key, ['same']), async (claimed) => {
      await writing(claimed.store, async () => {})
      return { answer: 'done', kept }
    })
  }
  const notKept = { code: 'CONFLICT', message: expect.stringContaining('its answer is not kept') }
  const rows = () => test.store.db.selectFrom('idempotency').select(['key', 'answer']).execute()

  it('are of 1 MiB at most; of a longer one the fact is kept', async () => {
    const longestKept = 'x'.repeat(longest)
    expect(await ask('long', longestKept)).toEqual({ answer: 'done' })
    expect(await ask('long', longestKept)).toEqual({ replayed: longestKept })
    expect(await ask('longer', `${longestKept}x`)).toEqual({ answer: 'done' })
    await expect(ask('longer', '')).rejects.toMatchObject(notKept)
  })

  it('are not there where no secret key is configured; the fact is', async () => {
    const none = keyRing([])
    expect(await ask('unsealed', 'text', none)).toEqual({ answer: 'done' })
    await expect(ask('unsealed', 'text', none)).rejects.toMatchObject(notKept)
    expect((await rows()).find(({ key }) => key === 'unsealed')?.answer).toBeNull()
  })

  it('count as not kept where their secret key is missing, or is another of the same name', async () => {
    await ask('sealed', 'text')
    for (const name of ['test', 'other']) {
      const ring = keyRing([`${name}:${Buffer.alloc(32, 9).toString('base64')}`])
      await expect(ask('sealed', 'text', ring)).rejects.toMatchObject(notKept)
    }
    expect(await ask('sealed', 'text')).toEqual({ replayed: 'text' })
  })

  it('lie sealed, those of secret and settings routes too', async () => {
    const sent: [string, unknown][] = [
      ['/secrets/secret/sealed', { value: canary }],
      ['/v1/settings', { info: { name: canary } }],
    ]
    for (const [path, body] of sent) {
      const send = () => test.rest('POST', path, { body, headers: { 'idempotency-key': path } })
      const first = await send()
      expect(first.status, first.text).toBe(200)
      expect((await send()).text).toBe(first.text)
    }
    await ask('canary', canary)
    const answers = (await rows()).flatMap(({ answer }) => (answer === null ? [] : [Buffer.from(answer)]))
    expect(answers.length).toBeGreaterThan(2)
    expect(answers.filter((answer) => answer.includes(canary))).toEqual([])
  })

  it('are forgotten with their keys once these are old, and the work may be done anew', async () => {
    await ask('old', 'text')
    expect(await forgetKeys(test.store)).toBe(0)
    expect(await ask('old', 'text')).toEqual({ replayed: 'text' })
    expect(await forgetKeys(test.store, 0)).toBeGreaterThan(0)
    expect(await rows()).toEqual([])
    expect(await ask('old', 'text')).toEqual({ answer: 'done' })
  })

  it('are kept for 24 hours and no longer', async () => {
    for (const key of ['younger', 'older']) await ask(key, 'text')
    const age = (key: string, interval: string) =>
      sql`update idempotency set created_at = now() - ${interval}::interval where key = ${key}`.execute(test.store.db)
    await age('younger', '23 hours 59 minutes')
    await age('older', '24 hours 1 minute')
    expect(await forgetKeys(test.store)).toBe(1)
    expect(await ask('younger', 'text')).toEqual({ replayed: 'text' })
    expect(await ask('older', 'text')).toEqual({ answer: 'done' })
  })

  it('are not put beside the work of another who took the key after it was forgotten', async () => {
    const use = keyUse('test', 'twice', ['same'])
    const hold = async () => {
      const claim = keyClaim(use)
      await writing({ ...test.store, claim }, async () => {})
      return claim
    }
    const slow = await hold()
    await forgetKeys(test.store, 0)
    const next = await hold()
    await keepAnswer(test.store, use, slow.token, 'of the slow one')
    expect(await findKeptUse(test.store, use)).toEqual({ isSame: true, isDone: false, answer: null })
    await keepAnswer(test.store, use, next.token, 'of the next one')
    expect(await findKeptUse(test.store, use)).toEqual({ isSame: true, isDone: true, answer: 'of the next one' })
  })
})
