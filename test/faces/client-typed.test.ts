import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sdl } from '#schema/index.ts'
import { readCookbook } from '../../src/edge/cookbook.ts'
import { registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { root } from '../support/sources.ts'
import { generateClient, type TypedClient } from '../support/typed-client.ts'

/** A program as a user would write it: typed documents, and a client that knows them. */
const program = `import { GraphQLClient } from 'graphql-request'
import { FailedJobsDocument, OneJobDocument, QueueJobDocument } from './client.ts'
import type { JobStatus } from './schema.ts'

const client = new GraphQLClient(process.argv[2] ?? '')
const { queueJob } = await client.request(QueueJobDocument, { jobType: process.argv[3] ?? '', data: { json: {}, files: {} } })
if (!('job' in queueJob)) throw new Error(queueJob.code + ': ' + queueJob.message)
const id: string = queueJob.job.id
const number: number = queueJob.job.number
const { job } = await client.request(OneJobDocument, { id })
const status: JobStatus | undefined = job?.status
const { jobs } = await client.request(FailedJobsDocument, { filter: { statuses: ['FAILED'] } })
console.log(JSON.stringify({ number, status, name: job?.type.name, failed: jobs.totalCount }))
`

describe('A client generated from the schema and the cookbook', () => {
  let test: GraphqlGateway
  let client: TypedClient
  beforeAll(async () => {
    test = await openGraphql('pglite')
    const cookbook = readCookbook(readFileSync(join(root, 'docs/cookbook.md'), 'utf8'))
    client = await generateClient(
      sdl,
      cookbook.map(({ query }) => query),
    )
  })
  afterAll(async () => {
    client.remove()
    await test.close()
  })

  it('has types that the compiler takes', { timeout: 60_000 }, () => {
    expect(client.check(program)).toBe('')
  })

  it.each([
    ['a status that is none', `statuses: ['FAILED']`, `statuses: ['BROKEN']`],
    ['a variable left out', '{ id })', '{})'],
    ['a field that was not asked for', 'job?.type.name', 'job?.type.iconCode'],
    ['a payload that may be an error', `if (!('job' in queueJob)) throw new Error(`, 'void ('],
    ['null that is not looked at', 'job?.status', 'job.status'],
    ['a number taken for a text', 'const number: number', 'const number: string'],
  ])('refuses %s', { timeout: 60_000 }, (_what, right, wrong) => {
    expect(program).toContain(right)
    expect(client.check(program.replace(right, wrong))).toMatch(/^program\.ts\(\d+,\d+\): error TS/)
  })

  it('runs', async () => {
    await registerCommand(test, 'typed', 'true')
    const { jobType } = await test.data<{ jobType: { id: string } }>(
      '{ jobType(name: "typed", version: "1.0.0") { id } }',
    )
    expect(JSON.parse(await client.run(program, [test.url, jobType.id]))).toEqual({
      number: 1,
      status: 'QUEUED',
      name: 'typed',
      failed: 0,
    })
    expect(test.bugs).toEqual([])
  })
})
