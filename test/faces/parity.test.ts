import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parity, parity } from '#rest/parity.ts'
import { doOverGraph, doOverRest, type Writing } from './parity-act.ts'
import { openParityStage, type ParityStage, viewOf } from './parity-stage.ts'
import { writingsOf } from './parity-write.ts'

const isWriting = ({ twins }: Parity) => twins[0]?.startsWith('Mutation.') === true
const byDocument = [...Map.groupBy(parity.filter(isWriting), ({ document }) => document)]
const idOf = ({ ids: [id] }: Parity) => id ?? ''

/** What no well-formed request can ask for in vain. */
const neverRefused: ReadonlySet<string> = new Set(['deregisterNomadJob', 'startAllBastionJobs', 'stopAllBastionJobs'])

// Each document's acts follow one another on two stores of one beginning, so that what one leaves behind meets the next.
describe.each(byDocument)('%s, done over REST and over GraphQL', (_document, operations) => {
  let rest: ParityStage
  let graph: ParityStage
  const both = <T>(ask: (stage: ParityStage) => Promise<T>) => Promise.all([ask(rest), ask(graph)])

  beforeAll(async () => {
    ;[rest, graph] = await Promise.all([openParityStage('postgres'), openParityStage('postgres')])
    const [one, other] = await both(viewOf)
    expect(other).toEqual(one)
  }, 60_000)
  afterAll(async () => {
    expect([...rest.test.bugs, ...graph.test.bugs]).toEqual([])
    await both(({ test }) => test.close())
  })

  /** Does acts of an operation, each over REST on one store and over GraphQL on the other; gives what became of them. */
  const doBoth = async (id: string, kind: keyof Writing) => {
    const [ofRest, ofGraph] = await both(async (stage) => writingsOf(stage)[id])
    if (ofRest === undefined || ofGraph === undefined) throw new Error(`${id} has no case`)
    const fates: { what: string; rest: string; graph: string }[] = []
    for (const [place, act] of ofRest[kind].entries()) {
      const twin = ofGraph[kind][place] ?? act
      fates.push({ what: act.what, rest: await doOverRest(rest, act), graph: await doOverGraph(graph, twin) })
      await both(({ service }) => service.act())
    }
    return fates
  }

  it.each(operations.map((operation) => [operation.title, operation] as const))(
    '%s comes to the same state',
    async (_title, operation) => {
      const fates = await doBoth(idOf(operation), 'acts')
      expect(fates).not.toEqual([])
      expect(fates).toEqual(fates.map(({ what }) => ({ what, rest: 'taken', graph: 'taken' })))
      const [one, other] = await both(viewOf)
      expect(other).toEqual(one)
    },
    60_000,
  )

  it('has no case without an operation', () => {
    const ids = byDocument.flatMap(([, all]) => all.map(idOf))
    expect(Object.keys(writingsOf(rest)).sort()).toEqual(ids.sort())
  })

  it('refuses the same acts for the same reason, and changes nothing', async () => {
    const before = await both(viewOf)
    for (const operation of operations) {
      const id = idOf(operation)
      const fates = await doBoth(id, 'refusals')
      expect(fates.length === 0, id).toBe(neverRefused.has(id))
      expect(fates, id).toEqual(fates.map(({ what, rest: code }) => ({ what, rest: code, graph: code })))
      expect(
        fates.filter(({ rest: code }) => !/^[A-Z_]+$/.test(code)),
        id,
      ).toEqual([])
    }
    expect(await both(viewOf)).toEqual(before)
  }, 60_000)
})
