import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize, parseRegister } from '#model/documents/job-spec.ts'
import { validateJob } from '#model/documents/job-spec-check.ts'
import type { JobSpecMode } from '#model/documents/job-spec-type.ts'
import { badInput, DomainError } from '#model/error.ts'
import { encodeGo } from '#model/go-json.ts'
import { documentedJob, sentGroup, sentJob, sentTask } from '../support/job-spec.ts'

const body = (job: unknown) => JSON.stringify({ Job: job })
const read = (job: unknown, mode: JobSpecMode = 'lenient') => parseRegister(body(job), null, mode).job
const filled = (job: unknown, mode: JobSpecMode = 'lenient') => canonicalize(read(job, mode), mode)
const taskOf = (job: unknown, mode: JobSpecMode = 'lenient') => filled(job, mode).TaskGroups?.[0]?.Tasks?.[0]
const withTask = (members: object) => sentJob({ TaskGroups: [sentGroup({ Tasks: [sentTask({ ...members })] })] })
const badRequest = (message: string) => badInput(message, { name: 'BAD_REQUEST' })

describe('parseRegister', () => {
  test.each([
    ['', 'EOF'],
    ['{"Job": ', 'unexpected EOF'],
    ['[]', 'json: cannot unmarshal array into Go value of type structs.JobRegisterRequest'],
    ['"a"', 'json: cannot unmarshal string into Go value of type structs.JobRegisterRequest'],
    ['null', 'Job must be specified'],
    ['{}', 'Job must be specified'],
    ['{"Job":null}', 'Job must be specified'],
    [JSON.stringify(sentJob()), 'Job must be specified'],
    ['{"Job":{}}', 'Job ID does not match'],
    [body(sentJob({ ID: 'x2' })), 'Job ID does not match'],
    [body(sentJob({ ID: 'X1' })), 'Job ID does not match'],
    [
      body(sentJob({ Priority: 50.5 })),
      'json: cannot unmarshal number 50.5 into Go struct field Job.Job.Priority of type int',
    ],
    [
      body(sentJob({ Priority: '50', ID: 'x2' })),
      'json: cannot unmarshal string into Go struct field Job.Job.Priority of type int',
    ],
    [
      body(withTask({ KillTimeout: '5s' })),
      'json: cannot unmarshal string into Go struct field Task.Job.TaskGroups.Tasks.KillTimeout of type time.Duration',
    ],
    [
      body(sentJob({ TaskGroups: [null] })),
      'json: cannot unmarshal null into Go struct field Job.Job.TaskGroups of type structs.TaskGroup',
    ],
    [
      '{"Job":{"ID":"x1"},"Region":7}',
      'json: cannot unmarshal number into Go struct field JobRegisterRequest.Region of type string',
    ],
    [body(sentJob({ Name: 'a\u0000b' })), 'Job holds a NUL character'],
    [body(sentJob({ Name: 'a'.repeat(501) })), 'Job holds an ID or name of more than 500 characters'],
    [body(withTask({ Services: [{ Name: 'a'.repeat(501) }] })), 'Job holds an ID or name of more than 500 characters'],
  ])('refuses %j', (text, message) => {
    expect(() => parseRegister(text, 'x1')).toThrow(badRequest(message))
  })

  test('reads the region beside the job, and null where it names none', () => {
    expect(parseRegister('{"Job":{"ID":"x1"},"region":"mars"}', 'x1').region).toBe('mars')
    expect(parseRegister('{"Job":{"ID":"x1"},"Region":""}', 'x1').region).toBeNull()
  })

  test.each([null, ''])('takes any ID where the path is %j', (pathId) => {
    expect(parseRegister(body(sentJob()), pathId).job.ID).toBe('x1')
  })

  test('takes lower-case keys and unknown fields, drops what is the server’s, ignores text after the body', () => {
    const lower = JSON.stringify({ job: sentJob() }).replace(/"(\w+)":/g, (key) => key.toLowerCase())
    const extra = sentJob({ Status: 'dead', StatusDescription: 'x', CreateIndex: 999, Nope: { a: 1 } })
    const { Meta: groupMeta, ...rest } = sentGroup()
    expect(parseRegister(lower, 'x1').job).toEqual(read(sentJob()))
    expect(parseRegister(`${body(extra)} garbage`, 'x1').job).toEqual(read(sentJob()))
    expect(read(sentJob({ TaskGroups: [rest] })).TaskGroups?.[0]?.Meta).toBeNull()
    expect(groupMeta).toEqual({ elb_mode: 'tcp' })
  })

  test('keeps 64-bit integers exact', () => {
    const text = body(sentJob()).replace('"Stagger":0', '"Stagger":9223372036854775807')
    const { job } = parseRegister(text, 'x1')
    expect(job.Update.Stagger).toBe(9_223_372_036_854_775_807n)
    expect(encodeGo(job)).toContain('"Update":{"Stagger":9223372036854775807,"MaxParallel":0}')
  })
})

