import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { manifest, queue, registerCommand } from '../support/factory.ts'
import { type GraphqlGateway, openGraphql } from '../support/graphql.ts'
import { onBothStores } from '../support/store.ts'

const bigNumber = '12345678901234567890'

onBothStores('GraphQL', (kind) => {
  let test: GraphqlGateway

  beforeAll(async () => {
    test = await openGraphql(kind)
  })
  afterAll(() => test.close())

  it('takes a job from registration to its log and output', async () => {
    const directory = join(test.directory, 'texts')
    mkdirSync(directory)
    writeFileSync(join(directory, 'a.txt'), 'three small words\n')
    const { registerWorkspace } = await test.data<{ registerWorkspace: object }>(
      `mutation ($directory: String!) {
        registerWorkspace(input: { name: "texts", directory: $directory }) {
          ... on RegisterWorkspacePayload { workspace { name isActive } }
        }
      }`,
      { directory },
    )
    expect(registerWorkspace).toEqual({ workspace: { name: 'texts', isActive: true } })
    const { registerFile } = await test.data<{ registerFile: { file: { id: string; number: number } } }>(
      `mutation { registerFile(input: { workspace: "texts", path: "a.txt" }) {
        ... on RegisterFilePayload { file { id number size mediaType workspace { name } } }
      } }`,
    )
    expect(registerFile.file).toMatchObject({ size: 18, mediaType: 'text/plain', workspace: { name: 'texts' } })
    const { registerJobType } = await test.data<{ registerJobType: { jobType: { id: string } } }>(
      `mutation ($manifest: JSON!) { registerJobType(input: { dockerImage: "reg.test/count:1", manifest: $manifest }) {
        ... on RegisterJobTypePayload { isNew warnings { name } jobType { id name version revisionNumber } }
      } }`,
      { manifest: countManifest },
    )
    expect(registerJobType).toMatchObject({
      isNew: true,
      warnings: [],
      jobType: { name: 'count', version: '1.0.0', revisionNumber: 1 },
    })
    const { queueJob } = await test.data<{ queueJob: { job: { id: string; number: number } } }>(
      `mutation ($input: QueueJobInput!) { queueJob(input: $input) { ... on QueueJobPayload { job { id number status } } } }`,
      { input: { jobType: registerJobType.jobType.id, files: [{ inputName: 'TEXT', files: [registerFile.file.id] }] } },
    )
    expect(queueJob.job).toMatchObject({ status: 'QUEUED' })
    await work()
    const { job } = await test.data<{ job: unknown }>(wholeJob, { number: queueJob.job.number })
    expect(job).toMatchObject({
      id: queueJob.job.id,
      status: 'COMPLETED',
      rawStatus: 'COMPLETED',
      canCancel: false,
      canRequeue: false,
      type: { name: 'count' },
      revision: { number: 1, manifest: countManifest },
      inputFiles: [{ inputName: 'TEXT', position: 0, file: { id: registerFile.file.id } }],
      event: { type: 'USER' },
      computeNode: { hostname: 'far.test' },
      latestExecution: {
        number: 1,
        status: 'COMPLETED',
        exitCode: 0,
        logStreams: [
          { name: 'stdout', lineCount: 2, size: 14 },
          { name: 'stderr', lineCount: 1 },
        ],
        logLines: {
          totalCount: 3,
          edges: [
            { node: { order: 1, stream: 'stdout', text: 'first', byteOffset: 0, byteLength: 6 } },
            { node: { order: 2, stream: 'stderr', text: 'careful', byteOffset: 0, byteLength: 8 } },
            { node: { order: 3, stream: 'stdout', text: 'third ü', byteOffset: 6, byteLength: 8 } },
          ],
        },
      },
      executions: { totalCount: 1, edges: [{ node: { number: 1 } }] },
    })
    expect(test.bugs).toEqual([])
  })

  /** Runs the next job as a worker of another machine would. */
  async function work(): Promise<void> {
    const { registerWorker } = await test.data<{ registerWorker: { worker: { uuid: string } } }>(
      `mutation { registerWorker(name: "far", hostname: "far.test") {
        ... on RegisterWorkerPayload { worker { uuid name computeNode { hostname } } }
      } }`,
    )
    const worker = registerWorker.worker.uuid
    const { claimJobs } = await test.data<{
      claimJobs: { claims: { token: string; execution: { id: string }; job: { status: string } }[] }
    }>(
      `mutation ($worker: String!) { claimJobs(worker: $worker, limit: 1) {
        ... on ClaimJobsPayload { leaseSeconds claims { token execution { id status } job { status } } }
      } }`,
      { worker },
    )
    const [claim] = claimJobs.claims
    if (claim === undefined) throw new Error('nothing was claimed')
    expect(claim).toMatchObject({ execution: { status: 'RUNNING' }, job: { status: 'RUNNING' } })
    const lease = { execution: claim.execution.id, token: claim.token }
    const at = '2026-02-03T04:05:06.789Z'
    const { appendLog } = await test.data<{ appendLog: object }>(
      `mutation ($lease: LeaseInput!, $lines: [LogLineInput!]!) { appendLog(lease: $lease, lines: $lines) {
        ... on AppendLogPayload { lastOrder }
      } }`,
      {
        lease,
        lines: [
          { stream: 'stdout', text: 'first', at },
          { stream: 'stderr', text: 'careful', at },
          { stream: 'stdout', text: 'third ü', at, isWhole: false },
        ],
      },
    )
    expect(appendLog).toEqual({ lastOrder: 3 })
    const beat = await test.data<object>(
      `mutation ($worker: String!, $executions: [ID!]!) { heartbeat(worker: $worker, executions: $executions) {
        ... on HeartbeatPayload { held { id } lost { id } }
      } }`,
      { worker, executions: [claim.execution.id] },
    )
    expect(beat).toEqual({ heartbeat: { held: [{ id: claim.execution.id }], lost: [] } })
    const report = `mutation ($lease: LeaseInput!, $outcome: OutcomeInput!) {
      reportOutcome(lease: $lease, outcome: $outcome) {
        __typename ... on Error { code } ... on ReportOutcomePayload { execution { status } }
      }
    }`
    const outcome = { completed: { output: { json: { words: 3 } } } }
    expect(await test.data<object>(report, { lease, outcome })).toEqual({
      reportOutcome: { __typename: 'ReportOutcomePayload', execution: { status: 'COMPLETED' } },
    })
    expect(await test.data<object>(report, { lease, outcome })).toEqual({
      reportOutcome: { __typename: 'StaleLeaseError', code: 'STALE_LEASE' },
    })
  }

  it('cancels by filter and queues again', async () => {
    const type = await registerCommand(test, 'idle', 'true')
    const jobs = [await queue(test, type), await queue(test, type), await queue(test, type)]
    const ids = jobs.slice(0, 2).map(({ id }) => Buffer.from(`QueuedJob:${id}`).toString('base64'))
    const cancel = `mutation ($filter: JobFilter!) { cancelJobs(filter: $filter) { ... on CancelJobsPayload { changed isOngoing } } }`
    expect(await test.data(cancel, { filter: { ids } })).toEqual({ cancelJobs: { changed: 2, isOngoing: false } })
    const requeue = `mutation ($filter: JobFilter!) {
      requeueJobs(filter: $filter, priority: 7) { ... on RequeueJobsPayload { changed isOngoing } }
    }`
    expect(await test.data(requeue, { filter: { ids: ids.slice(0, 1) } })).toEqual({
      requeueJobs: { changed: 1, isOngoing: false },
    })
    const { jobs: page } = await test.data<{ jobs: { edges: { node: object }[] } }>(
      `{ jobs(filter: { jobTypeNames: ["idle"] }, orderBy: { direction: ASC }) {
        edges { node { status priority ... on QueuedJob { timesQueued } } }
      } }`,
    )
    expect(page.edges.map(({ node }) => node)).toMatchObject([
      { status: 'QUEUED', priority: 7, timesQueued: 2 },
      { status: 'CANCELED' },
      { status: 'QUEUED', timesQueued: 1 },
    ])
  })

  it('answers what a caller did wrong as data, with its place', async () => {
    const answer = (mutation: string, variables?: Readonly<Record<string, unknown>>) =>
      test.data<Record<string, object>>(mutation, variables).then((data) => Object.values(data)[0])
    const error = '{ __typename ... on Error { code message path } ... on InvalidInputError { name } }'
    const bad = await answer(
      `mutation { registerJobType(input: { dockerImage: "x", manifest: { seedVersion: "9" } }) ${error} }`,
    )
    expect(bad).toMatchObject({
      __typename: 'InvalidInputError',
      code: 'BAD_USER_INPUT',
      path: ['input', 'manifest', 'job'],
    })
    const image = `mutation ($m: JSON!, $i: String!) { registerJobType(input: { dockerImage: $i, manifest: $m }) ${error} }`
    expect(await answer(image, { m: countManifest, i: 'x'.repeat(501) })).toMatchObject({
      path: ['input', 'dockerImage'],
    })
    const edited = `mutation { editJobType(name: "nobody", version: "1.0.0", input: { maxScheduled: -1 }) ${error} }`
    expect(await answer(edited)).toMatchObject({
      message: 'maxScheduled must not be negative',
      path: ['input', 'maxScheduled'],
    })
    const unknown = Buffer.from('JobType:999').toString('base64')
    expect(await answer(`mutation { queueJob(input: { jobType: "${unknown}" }) ${error} }`)).toMatchObject({
      __typename: 'NotFoundError',
      message: `There is no job type of queued jobs with the id '${unknown}'.`,
      path: ['input', 'jobType'],
    })
    expect(await answer(`mutation { queueJob(input: { jobType: "Sm9iOjE=" }) ${error} }`)).toMatchObject({
      __typename: 'InvalidInputError',
      path: ['input', 'jobType'],
    })
    const type = await registerCommand(test, 'placed', 'true', {
      contract: { inputs: { files: [{ name: 'TEXT', required: false }], json: [{ name: 'FROM', type: 'string' }] } },
    })
    const queued = (input: object) =>
      answer(`mutation ($input: QueueJobInput!) { queueJob(input: $input) ${error} }`, {
        input: { jobType: Buffer.from(`JobType:${type.id}`).toString('base64'), ...input },
      })
    const file = Buffer.from('WorkspaceFile:1').toString('base64')
    const twoTexts = [{ inputName: 'TEXT', files: [file, file] }]
    for (const [input, path] of [
      [{ data: {} }, ['data', 'json', 'FROM']],
      [{ data: { json: { FROM: 5 } } }, ['data', 'json', 'FROM']],
      [{ data: { json: { FROM: '' }, more: 1 } }, ['data', 'more']],
      [{ data: { files: { TEXT: 1 } } }, ['data', 'files', 'TEXT']],
      [{ data: 'text' }, ['data']],
      [{ data: { json: { FROM: '' } }, files: twoTexts }, ['files', '0', 'files']],
      [{ data: { json: { FROM: '' } }, configuration: { priority: 0 } }, ['configuration', 'priority']],
    ] as const)
      expect(await queued(input)).toMatchObject({ __typename: 'InvalidInputError', path: ['input', ...path] })
    const configured = `mutation ($m: JSON!, $c: JSON!) { registerJobType(input: { dockerImage: "x", manifest: $m, configuration: $c }) ${error} }`
    const changed = `mutation ($c: JSON!) { editJobType(name: "placed", version: "1.0.0", input: { configuration: $c }) ${error} }`
    for (const mutation of [configured, changed])
      expect(
        await answer(mutation, { ...(mutation === configured && { m: countManifest }), c: { priority: 0 } }),
      ).toMatchObject({
        path: ['input', 'configuration', 'priority'],
      })
    expect(await answer(`mutation { registerFile(input: { workspace: "none", path: "a" }) ${error} }`)).toMatchObject({
      __typename: 'NotFoundError',
      path: ['input', 'workspace'],
    })
    expect(await answer(`mutation { claimJobs(worker: "7", limit: 1) ${error} }`)).toMatchObject({
      __typename: 'InvalidInputError',
      message: "'7' is not the uuid of a worker that this API gave.",
      path: ['worker'],
    })
    const nobody = '00000000-0000-4000-8000-000000000000'
    expect(await answer(`mutation { claimJobs(worker: "${nobody}", limit: 1) ${error} }`)).toMatchObject({
      __typename: 'NotFoundError',
      message: `There is no worker ${nobody}.`,
      path: ['worker'],
    })
    const strange = `mutation { appendLog(lease: { execution: "Sm9iRXhlY3V0aW9uOjE=", token: "7" }, lines: []) ${error} }`
    expect(await answer(strange)).toMatchObject({
      message: "'7' is not the token of a lease that this API gave.",
      path: ['lease', 'token'],
    })
    const lease = { execution: Buffer.from('JobExecution:1').toString('base64'), token: nobody }
    const report = `mutation ($lease: LeaseInput!) {
      reportOutcome(lease: $lease, outcome: { completed: { output: { files: { OUT: [] } } } }) ${error} }`
    expect(await answer(report, { lease })).toMatchObject({
      path: ['outcome', 'completed', 'output', 'files', 'OUT'],
    })
    expect(await answer(`mutation { requeueJobs(filter: {}, priority: -1) ${error} }`)).toMatchObject({
      path: ['priority'],
    })
    expect(test.bugs).toEqual([])
  })

  it('reads every object again by the id that it gave', async () => {
    const { data } = await test.ask(
      `{ jobs { edges { node { id type { id } revision { id } ... on QueuedJob { event { id } inputFiles { file { id workspace { id } } } }
        computeNode { id } latestExecution { id } } } } }`,
    )
    const ids = [...new Set(JSON.stringify(data).match(/(?<="id":")[^"]+/g))]
    expect(ids.length).toBeGreaterThan(8)
    const { nodes } = await test.data<{ nodes: { id: string; __typename: string }[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }',
      { ids },
    )
    expect(nodes.map(({ id }) => id)).toEqual(ids)
    for (const { id, __typename } of nodes) expect(Buffer.from(id, 'base64').toString()).toMatch(`${__typename}:`)
    const missing = Buffer.from('QueuedJob:999999').toString('base64')
    expect(await test.data('query ($id: ID!) { node(id: $id) { id } }', { id: missing })).toEqual({ node: null })
  })

  it('keeps every digit of a big integer, as a variable, as a literal and in the answer', async () => {
    const body = `{"query":"mutation ($m: JSON!) { registerJobType(input: { dockerImage: \\"x\\", manifest: $m, configuration: {settings: {}} }) { __typename ... on RegisterJobTypePayload { jobType { manifest } } ... on Error { message } } }","variables":{"m":${JSON.stringify(
      manifest('digits', '1.0.0', {
        interface: { command: 'true', inputs: { json: [{ name: 'N', type: 'integer' }] } },
      }),
    )}}}`
    const headers = { 'content-type': 'application/json' }
    const registered = await test.fetch('/graphql', { method: 'POST', headers, body })
    expect(registered.data).toMatchObject({ registerJobType: { __typename: 'RegisterJobTypePayload' } })
    const { jobType } = await test.data<{ jobType: { id: string } }>(
      '{ jobType(name: "digits", version: "1.0.0") { id } }',
    )
    const mutation = (input: string) =>
      `mutation ${input.includes('$v') ? '($v: JSON)' : ''} { queueJob(input: { jobType: "${jobType.id}", data: ${input} }) { ... on QueueJobPayload { job { input } } ... on Error { message } } }`
    const asVariable = await test.fetch('/graphql', {
      method: 'POST',
      headers,
      body: `{"query":${JSON.stringify(mutation('$v'))},"variables":{"v":{"json":{"N":${bigNumber}}}}}`,
    })
    expect(asVariable.text).toContain(`"N":${bigNumber}`)
    const asLiteral = await test.ask(mutation(`{ json: { N: ${bigNumber} } }`))
    expect(asLiteral.text).toContain(`"N":${bigNumber}`)
    const nested = await test.ask(mutation('{ json: { N: $v } }'), { v: 41 })
    expect(nested.text).toContain('"N":41')
  })

  it('keeps them over a WebSocket too', async () => {
    const events = test.socketClient().iterate<{ jobs: { edges: { node: { input: unknown } }[] } }>({
      query:
        '{ jobs(first: 1, filter: { jobTypeNames: ["digits"] }, orderBy: { direction: ASC }) { edges { node { ... on QueuedJob { input } } } } }',
    })
    const { value } = await events.next()
    // JSON.parse of the client rounds; what matters is that the value arrived as a number of that size.
    expect(Number(value?.data?.jobs.edges[0]?.node && JSON.stringify(value).match(/"N":(\d+)/)?.[1])).toBe(
      Number(bigNumber),
    )
    await events.return?.()
  })
})

const countManifest = manifest('count', '1.0.0', {
  interface: {
    command: 'wc -w',
    inputs: { files: [{ name: 'TEXT', mediaTypes: ['text/plain'] }] },
    outputs: { json: [{ name: 'words', type: 'integer' }] },
  },
})

const wholeJob = `query ($number: SafeInt) {
  job(number: $number) {
    id status rawStatus canCancel canRequeue createdAt modifyIndex
    type { name }
    revision { number manifest }
    computeNode { hostname }
    ... on QueuedJob {
      output event { type }
      inputFiles { inputName position file { id } }
    }
    latestExecution {
      number status exitCode
      logStreams { name lineCount size }
      logLines(first: 10) { totalCount edges { node { order stream text byteOffset byteLength } } }
    }
    executions { totalCount edges { node { number } } }
  }
}`
