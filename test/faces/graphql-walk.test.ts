import { isInputObjectType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerWorker } from '#resolvers/work.ts'
import { schema } from '#schema/index.ts'
import { queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { contentOf, isFilled, objectFields, objectsIn, places, queryAt, selectionOf, walkedTypes } from './walk.ts'
import { fill, fillLogSources } from './walk-data.ts'

/** Fields that are empty in every store that operations can make, each with its reason. */
const emptyFields: Readonly<Record<string, string>> = {
  'Allocation.error': 'The catalogue of errors is for queued jobs.',
  'ServiceJob.error': 'The catalogue of errors is for queued jobs.',
}

const walks = Object.entries(places).flatMap(([type, at]) => [
  { name: `${type}, its own values`, at, selection: contentOf(typeOf(type)), isOwn: true },
  ...objectFields(type).map((field) => ({
    name: `${type}.${field.name}`,
    at,
    selection: selectionOf(field),
    isOwn: false,
  })),
])

/** What the gateway reads of its own accord, whatever is asked. */
const background = /from "change_index"|from "change"/

const nodeTypes = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'))
  .map(({ name }) => name)

function typeOf(name: string) {
  const type = schema.getType(name)
  if (type === undefined || isInputObjectType(type)) throw new Error(`the schema has no ${name}`)
  return type
}

it('has a place for each type that a list leads to', () => {
  expect(walkedTypes().map(({ name }) => name)).toEqual(Object.keys(places))
})

// On Postgres alone: both stores are sent the same statements, and only Postgres plans some of them anew after a while.
describe('A walk of the schema', () => {
  let test: GraphqlGateway
  beforeAll(async () => {
    test = await openGraphql('postgres')
    await fill(test)
  }, 180_000)
  afterAll(async () => {
    expect(test.bugs).toEqual([])
    await test.close()
  })

  const ask = async (place: string, size: number, selection: string) => {
    const query = queryAt(place, size, selection)
    if (place.startsWith('logSources')) await fillLogSources(test, size)
    test.statements.length = 0
    const data = await test.data<unknown>(query)
    const statements = test.statements.filter((sql) => !background.test(sql))
    const parents = objectsIn(data).filter((one) => 'parent' in one)
    return { data, statements, parents, filled: parents.filter(({ child }) => isFilled(child)).length }
  }

  it.each(walks)('costs as much for 10 parents as for 100: $name', async ({ name, at, selection, isOwn }) => {
    let met = 0
    for (const place of at) {
      const ten = await ask(place, 10, selection)
      const hundred = await ask(place, 100, selection)
      expect(ten.parents.length).toBeGreaterThanOrEqual(10)
      expect(hundred.parents.length).toBeGreaterThanOrEqual(100)
      expect(hundred.statements.length, hundred.statements.slice(0, 12).join('\n')).toBe(ten.statements.length)
      if (hundred.filled > ten.filled && ten.filled > 0) met += 1
    }
    expect(met > 0 || isOwn, `no parent has ${name}`).toBe(emptyFields[name] === undefined)
  })

  it('costs as much for 10 claims as for 100', async () => {
    const type = await registerCommand(test, 'claimed', 'true')
    for (let queued = 0; queued < 110; queued += 1) await queue(test, type)
    const { id } = await registerWorker(test.context(), { name: 'claims', hostname: 'claims.test' })
    const own = objectFields('Claim').map(selectionOf).join(' ').replaceAll('child: ', '')
    const claim = async (limit: number) => {
      test.statements.length = 0
      const data = await test.data<unknown>(
        `mutation ($limit: Int!, $worker: String!) { claimJobs(limit: $limit, worker: $worker) {
          ... on ClaimJobsPayload { claims { parent: __typename ${own} } }
        } }`,
        { limit, worker: id },
      )
      expect(objectsIn(data).filter((one) => 'parent' in one)).toHaveLength(limit)
      return test.statements.filter((sql) => !background.test(sql)).length
    }
    const ten = await claim(10)
    expect(await claim(100)).toBe(ten)
  })

  it('reads every node that it meets again by its id, alone and among others, all of a type at once', async () => {
    const ids = new Map<string, Set<string>>(nodeTypes.map((type) => [type, new Set<string>()]))
    for (const { at, selection } of walks)
      for (const place of at)
        for (const { __typename, id } of objectsIn((await ask(place, 20, selection)).data))
          if (typeof id === 'string') ids.get(String(__typename))?.add(id)
    const reading = async (query: string, variables: Readonly<Record<string, unknown>>) => {
      test.statements.length = 0
      const data = await test.data<Readonly<Record<string, unknown>>>(query, variables)
      return { data, cost: test.statements.filter((sql) => !background.test(sql)).length }
    }
    for (const [type, met] of ids) {
      const wanted = [...met].map((id) => ({ __typename: type, id }))
      expect(wanted, `no ${type} was met`).not.toEqual([])
      const [first] = wanted
      const alone = await reading('query ($id: ID!) { node(id: $id) { __typename id } }', { id: first?.id })
      expect(alone.data).toEqual({ node: first })
      const all = await reading('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: [...met] })
      expect(all.data).toEqual({ nodes: wanted })
      expect(all.cost, type).toBe(alone.cost)
    }
  })
})
