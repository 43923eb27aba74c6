import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { instances, setStage } from '../support/service.ts'
import { onBothStores } from '../support/store.ts'

type Revision = { readonly id: string; readonly number: number; readonly diff: readonly object[] | null }
type Found = { readonly jobType: { readonly revisions: { readonly edges: readonly { readonly node: Revision }[] } } }

onBothStores('Differences between revisions', (kind) => {
  let test: GraphqlGateway

  beforeAll(async () => {
    test = await openGraphql(kind)
    for (let made = 1; made <= 101; made += 1)
      await registerCommand(test, 'one', 'true', { job: { title: `Title ${made}` } })
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const revisions = async (args: string, diff = 'diff') => {
    const { jobType } = await test.data<Found>(`{ jobType(name: "one", version: "1.0.0") {
      revisions(${args}) { edges { node { id number ${diff} { path kind from to } } } }
    } }`)
    return jobType.revisions.edges.map(({ node }) => node)
  }
  const retitled = (from: number, to: number) => [
    { path: '/job/title', kind: 'CHANGED', from: `Title ${from}`, to: `Title ${to}` },
  ]

  it('compares with the revision before, or with one that is named', async () => {
    const [first, second] = (await revisions('last: 2')).toReversed()
    expect(first).toMatchObject({ number: 1, diff: null })
    expect(second).toMatchObject({ number: 2, diff: retitled(1, 2) })
    const [newest] = await revisions('first: 1', `diff(since: "${first?.id}")`)
    expect(newest?.diff).toEqual(retitled(1, 101))
  })

  it('costs the same number of statements for 10 revisions and for 100', async () => {
    const cost = async (first: number) => {
      test.statements.length = 0
      const found = await revisions(`first: ${first}`)
      expect(found.map(({ diff }) => diff?.length)).toEqual(Array(first).fill(1))
      return test.statements.filter((sql) => !/from "change_index"|from "change"/.test(sql)).length
    }
    expect(await cost(100)).toBe(await cost(10))
  })

  it('compares the versions of a service job', async () => {
    const stage = await setStage(test)
    await stage.register('web', instances(1))
    await stage.register('web', instances(3))
    const { serviceJob } = await test.data<{ serviceJob: { revision: Revision } }>(
      '{ serviceJob(name: "web") { revision { number diff { path kind from to } } } }',
    )
    expect(serviceJob.revision).toEqual({
      number: 2,
      diff: [{ path: '/TaskGroups/0/Count', kind: 'CHANGED', from: 1, to: 3 }],
    })
  })

  it('refuses what is no revision', async () => {
    const ask = (id: string) =>
      test.ask(`{ jobTypeRevision(name: "one", version: "1.0.0", number: 1) { diff(since: "${id}") { path } } }`)
    const idOf = (text: string) => Buffer.from(text).toString('base64')
    expect((await ask(idOf('JobType:1'))).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect((await ask(idOf('JobTypeRevision:999999'))).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  })
})
