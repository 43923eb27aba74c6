import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

type Event = { counter: number; isReset: boolean; messages: { position: number; value: string; error: string }[] }

const watch = `subscription ($counter: SafeInt) {
  eventResultsPublished(counter: $counter) { counter isReset messages { position value error } }
}`

onBothStores('The log of event results', (kind) => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql(kind)
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const publish = async (value: string) => {
    const { publishEventResult } = await test.data<{ publishEventResult: { isKept?: boolean } }>(
      'mutation ($value: String!) { publishEventResult(value: $value) { ... on PublishEventResultPayload { isKept } } }',
      { value },
    )
    return publishEventResult.isKept === true
  }

  /** Publishes until the log keeps it: a stream opens the log when it first asks. */
  const publishKept = async (value: string) => {
    while (!(await publish(value)));
  }

  /** Reads up to a message; gives those that begin with a word, and the place after. */
  const readTo = async (events: AsyncIterator<Event>, last: string, word: string) => {
    const values: string[] = []
    let counter = 0
    while (!values.includes(last)) {
      const { done, value } = await events.next()
      if (done === true) throw new Error('the stream has ended')
      values.push(...value.messages.map((message: Event['messages'][number]) => message.value))
      counter = value.counter
    }
    return { values: values.filter((value) => value.startsWith(word)), counter }
  }

  describe.each(['graphql-ws', 'sse'] as const)('over %s', (transport) => {
    it('is kept open and told in order by a stream, which can be resumed by its counter', async () => {
      const names = [1, 2, 3, 4].map((n) => `${transport} ${n}`)
      const [one = '', two = '', three = '', four = ''] = names
      const events = test.events<Event>(transport, watch, { counter: 0 })
      const first = readTo(events, three, transport)
      for (const name of [one, two, three]) await publishKept(name)
      const { values, counter } = await first
      expect(values).toEqual([one, two, three])
      const resumed = test.events<Event>(transport, watch, { counter })
      const rest = readTo(resumed, four, transport)
      await publishKept(four)
      expect((await rest).values).toEqual([four])
      await events.return?.()
      await resumed.return?.()
    })
  })

  it('is told anew to whoever asks for a place beyond its end', async () => {
    const events = test.events<Event>('graphql-ws', watch, { counter: 1_000_000 })
    const { value } = await events.next()
    expect(value).toMatchObject({ isReset: true })
    await events.return?.()
  })

  it('refuses a place below 0', async () => {
    const events = test.events<Event>('graphql-ws', watch, { counter: -1 })
    await expect(events.next()).rejects.toThrow('0 or more')
  })
})