describe('canonicalize', () => {
  test('brings a job out as v0.3.2 answers it: struct order, sorted maps, nulls', () => {
    expect(encodeGo(filled(sentJob(), 'strict'))).toBe(
      '{"Region":"global","ID":"x1","ParentID":"","Name":"x1","Type":"service","Priority":50,"AllAtOnce":false,' +
        '"Datacenters":["dc1"],"Constraints":null,"TaskGroups":[{"Name":"g1","Count":1,"Constraints":null,' +
        '"RestartPolicy":{"Attempts":0,"Interval":60000000000,"Delay":1000000000,"Mode":"fail"},' +
        '"Tasks":[{"Name":"t1","Driver":"raw_exec","User":"","Config":{"args":["600"],"command":"/bin/sleep"},' +
        '"Env":null,"Services":null,"Constraints":null,' +
        '"Resources":{"CPU":50,"MemoryMB":10,"DiskMB":300,"IOPS":0,"Networks":null},"Meta":null,' +
        '"KillTimeout":5000000000,"LogConfig":{"MaxFiles":1,"MaxFileSizeMB":1},"Artifacts":null}],' +
        '"Meta":{"elb_mode":"tcp"}}],"Update":{"Stagger":0,"MaxParallel":0},"Periodic":null,"Meta":{"foo":"bar"}}',
    )
  })

  test.each([
    ['service', { Attempts: 2, Interval: 60_000_000_000, Delay: 15_000_000_000, Mode: 'delay' }],
    ['system', { Attempts: 2, Interval: 60_000_000_000, Delay: 15_000_000_000, Mode: 'delay' }],
    ['batch', { Attempts: 15, Interval: 604_800_000_000_000, Delay: 15_000_000_000, Mode: 'delay' }],
    ['weird', null],
  ])('gives a %s job its restart policy', (Type, policy) => {
    const job = filled(sentJob({ Type, TaskGroups: [sentGroup({ RestartPolicy: null })] }), 'strict')
    expect(job.TaskGroups?.[0]?.RestartPolicy).toEqual(policy)
  })

  test('names services and checks', () => {
    const Services = [
      { Name: `\${BASE}-db`, Checks: [{ Type: 'tcp' }, { Name: 'mine', Type: 'tcp' }] },
      { Name: `\${JOB}.\${TASKGROUP}.\${TASK}.\${other}` },
      {},
    ]
    const named = (mode: JobSpecMode) => taskOf(withTask({ Services }), mode)?.Services?.map(({ Name }) => Name)
    expect(named('lenient')).toEqual(['x1-g1-t1-db', `x1.g1.t1.\${other}`, 'x1-g1-t1'])
    expect(named('strict')).toEqual(['x1-g1-t1-db', `x1.g1.t1.\${other}`, ''])
    const checks = taskOf(withTask({ Services }))?.Services?.[0]?.Checks?.map(({ Name }) => Name)
    expect(checks).toEqual(['service: "x1-g1-t1-db" check', 'mine'])
  })

  test('builds nothing large out of long names', () => {
    const Services = Array.from({ length: 2_000 }, () => ({ Name: `\${BASE}`.repeat(28), Checks: [{}] }))
    const job = { ...withTask({ Services }), Name: 'a'.repeat(500) }
    expect(encodeGo(filled(job)).length).toBeLessThan(4 * JSON.stringify(job).length)
  })

  test('keeps a KillTimeout that was given', () => {
    expect(taskOf(withTask({ KillTimeout: 1 }))?.KillTimeout).toBe(1)
    expect(taskOf(withTask({ KillTimeout: null }))?.KillTimeout).toBe(5_000_000_000)
  })

  test('fills what a 0.5 client leaves null, but only leniently', () => {
    const nulls = sentJob({
      Region: null,
      Type: null,
      Priority: null,
      TaskGroups: [
        sentGroup({ Count: null, Tasks: [sentTask({ Resources: { CPU: 500, MemoryMB: null }, LogConfig: null })] }),
      ],
    })
    expect(filled(nulls)).toMatchObject({ Region: 'global', Type: 'service', Priority: 50, TaskGroups: [{ Count: 1 }] })
    expect(taskOf(nulls)).toMatchObject({
      Resources: { CPU: 500, MemoryMB: 10, DiskMB: 0 },
      LogConfig: { MaxFiles: 10, MaxFileSizeMB: 10 },
    })
    expect(filled(nulls, 'strict')).toMatchObject({ Region: '', Type: '', Priority: 0, TaskGroups: [{ Count: 0 }] })
    expect(taskOf(nulls, 'strict')).toMatchObject({ Resources: { MemoryMB: 0 }, LogConfig: null })
    expect(taskOf(withTask({ Resources: null }))?.Resources).toMatchObject({ CPU: 100, MemoryMB: 10, DiskMB: 300 })
  })
})

