import { expect, test } from 'vitest'
import { canonicalize, parseRegister } from '#model/documents/job-spec.ts'
import { changeOf } from '#model/documents/job-spec-change.ts'
import { sentGroup, sentJob, sentTask } from '../support/job-spec.ts'

const read = (job: unknown) => canonicalize(parseRegister(JSON.stringify({ Job: job }), null).job, 'lenient')
const withGroup = (members: object) => sentJob({ TaskGroups: [sentGroup({ ...members })] })
const withTask = (members: object) => withGroup({ Tasks: [sentTask({ ...members })] })
const withResources = (members: object) =>
  withTask({ Resources: { CPU: 50, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null, ...members } })
const withPorts = (members: object) => withResources({ Networks: [{ MBits: 1, ...members }] })
const before = read(sentJob())

test('the same job changes nothing', () => {
  expect(changeOf(before, read(sentJob()), 'g1')).toBe('none')
})

test.each([
  ['count', withGroup({ Count: 3 })],
  ['meta of the job', sentJob({ Meta: { foo: 'baz' } })],
  ['meta of the group', withGroup({ Meta: {} })],
  ['priority', sentJob({ Priority: 51 })],
  ['constraints', withTask({ Constraints: [{ LTarget: 'a', RTarget: 'b', Operand: '=' }] })],
  ['restart policy', withGroup({ RestartPolicy: { Attempts: 1, Mode: 'fail' } })],
  ['KillTimeout', withTask({ KillTimeout: 1 })],
  ['logs', withTask({ LogConfig: { MaxFiles: 2, MaxFileSizeMB: 1 } })],
  ['services', withTask({ Services: [{ Name: 'web' }] })],
  ['an empty map for none', withTask({ Env: {}, Meta: {} })],
  ['another group', sentJob({ TaskGroups: [sentGroup(), sentGroup({ Name: 'g2' })] })],
])('%s is changed in place', (_title, job) => {
  expect(changeOf(before, read(job), 'g1')).toBe('in-place')
})

test.each([
  ['driver', withTask({ Driver: 'exec' })],
  ['user', withTask({ User: 'nobody' })],
  ['config', withTask({ Config: { command: '/bin/sleep', args: ['601'] } })],
  ['environment', withTask({ Env: { A: '1' } })],
  ['meta of the task', withTask({ Meta: { a: '1' } })],
  ['artifacts', withTask({ Artifacts: [{ GetterSource: 'x' }] })],
  ['CPU', withResources({ CPU: 51 })],
  ['memory', withResources({ MemoryMB: 11 })],
  ['disk', withResources({ DiskMB: 301 })],
  ['IOPS', withResources({ IOPS: 1 })],
  ['a network', withPorts({})],
  ['the name of a task', withTask({ Name: 't2' })],
  ['one task more', withGroup({ Tasks: [sentTask(), sentTask({ Name: 't2' })] })],
  ['a group that is gone', withGroup({ Name: 'g2' })],
])('%s replaces allocations', (_title, job) => {
  expect(changeOf(before, read(job), 'g1')).toBe('destructive')
})

test('the number of a dynamic port does not count, that of a reserved one does', () => {
  const dynamic = (Value: number) => read(withPorts({ DynamicPorts: [{ Label: 'http', Value }] }))
  const reserved = (Value: number) => read(withPorts({ ReservedPorts: [{ Label: 'http', Value }] }))
  expect(changeOf(dynamic(0), dynamic(20_000), 'g1')).toBe('in-place')
  expect(changeOf(reserved(80), reserved(81), 'g1')).toBe('destructive')
  expect(changeOf(reserved(80), dynamic(80), 'g1')).toBe('destructive')
})
