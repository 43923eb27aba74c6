import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sdl } from '#schema/index.ts'
import { breachesBetween, lastRelease } from '../support/schema-change.ts'

/** Breaking changes since the last release that are meant: `{ "path", "reason" }`; a release empties the list. */
const meant: readonly { readonly path: string; readonly reason: string }[] = JSON.parse(
  readFileSync(new URL('schema-change.json', import.meta.url), 'utf8'),
)

const before = `
  type Query { job(id: ID!): Job jobs(first: Int): [Job!]! }
  type Job { id: ID! name: String status: Status! }
  enum Status { QUEUED RUNNING }
`

it('finds what breaks an operation', async () => {
  const after = `
    type Query { job(id: ID!, family: String!): Job }
    type Job { id: ID name: String }
    enum Status { QUEUED }
  `
  const paths = (await breachesBetween(before, after)).map(({ path }) => path)
  expect(paths).toEqual(['Job.id', 'Job.status', 'Query.job.family', 'Query.jobs', 'Status.RUNNING'])
})

it('finds nothing in what breaks none', async () => {
  const after = `
    "What the graph answers."
    type Query { jobs(first: Int, after: String): [Job!]! job(id: ID!): Job }
    type Job { id: ID! name: String! status: Status! title: String }
    enum Status { QUEUED RUNNING FAILED }
  `
  expect(await breachesBetween(before, after)).toEqual([])
})

const release = await lastRelease()

it.skipIf(release === null)(
  release === null
    ? 'breaks nothing since the last release (skipped: no git here, or no tag with a schema)'
    : `breaks nothing since ${release.tag} but what is meant`,
  async () => {
    const breaches = await breachesBetween(release?.schema ?? '', sdl)
    const reasons = new Map(meant.map(({ path, reason }) => [path, reason]))
    expect(breaches.filter(({ path }) => (reasons.get(path) ?? '').length < 10)).toEqual([])
    const broken = new Set(breaches.map(({ path }) => path))
    expect(meant.filter(({ path }) => !broken.has(path))).toEqual([])
  },
)
