import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseRegistration, registerJobType } from '#resolvers/job-type.ts'
import { at } from '../documents/scale-jobs.ts'
import { manifest, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'
import { nodesOf, renamed, rowsAt, type Twins, twinsOf } from './twin.ts'

type Row = Readonly<Record<string, unknown>>

onBothStores('job types in the graph and in the Scale v6 documents', (kind) => {
  let test: GraphqlGateway
  let twins: Twins

  beforeAll(async () => {
    test = await openGraphql(kind)
    twins = twinsOf(test)
    await registerCommand(test, 'alpha', 'true')
    await registerCommand(test, 'beta', 'true')
  })
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  it('lists names as the REST route does', async () => {
    const { list, rest } = twins
    const graph = await list('jobTypeNames(isActive: true, isSystem: false)', 'name versions latest { version title }')
    const page = await rest('/v6/job-type-names/?is_active=true&is_system=false')
    expect(at(graph, 'totalCount')).toBe(at(page, 'count'))
    expect(nodesOf(graph)).toEqual(
      rowsAt(page, 'results').map((row) => ({
        ...renamed(row, { name: 'name', versions: 'versions' }),
        latest: renamed(row, { version: 'latest_version', title: 'title' }),
      })),
    )
    expect(nodesOf(await list('jobTypeNames(keywords: ["ALPH"])', 'name'))).toEqual([{ name: 'alpha' }])
    expect(nodesOf(await list('jobTypeNames(keywords: [])', 'name'))).toEqual([])
  })

  it('pages names both ways', async () => {
    const names = (args: string, cursor: unknown = null) =>
      twins.list(`jobTypeNames(${args})`, 'name', { cursor }, '($cursor: String)')
    const first = await names('first: 1, after: $cursor')
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true, hasPreviousPage: false } })
    const second = await names('first: 1, after: $cursor', at(first, 'edges', 0, 'cursor'))
    expect(nodesOf(second)).toEqual([{ name: 'beta' }])
    expect(at(second, 'pageInfo')).toEqual({ hasNextPage: false, hasPreviousPage: true })
    const last = await names('last: 1, before: $cursor')
    expect(last).toEqual(second)
    const back = await names('last: 1, before: $cursor', at(last, 'edges', 0, 'cursor'))
    expect(nodesOf(back)).toEqual([{ name: 'alpha' }])
    expect(at(back, 'pageInfo')).toEqual({ hasNextPage: true, hasPreviousPage: false })
    const none = await names('after: $cursor', at(second, 'edges', 0, 'cursor'))
    expect(none).toMatchObject({ totalCount: 2, edges: [], pageInfo: { hasNextPage: false } })
  })

  it('judges a manifest in the same words', async () => {
    const ask = async (variables: { manifest: unknown; configuration?: unknown }) => {
      const data = await test.data<unknown>(
        `query ($manifest: JSON!, $configuration: JSON) { validateJobType(manifest: $manifest, configuration: $configuration) {
          isValid errors { name description } warnings { name description }
        } }`,
        variables,
      )
      const sent = await twins.rest('/v6/job-types/validation/', 'POST', variables)
      const judged = at(data, 'validateJobType')
      expect(judged).toEqual(renamed(sent, { isValid: 'is_valid', errors: 'errors', warnings: 'warnings' }))
      return judged
    }
    expect(await ask({ manifest: manifest('new') })).toMatchObject({ isValid: true })
    expect(await ask({ manifest: { seedVersion: '1.0.0' } })).toMatchObject({ isValid: false })
    const odd = await ask({ manifest: manifest('new'), configuration: { settings: { strange: '1' } } })
    expect(odd).toMatchObject({ isValid: true, warnings: [{ name: 'UNKNOWN_SETTING' }] })
  })

  const edit = (input: Row, name = 'beta') =>
    twins.mutate(
      'editJobType(name: $name, version: "1.0.0", input: $input)',
      'warnings { name } jobType { revisionNumber isPaused maxScheduled iconCode dockerImage }',
      { name, input },
      '($name: String!, $input: EditJobTypeInput!)',
    )

  it('edits a job type; an empty text changes nothing', async () => {
    const changed = await edit({ isPaused: true, maxScheduled: 4, iconCode: 'f012' })
    const jobType = { revisionNumber: 1, isPaused: true, maxScheduled: 4, iconCode: 'f012' }
    expect(changed).toMatchObject({ warnings: [], jobType })
    const dockerImage = at(changed, 'jobType', 'dockerImage')
    expect(await edit({ iconCode: '', dockerImage: '' })).toMatchObject({ jobType: { ...jobType, dockerImage } })
    await twins.rest('/v6/job-types/beta/1.0.0/', 'PATCH', { icon_code: '', docker_image: '' })
    expect(await edit({ maxScheduled: null, manifest: manifest('beta') })).toMatchObject({
      jobType: { ...jobType, revisionNumber: 2, maxScheduled: null, dockerImage },
    })
    const details = await twins.rest('/v6/job-types/beta/1.0.0/')
    expect(details).toMatchObject({ revision_num: 2, is_paused: true, max_scheduled: null, icon_code: 'f012' })
    expect(await edit({ manifest: manifest('other') })).toMatchObject({
      __typename: 'InvalidInputError',
      path: ['input', 'manifest'],
    })
    expect(await edit({ isPaused: true }, 'nobody')).toMatchObject({ __typename: 'NotFoundError' })
  })

  it('shows revisions as the REST routes do, and pages them', async () => {
    await edit({ manifest: manifest('beta') })
    const fields = 'edges { cursor node { number dockerImage createdAt } }'
    const data = await test.data<unknown>(
      `{ jobType(name: "beta", version: "1.0.0") { revisions { totalCount ${fields} }
          newest: revisions(first: 1) { totalCount ${fields} pageInfo { hasNextPage } }
          oldest: revisions(last: 1) { ${fields} pageInfo { hasPreviousPage } } } }`,
    )
    const page = await twins.rest('/v6/job-types/beta/1.0.0/revisions/')
    const shown = at(data, 'jobType', 'revisions')
    expect(at(shown, 'totalCount')).toBe(at(page, 'count'))
    const named = { number: 'revision_num', dockerImage: 'docker_image', createdAt: 'created' }
    expect(nodesOf(shown)).toEqual(rowsAt(page, 'results').map((row) => renamed(row, named)))
    const edges = rowsAt(shown, 'edges')
    const { length } = edges
    expect(length).toBeGreaterThan(1)
    expect(at(data, 'jobType', 'newest')).toEqual({
      totalCount: length,
      edges: edges.slice(0, 1),
      pageInfo: { hasNextPage: true },
    })
    expect(at(data, 'jobType', 'oldest')).toEqual({ edges: edges.slice(-1), pageInfo: { hasPreviousPage: true } })
    const rest = await test.data<unknown>(
      `query ($after: String) { jobType(name: "beta", version: "1.0.0") { revisions(after: $after) { ${fields} } } }`,
      { after: at(edges, 0, 'cursor') },
    )
    expect(at(rest, 'jobType', 'revisions', 'edges')).toEqual(edges.slice(1))
    const one = await test.data<unknown>(
      `{ a: jobTypeRevision(name: "beta", version: "1.0.0", number: 1) { number manifest }
         b: jobTypeRevision(name: "beta", version: "1.0.0", number: 99) { number } }`,
    )
    const revision = await twins.rest('/v6/job-types/beta/1.0.0/revisions/1/')
    expect(one).toEqual({ a: renamed(revision, { number: 'revision_num', manifest: 'manifest' }), b: null })
  })

  it('reads a job type by its id, or by its name and version, and by one of them alone', async () => {
    const data = await test.data<unknown>('{ jobType(name: "beta", version: "1.0.0") { id name } }')
    const id = at(data, 'jobType', 'id')
    expect(await test.data('query ($id: ID!) { jobType(id: $id) { id name } }', { id })).toEqual(data)
    for (const [args, argument] of [
      ['(id: "x")', 'id'],
      ['(name: "beta")', 'version'],
      ['(version: "1.0.0")', 'name'],
      ['(id: "x", version: "1.0.0")', 'version'],
      ['', 'id'],
    ]) {
      const { errors } = await test.ask(`{ jobType${args} { id } }`)
      expect(errors.map(({ extensions }) => extensions?.inputPath)).toEqual([[argument]])
      if (argument !== 'id' || args === '') expect(errors[0]?.message).toBe('Give id, or name together with version.')
    }
  })

  it('costs the same number of statements for 10 job types and for 100', async () => {
    for (let made = 0; made < 100; made += 1) {
      const registration = parseRegistration({ dockerImage: 'reg.test/bulk:1', manifest: manifest(`bulk-${made}`) })
      await registerJobType(test.context(), registration)
    }
    const below = 'recipeTypes { name } revisions(first: 2) { totalCount edges { node { number jobType { name } } } }'
    const cost = async (list: string, row: string, size: number) => {
      test.statements.length = 0
      const page = await twins.list(`${list}(first: ${size})`, row)
      expect(nodesOf(page)).toHaveLength(size)
      // The feed reads the change log now and then, on its own account.
      return test.statements.filter((sql) => !/change_index|from "change"/.test(sql)).length
    }
    for (const [list, row] of [
      ['jobTypes', below],
      ['jobTypeNames', `latest { ${below} }`],
      ['jobTypeStatuses', `counts { count } jobType { ${below} }`],
    ] as const) {
      const ten = await cost(list, row, 10)
      expect(await cost(list, row, 100), list).toBe(ten)
      expect(ten, list).toBeLessThanOrEqual(7)
    }
  })
})
