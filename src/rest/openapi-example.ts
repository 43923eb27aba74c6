/** The documents' examples as OpenAPI shows them: a body that several operations show stands once, and they refer to it. */
import { type Json, type JsonObject, toJson } from '#model/json.ts'
import type { Surface } from './route.ts'

type Place = 'request' | 'response'

/** What a media type shows of an operation's example, by its id; without one it is empty. */
export type ShownExamples = { readonly [place in Place]: (id: string) => JsonObject } & {
  /** The members of `#/components/examples`, by name: each has that of the operation with the shortest id that shows it. */
  readonly shared: JsonObject
}

/** Gathers what the surfaces' operations show. */
export function collectExamples<C>(surfaces: readonly Surface<C>[]): ShownExamples {
  const all = surfaces.flatMap(({ routes, examples = {} }) =>
    routes.flatMap(({ id }) => placesOf(id, examples[id] ?? {})),
  )
  const byText = Map.groupBy(all.sort(byName), ({ value }) => toJson(value))
  const shared = [...byText.values()].flatMap(([first, ...others]) =>
    first === undefined || others.length === 0 ? [] : [[first.name, { value: first.value }] as const],
  )
  const shown = new Map(
    [...byText.values()].flatMap((same) =>
      same.map(({ name, value }): [string, JsonObject] => [
        name,
        same.length > 1 ? refer(same[0]?.name) : { example: value },
      ]),
    ),
  )
  const find = (place: Place) => (id: string) => shown.get(nameOf(id, place)) ?? {}
  return {
    request: find('request'),
    response: find('response'),
    shared: Object.fromEntries(shared.sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

type Shown = { readonly name: string; readonly value: Json }

function placesOf(id: string, example: { readonly [place in Place]?: Json }): Shown[] {
  const places: readonly Place[] = ['request', 'response']
  return places.flatMap((place) => {
    const value = example[place]
    return value === undefined ? [] : [{ name: nameOf(id, place), value }]
  })
}

function byName({ name: one }: Shown, { name: other }: Shown): number {
  return one.length - other.length || (one < other ? -1 : 1)
}

function nameOf(id: string, place: Place): string {
  return `${id}${place === 'request' ? 'Request' : 'Response'}`
}

function refer(name = ''): JsonObject {
  return { examples: { documented: { $ref: `#/components/examples/${name}` } } }
}