describe("the document's own example", () => {
  test('registers leniently and comes back with every value that was sent', () => {
    const job = filled(documentedJob)
    expect(() => validateJob(job, 'lenient')).not.toThrow()
    const { Status, StatusDescription, CreateIndex, ModifyIndex, ...sent } = documentedJob
    expect(job).toMatchObject(sent)
    expect([Status, StatusDescription, CreateIndex, ModifyIndex]).toEqual(['', '', 14, 14])
  })

  test('is refused strictly, over resources, logs and the artifact of java', () => {
    const resources =
      '* 2 error(s) occurred:\n\n* minimum MemoryMB value is 10; got 0\n* minimum DiskMB value is 10; got 0'
    const message =
      'Task group 1 validation failed: 2 error(s) occurred:\n\n' +
      `* Task 1 validation failed: 2 error(s) occurred:\n\n${resources}\n* Missing Log Config\n` +
      `* Task 2 validation failed: 3 error(s) occurred:\n\n${resources}\n* Missing Log Config\n` +
      '* must specify at least one artifact when using "java" driver'
    expect(() => validateJob(filled(documentedJob, 'strict'), 'strict')).toThrow(
      badInput(`1 error(s) occurred:\n\n* ${message}`, { name: 'INVALID_JOB', faults: [{ path: [], message }] }),
    )
  })
})

describe('whatever is sent', () => {
  const anything = fc.jsonValue({ maxDepth: 2 })
  const text = fc.oneof(
    fc.constantFrom('', 'a', 'a b', `\${JOB}`, '../x', 'batch', 'system', 'cron', '* * * * *', '('),
    anything,
  )
  const task = fc.record(
    { Name: text, Driver: text, Config: anything, Services: anything, KillTimeout: anything, Resources: anything },
    { requiredKeys: [] },
  )
  const group = fc.record(
    { Name: text, Count: anything, Tasks: fc.array(task, { maxLength: 2 }), RestartPolicy: anything },
    { requiredKeys: [] },
  )
  const constraint = fc.record({ Operand: fc.constantFrom('', '=', 'regexp', 'version'), RTarget: fc.string() })
  const job = fc.record(
    {
      ID: text,
      Type: text,
      Priority: fc.oneof(fc.integer(), anything),
      Periodic: fc.oneof(fc.record({ Enabled: fc.boolean(), Spec: text, SpecType: text }), anything),
      Constraints: fc.array(constraint, { maxLength: 2 }),
      TaskGroups: fc.array(group, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )

  test('nothing but a DomainError is thrown, and filling defaults twice changes nothing', () => {
    fc.assert(
      fc.property(job, fc.constantFrom<JobSpecMode>('lenient', 'strict'), (sent, mode) => {
        try {
          const once = filled(sent, mode)
          expect(canonicalize(once, mode)).toEqual(once)
          validateJob(once, mode)
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError)
        }
      }),
    )
  })
})
