import { expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { surfaces } from '#rest/surfaces.ts'
import { operations } from '../documents/operations.ts'
import { asObject, described, documented, documentValidator, escaped } from '../support/documented.ts'
import { missingExamples } from './openapi-example.ts'

/**
 * Where a document shows another kind of value than is ever answered, by operation and place. Each operation's
 * description says so.
 */
const departures: Readonly<Record<string, { readonly place: string; readonly why: string }>> = {
  getNomadJob: { place: '/Status', why: 'the document shows a job that has no status yet; ours has one at once' },
  getScaleRevision: { place: '/manifest', why: 'the document shows an empty text for what it elsewhere calls JSON' },
}

/** The same schemas with nothing required: a document's example may leave members out. */
function withoutRequired(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutRequired)
  if (!isObject(value)) return value
  const members = Object.entries(value).filter(([key, member]) => !(key === 'required' && Array.isArray(member)))
  return Object.fromEntries(members.map(([key, member]) => [key, withoutRequired(member)]))
}

const ajv = documentValidator().addSchema(
  asObject(withoutRequired({ ...documented, components: { ...asObject(documented.components), examples: {} } })),
  'shown',
)

type Place = 'request' | 'response'
type Shown = {
  readonly id: string
  readonly place: Place
  readonly pointer: string
  readonly example: Json | undefined
}

/** Every body of an operation that is JSON, with the example that the document shows for it. */
function bodiesOf(id: string): Shown[] {
  const { pointer, operation } = described.get(id) ?? { pointer: '', operation: {} }
  const responses = Object.entries(asObject(operation.responses)).filter(([status]) => status.startsWith('2'))
  const bodies: [Place, string, JsonObject][] = [
    ['request', `${pointer}/requestBody`, asObject(operation.requestBody)],
    ...responses.map(([status, response]): [Place, string, JsonObject] => [
      'response',
      `${pointer}/responses/${status}`,
      asObject(response),
    ]),
  ]
  return bodies.flatMap(([place, at, { content }]) => {
    const media = asObject(content)['application/json']
    const found = `${at}/content/${escaped('application/json')}/schema`
    return isObject(media) ? [{ id, place, pointer: found, example: exampleOf(media) }] : []
  })
}

function exampleOf({ example, examples }: JsonObject): Json | undefined {
  const reference = asObject(asObject(examples).documented).$ref
  if (typeof reference !== 'string') return example
  const named = asObject(asObject(documented.components).examples)
  return asObject(named[reference.split('/').at(-1) ?? '']).value
}

const bodies = [...described.keys()].flatMap(bodiesOf)
const shown = bodies.filter(({ example }) => example !== undefined)

test.each(shown)('$id shows in its $place what the schema allows', ({ id, pointer, example }) => {
  const check = ajv.compile({ $ref: `shown#${encodeURI(pointer)}` })
  check(example)
  const departure = departures[id]
  expect((check.errors ?? []).map(({ instancePath }) => instancePath)).toEqual(departure ? [departure.place] : [])
})

test.each(Object.entries(departures))('%s says in its description where its document differs', (id, { place }) => {
  expect(described.get(id)?.operation.description).toContain(place.slice(1))
})

test('every example of a surface reaches the document as it stands', () => {
  const kept = new Map(shown.map(({ id, place, example }) => [`${id} ${place}`, JSON.stringify(example)]))
  for (const { examples = {} } of surfaces)
    for (const [id, { request, response }] of Object.entries(examples))
      for (const [place, body] of Object.entries({ request, response }))
        if (body !== undefined) expect(kept.get(`${id} ${place}`), id).toBe(JSON.stringify(body))
})

test('a body that several operations show stands once', () => {
  const texts = Object.values(asObject(asObject(documented.components).examples)).map((one) => JSON.stringify(one))
  expect(new Set(texts).size).toBe(texts.length)
  const referred = [...JSON.stringify(documented.paths).matchAll(/#\/components\/examples\/(\w+)/g)].map(
    ([, name]) => name,
  )
  expect([...new Set(referred)].sort()).toEqual(Object.keys(asObject(asObject(documented.components).examples)))
  expect(referred.length).toBeGreaterThan(texts.length)
})

test('only what is listed with its reason shows no example', () => {
  const withOne = new Set(shown.map(({ id, place }) => `${id} ${place}`))
  const without = bodies.map(({ id, place }) => `${id} ${place}`).filter((one) => !withOne.has(one))
  const listed = Object.entries(missingExamples).flatMap(([, ids]) => ids)
  expect([...new Set(without)].sort()).toEqual(listed.toSorted())
})

test('the documented operations show as many examples as their documents do', () => {
  const ids = new Map(surfaces.flatMap(({ routes }) => routes.map((route) => [keyOf(route), route.id])))
  const documentedIds = operations.map((operation) => ids.get(keyOf(operation)))
  const count = (place?: Place) =>
    documentedIds.filter((id) => shown.some((one) => one.id === id && (place === undefined || one.place === place)))
      .length
  expect({
    operations: documentedIds.length,
    any: count(),
    request: count('request'),
    response: count('response'),
  }).toEqual({
    operations: 59,
    any: 37,
    request: 11,
    response: 31,
  })
})

function keyOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path.replace(/\{\w+\}/g, '{}').replace(/(?<=.)\/$/, '')}`
}
