import { afterEach, beforeEach, expect, it } from 'vitest'
import { listEventResults, publishEventInputs, publishEventResult } from '#resolvers/event.ts'
import { findChangesAfter } from '#store/change.ts'
import type { TestGateway } from '../support/gateway.ts'
import { onBothStores } from '../support/store.ts'
import { expectDone, expectRefusal, ok, openCluster } from './cluster.ts'

const game = {
  version: '1.7.0',
  event: {
    game: {
      maps: [
        {
          id: 'cheer',
          source: 'userinput',
          where: { key: ['cheer'], name: '<player>', type: 'string' },
          key: ['cheer', '<player>'],
          value: 1,
        },
      ],
      reductions: [
        { id: 'cheer', where: { key: ['cheer', '<player>'] }, key: ['<player>'], value: ['$sum'], period: 250 },
      ],
    },
  },
}
const file = { key: 'game', value: JSON.stringify(game) }

onBothStores('the events of the Cluster API', (kind) => {
  let test: TestGateway
  beforeEach(async () => {
    test = await openCluster(kind)
  })
  afterEach(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })
  const events = async () => ok(await test.rest('GET', '/v1/events'))
  const post = (body: unknown, query = '') => test.rest('POST', `/v1/events${query}`, { body })
  const results = async (counter: number) => ok(await test.rest('GET', `/v1/events/results/${counter}`))
  const publish = (value: string) => publishEventResult(test.context(), { error: '', value })
  const errorsOf = async (value: string) => {
    expectDone(await post({ mapreduce: [{ key: 'faulty', value }] }))
    return String(Object(await events()).errors)
  }

  it('GET /v1/events of an empty store', async () => {
    expect(await events()).toEqual({ errors: '', mapreduce: [] })
  })

  it('89: POST /v1/events sets the files; sent errors are not read, force has no effect', async () => {
    expectDone(await post({ errors: 'sent', mapreduce: [file] }, '?force'))
    expect(await events()).toEqual({ errors: '', mapreduce: [file] })
  })

  it('90: replaces all files, and writes an object out', async () => {
    expectDone(await post({ mapreduce: [file] }))
    expectDone(await post({ mapreduce: [{ key: 'b', value: game }] }))
    expect(await events()).toEqual({ errors: '', mapreduce: [{ key: 'b', value: JSON.stringify(game) }] })
  })

  it('91: keeps what is wrong inside a file and says so', async () => {
    expect(await errorsOf('not json')).toBe('faulty: is not JSON')
    expect(await events()).toMatchObject({ mapreduce: [{ key: 'faulty', value: 'not json' }] })
    expect(await errorsOf('{}')).toBe('faulty: has neither maps nor reductions')
    expect(await errorsOf('[]')).toContain('faulty')
    expect(await errorsOf('{"maps": [{"where": {}}]}')).toBe('faulty: maps[0] has no id')
    expect(await errorsOf('{"maps": [{"id": "a"}, {"id": "a"}]}')).toContain("the id 'a', which is taken")
    expect(await errorsOf('{"maps": [{"id": "a"}], "reductions": [{"id": "a"}]}')).toBe('')
    expect(await errorsOf('{"maps": [{"id": "a", "where": {"$like": "x"}}]}')).toContain('unknown operator $like')
    expect(await errorsOf('{"maps": [{"id": "a", "where": {"$or": [{"$nor": 1}]}}]}')).toContain('operator $nor')
    expect(await errorsOf('{"reductions": [{"id": "a", "value": ["$mode"]}]}')).toContain('unknown operator $mode')
    expect(await errorsOf(`{"maps": ${'['.repeat(5000)}${']'.repeat(5000)}}`)).toContain('64 levels')
    expectDone(await post({ mapreduce: [file, { key: 'two', value: file.value }, { key: 'three', value: '{' }] }))
    const lines = String(Object(await events()).errors).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toBe('three: is not JSON')
  })

  it('93: refuses a wrong envelope and changes nothing', async () => {
    expectDone(await post({ mapreduce: [file] }))
    const wrong = [{ mapreduce: [{ key: 'a' }] }, { mapreduce: [{ key: 1, value: '' }] }, { mapreduce: [file, file] }]
    const more = [{ mapreduce: [{ key: '', value: '{}' }] }, { mapreduce: [{ key: 'a', value: [] }] }, 'null', '{', '']
    for (const body of [{}, { mapreduce: 'x' }, [], ...wrong, ...more]) expectRefusal(await post(body), 400)
    expect(await events()).toEqual({ errors: '', mapreduce: [file] })
  })

  it('94: GET /v1/events/results/{counter} of a log that has nothing', async () => {
    expect(await results(0)).toEqual({ counter: 0, messages: [] })
  })

  it('95 96: messages in order, then nothing new', async () => {
    await results(0)
    await publishEventResult(test.context(), { error: 'e', value: '1' })
    await publish('2')
    const messages = [
      { error: 'e', value: '1' },
      { error: '', value: '2' },
    ]
    expect(await results(0)).toEqual({ counter: 2, messages })
    expect(await results(1)).toEqual({ counter: 2, messages: messages.slice(1) })
    expect(await results(2)).toEqual({ counter: 2, messages: [] })
  })

  it('drops what arrives while nobody reads', async () => {
    expect(await publish('lost')).toBe(false)
    expect(await results(0)).toEqual({ counter: 0, messages: [] })
    expect(await publish('kept')).toBe(true)
    expect(await results(0)).toMatchObject({ counter: 1 })
  })

  it('98 100: an idle log is emptied, and an older position then reads all of the new one', async () => {
    await results(0)
    await publish('1')
    await publish('2')
    // As if no time at all could pass between two readers.
    expect(await listEventResults(test.context(), 0, { seconds: 0 })).toEqual({ end: 0, results: [] })
    expect(await results(2)).toEqual({ counter: 0, messages: [] })
    await publish('3')
    expect(await results(2)).toEqual({ counter: 1, messages: [{ error: '', value: '3' }] })
  })

  it('98 99: each call restarts the five seconds', async () => {
    const read = async (at: string) => {
      const { end } = await listEventResults(test.context(), 0, { seconds: 5, at: `2026-11-25T17:00:${at}Z` })
      return end
    }
    const send = (at: string) =>
      publishEventResult(test.context(), { error: '', value: 'x' }, { seconds: 5, at: `2026-11-25T17:00:${at}Z` })
    await read('00')
    expect(await send('01')).toBe(true)
    for (const at of ['02', '04', '06', '08', '13']) expect([at, await read(at)]).toEqual([at, 1])
    expect(await send('18.1')).toBe(false)
    expect(await read('18.1')).toBe(0)
    expect(await send('19')).toBe(true)
    expect(await read('20')).toBe(1)
  })

  it('101: positions that are none', async () => {
    for (const counter of ['abc', '-1', '1.5', '0x1', '%20'])
      expectRefusal(await test.rest('GET', `/v1/events/results/${counter}`), 404)
    await results(0)
    await publish('1')
    expect(ok(await test.rest('GET', `/v1/events/results/${'9'.repeat(400)}`))).toMatchObject({
      counter: 1,
      messages: [{}],
    })
    expectRefusal(await test.rest('POST', '/v1/events/results/0', { body: {} }), 405)
  })

  it('gives each message one position, however many publish at once', async () => {
    await results(0)
    await Promise.all(Array.from({ length: 40 }, (_, n) => publish(`${n}`)))
    const { counter, messages } = Object(await results(0))
    expect(counter).toBe(40)
    expect(new Set(messages.map((message: object) => Reflect.get(message, 'value'))).size).toBe(40)
  })

  it('runs inputs through the definitions and publishes what they come to', async () => {
    expectDone(await post({ mapreduce: [file, { key: 'broken', value: 'no' }] }))
    const cheers = ['ada', 'bob', 'ada'].map((value) => ({ key: ['cheer'], value }))
    expect(await publishEventInputs(test.context(), cheers)).toBe(0)
    await results(0)
    expect(await publishEventInputs(test.context(), [...cheers, { key: ['boo'], value: 'ada' }])).toBe(1)
    const { messages } = Object(await results(0))
    expect(messages).toEqual([{ error: '', value: expect.any(String) }])
    expect(JSON.parse(messages[0].value)).toEqual({
      id: 'cheer',
      results: [
        { key: ['ada'], value: { sum: 2 } },
        { key: ['bob'], value: { sum: 1 } },
      ],
    })
    await expect(publishEventInputs(test.context(), [{ key: [], value: 1 }])).rejects.toThrow('has no key')
    await expect(publishEventInputs(test.context(), [{ key: ['a'], value: null }])).rejects.toThrow('value')
    await expect(publishEventInputs(test.context(), [{ key: ['a'], value: 1, at: 'noon' }])).rejects.toThrow('time')
    await expect(publish('\u0000')).rejects.toThrow('NUL')
  })

  it('records new definitions as a change, and results as none', async () => {
    await post({ mapreduce: [file] })
    await results(0)
    await publish('1')
    const changes = await findChangesAfter(test.store.db, { index: 0, ordinal: 0 }, 10)
    expect(changes).toMatchObject([{ kind: 'EVENT_DEFINITION', jobId: null, detail: { count: 1, keys: ['game'] } }])
  })
})
