import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Job } from '#model/job.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

type Node = Readonly<Record<string, unknown>>
type Page = { readonly jobs: { readonly edges: readonly { readonly node: Node }[] } }

onBothStores('Documents of job types', (kind) => {
  let test: GraphqlGateway
  const jobs: Job[] = []
  beforeAll(async () => {
    test = await openGraphql(kind)
    for (const name of ['one', 'two']) jobs.push(await queue(test, await registerCommand(test, name, 'true')))
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  /** What a page answers for the first job, and how many statements read a manifest or configuration for it. */
  async function ask(selection: string, fragments = ''): Promise<{ readonly node: Node | undefined; reads: number }> {
    test.statements.length = 0
    const query = `{ jobs(orderBy: { direction: ASC }) { edges { node { ${selection} } } } } ${fragments}`
    const { jobs } = await test.data<Page>(query)
    const isRead = (sql: string) => /"(?:job_type|job_type_revision)"\."manifest"|select .*"manifest" from/s.test(sql)
    return { node: jobs.edges[0]?.node, reads: test.statements.filter(isRead).length }
  }

  it('are not read where nobody asks for them', async () => {
    const { node, reads } = await ask(
      'type { name isActive } revision { number dockerImage } latestExecution { number }',
    )
    expect(node).toMatchObject({ type: { name: 'one', isActive: true }, revision: { number: 1 } })
    expect(reads).toBe(0)
  })

  const fragments = [
    'fragment OfType on JobType { ...OfType2 } fragment OfType2 on JobType { manifest configuration }',
    'fragment OfRev1 on JobTypeRevision { ... on Node { ...OfRev2 } } fragment OfRev2 on JobTypeRevision { manifest }',
  ]
  const whole = { manifest: expect.objectContaining({ seedVersion: '1.0.0' }), configuration: expect.any(Object) }
  const { manifest } = whole

  it.each([
    ['at once', 'type { manifest configuration }', { type: whole }, 1],
    [
      'beside a field that needs none',
      'bare: type { name } type { manifest configuration }',
      { bare: { name: 'one' }, type: whole },
      1,
    ],
    [
      'under other names',
      'type { m: manifest } revision { m: manifest }',
      { type: { m: manifest }, revision: { m: manifest } },
      2,
    ],
    ['in fragments', 'type { ...OfType } revision { ... { ...OfRev1 } }', { type: whole, revision: { manifest } }, 2],
    ['in a field that is asked for twice', 'type { name } type { manifest }', { type: { name: 'one', manifest } }, 1],
    [
      'further below',
      'revision { jobType { name ...OfType } } type { name }',
      { revision: { jobType: { name: 'one', ...whole } }, type: { name: 'one' } },
      2,
    ],
    ['to be compared', 'revision { number diff { path } }', { revision: { number: 1, diff: null } }, 2],
  ])('are read where they are asked for: %s', async (_, selection, expected, most) => {
    const used = fragments.filter((fragment) => selection.includes(fragment.slice(9, 15)))
    const { node, reads } = await ask(selection, used.join(' '))
    expect(node).toEqual(expected)
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThanOrEqual(most)
  })
})
