import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isObject, type Json } from '#model/json.ts'
import { diffJson, type JsonChange } from '#model/json-diff.ts'

const named = (value: fc.Arbitrary<Json>) =>
  fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value }), {
    selector: ({ name }) => name,
    maxLength: 5,
  })

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1, '', 'x', 9_007_199_254_740_993n),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '~', '/', '', '~1', '0', '__proto__'), tie('json'), {
      noNullPrototype: true,
    }),
    named(tie('json')),
  ),
}))

/** Removals from the last, additions from the shallowest, then values: what the paths of a difference promise. */
function applied(document: Json, changes: readonly JsonChange[]): unknown {
  const holder: Record<string, unknown> = { root: structuredClone(document) }
  const depth = ({ path }: JsonChange) => path.split('/').length
  const ofKind = (kind: JsonChange['kind']) => changes.filter((change) => change.kind === kind)
  for (const change of ofKind('REMOVED').toReversed()) edit(holder, change)
  for (const change of ofKind('ADDED').toSorted((a, b) => depth(a) - depth(b))) edit(holder, change)
  for (const change of ofKind('CHANGED')) edit(holder, change)
  return holder.root
}

function edit(holder: object, { path, kind, to }: JsonChange): void {
  const steps = ['root', ...path.split('/').slice(1)].map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop() ?? ''
  const parent: unknown = steps.reduce<unknown>((at, step) => Object.getOwnPropertyDescriptor(at, step)?.value, holder)
  if (Array.isArray(parent)) parent.splice(Number(last), kind === 'ADDED' ? 0 : 1, ...(kind === 'REMOVED' ? [] : [to]))
  else if (!isObject(parent)) throw new Error(`nothing holds ${path}`)
  else if (kind === 'REMOVED') Reflect.deleteProperty(parent, last)
  else Object.defineProperty(parent, last, { value: to, writable: true, enumerable: true, configurable: true })
}

it('makes the earlier document into the later', () => {
  const check = (from: Json, to: Json) => {
    expect(applied(from, diffJson(from, to))).toEqual(to)
  }
  fc.assert(fc.property(json, json, check), { numRuns: 2_000 })
  fc.assert(fc.property(named(json), named(json), check), { numRuns: 1_000 })
})

it('finds nothing between a document and its copy', () => {
  fc.assert(
    fc.property(json, (document) => {
      expect(diffJson(document, structuredClone(document))).toEqual([])
    }),
  )
})

it('matches named members by name, and others by place', () => {
  const group = (Name: string, Count: number) => ({ Name, Count })
  expect(diffJson({ Groups: [group('a', 1), group('b', 1)] }, { Groups: [group('c', 1), group('b', 2)] })).toEqual([
    { path: '/Groups/0', kind: 'REMOVED', from: group('a', 1), to: null },
    { path: '/Groups/1/Count', kind: 'CHANGED', from: 1, to: 2 },
    { path: '/Groups/0', kind: 'ADDED', from: null, to: group('c', 1) },
  ])
  const swapped = [group('b', 1), group('a', 1)]
  expect(diffJson(swapped.toReversed(), swapped)).toMatchObject([{ path: '', kind: 'CHANGED' }])
  expect(diffJson({ 'a/b~': [1, 2] }, { 'a/b~': [1, 3, 4] })).toEqual([
    { path: '/a~1b~0/1', kind: 'CHANGED', from: 2, to: 3 },
    { path: '/a~1b~0/2', kind: 'ADDED', from: null, to: 4 },
  ])
})
