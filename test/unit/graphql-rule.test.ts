import { buildSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '#schema/index.ts'
import { partsOf, rules, unreachable } from '../support/schema-rule.ts'

/** Parts that break a rule, each with its reason. */
const allowed: Readonly<Record<string, string>> = {
  JSON: 'The scalar has the name that tools know it by.',
  FileType: 'The enum of the field `fileType`, which the Scale v6 documents name so.',
  JobType: 'A thing of the domain, not a kind of type.',
  RecipeType: 'A thing of the domain, not a kind of type.',
}

/** A schema in which every rule is broken once. */
const bad = buildSchema(`
  type Query { getX(Big: Int): badType, thing: ThingUnion, y(one: Wrong): JobInput, node: Node, color: Color }
  type badType { badTypeName: Int, done: Boolean! }
  type JobInput { a: Int }
  input Wrong { a: Int }
  union ThingUnion = JobInput
  interface Node { id: ID }
  type Lonely { a: Int }
  enum Color { red }
`)

describe.each(Object.entries(rules))('The schema %s', (_, breaks) => {
  it('and so is found at fault where it does not', () => {
    expect(partsOf(bad).filter(breaks)).not.toEqual([])
  })

  it('throughout, but for exceptions with a reason', () => {
    const found = partsOf(schema).filter(breaks)
    expect(found.map(({ path }) => path).filter((path) => allowed[path] === undefined)).toEqual([])
  })
})

it('needs each of the exceptions', () => {
  const broken = new Set(
    Object.values(rules)
      .flatMap((breaks) => partsOf(schema).filter(breaks))
      .map(({ path }) => path),
  )
  expect(Object.keys(allowed).filter((path) => !broken.has(path))).toEqual([])
})

it('leads from its roots to every type', () => {
  expect(unreachable(bad)).toEqual(['Lonely'])
  expect(unreachable(schema)).toEqual([])
})
