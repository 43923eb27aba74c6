import { describe, expect, test } from 'vitest'
import { canonicalize, parseRegister } from '#model/documents/job-spec.ts'
import { validateJob } from '#model/documents/job-spec-check.ts'
import type { JobSpecMode } from '#model/documents/job-spec-type.ts'
import { DomainError } from '#model/error.ts'
import { sentGroup, sentJob, sentTask } from '../support/job-spec.ts'

/** The message that a job is refused with; null where it is taken. */
function refusal(job: unknown, mode: JobSpecMode): string | null {
  const { job: parsed } = parseRegister(JSON.stringify({ Job: job }), null, mode)
  try {
    validateJob(canonicalize(parsed, mode), mode)
    return null
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    expect([error.code, error.details.name]).toEqual(['BAD_USER_INPUT', 'INVALID_JOB'])
    return error.message
  }
}
const errors = (...faults: string[]) =>
  `${faults.length} error(s) occurred:\n\n${faults.map((fault) => `* ${fault}`).join('\n')}`
const inGroup = (...faults: string[]) => errors(`Task group 1 validation failed: ${errors(...faults)}`)
const inTask = (...faults: string[]) => inGroup(`Task 1 validation failed: ${errors(...faults)}`)
const withGroup = (members: object) => sentJob({ TaskGroups: [sentGroup({ ...members })] })
const withTask = (members: object) => withGroup({ Tasks: [sentTask({ ...members })] })
const withResources = (members: object) =>
  withTask({ Resources: { CPU: 50, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null, ...members } })
const periodic = (members: object, job: object = { Type: 'batch' }) =>
  sentJob({ ...job, Periodic: { Enabled: true, Spec: '0 0 1 1 *', SpecType: 'cron', ...members } })

/** Refused in both modes with the same text, which v0.3.2 answers. */
const always: readonly (readonly [string, unknown, string])[] = [
  [
    'only an ID',
    { ID: 'x1' },
    errors(
      'Missing job region',
      'Missing job name',
      'Missing job type',
      'Job priority must be between [1, 100]',
      'Missing job datacenters',
      'Missing job task groups',
    ),
  ],
  ['no ID', sentJob({ ID: '' }), errors('Missing job ID')],
  ['a space in the ID', sentJob({ ID: 'a b' }), errors('Job ID contains a space')],
  ['priority 0', sentJob({ Priority: 0 }), errors('Job priority must be between [1, 100]')],
  ['priority 101', sentJob({ Priority: 101 }), errors('Job priority must be between [1, 100]')],
  ['no datacenters', sentJob({ Datacenters: [] }), errors('Missing job datacenters')],
  ['null groups', sentJob({ TaskGroups: null }), errors('Missing job task groups')],
  [
    'a constraint without operand',
    sentJob({ Constraints: [{ LTarget: '', RTarget: '', Operand: '' }] }),
    errors(`Constraint 1 validation failed: ${errors('Missing constraint operand')}`),
  ],
  [
    'two groups of a name',
    sentJob({ TaskGroups: [sentGroup(), sentGroup()] }),
    errors("Job task group 2 redefines 'g1' from group 1"),
  ],
  [
    'a group without name',
    withGroup({ Name: '' }),
    errors('Job task group 1 missing name', `Task group 1 validation failed: ${errors('Missing task group name')}`),
  ],
  [
    'a system job of two',
    sentJob({ Type: 'system', TaskGroups: [sentGroup({ Count: 2 })] }),
    errors('Job task group 1 has count 2. Only count of 1 is supported with system scheduler'),
  ],
  ['a negative count', withGroup({ Count: -1 }), inGroup("Task group count can't be negative")],
  ['no tasks', withGroup({ Tasks: [] }), inGroup('Missing tasks for task group')],
  [
    'an ambiguous restart policy',
    withGroup({ RestartPolicy: { Attempts: 0, Interval: 0, Delay: 0, Mode: 'delay' } }),
    inGroup('Restart policy "delay" with 0 attempts is ambiguous'),
  ],
  ['a restart policy without mode', withGroup({ RestartPolicy: {} }), inGroup('Unsupported restart mode: ""')],
  [
    'restarts that do not fit their interval',
    withGroup({ RestartPolicy: { Attempts: 100, Interval: 1e9, Delay: 1e9, Mode: 'fail' } }),
    inGroup("Nomad can't restart the TaskGroup 100 times in an interval of 1s with a delay of 1s"),
  ],
  [
    'a type that has no restart policy',
    sentJob({ Type: 'weird', TaskGroups: [sentGroup({ RestartPolicy: null })] }),
    inGroup('Task Group g1 should have a restart policy'),
  ],
  ['two tasks of a name', withGroup({ Tasks: [sentTask(), sentTask()] }), inGroup("Task 2 redefines 't1' from task 1")],
  [
    'a task without name',
    withTask({ Name: '' }),
    inGroup('Task 1 missing name', `Task 1 validation failed: ${errors('Missing task name')}`),
  ],
  ['a task name that climbs', withTask({ Name: '../x' }), inTask('Task name cannot include slashes')],
  ['no driver', withTask({ Driver: '' }), inTask('Missing task driver')],
  ['a negative KillTimeout', withTask({ KillTimeout: -1 }), inTask('KillTimeout must be a positive value')],
  [
    'constraints of a task',
    withTask({
      Constraints: [
        { LTarget: 'a', RTarget: '(', Operand: 'regexp' },
        { LTarget: 'a', RTarget: 'x', Operand: '' },
        { LTarget: 'a', RTarget: '>= 1.0, banana', Operand: 'version' },
        { LTarget: 'a', RTarget: '~> 1.2, < 2.0.0-beta', Operand: 'version' },
      ],
    }),
    inTask(
      `Constraint 1 validation failed: ${errors('Regular expression failed to compile: error parsing regexp: missing closing ): `(`')}`,
      `Constraint 2 validation failed: ${errors('Missing constraint operand')}`,
      `Constraint 3 validation failed: ${errors('Version constraint is invalid: Malformed constraint:  banana')}`,
    ),
  ],
  [
    'services',
    withTask({
      Services: [
        { Name: 'a b', PortLabel: 'http', Checks: [{ Type: 'http', Interval: 1, Path: '/' }] },
        {
          Name: 'web',
          Checks: [
            { Name: 'c', Type: 'tcp' },
            { Name: 'c', Type: 'script', Interval: 1 },
          ],
        },
        { Name: 'web' },
      ],
    }),
    inTask(
      errors(
        `service "a b" validation failed: ${errors(
          'service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and must be ' +
            'less than 63 characters long: "a b"',
        )}`,
        `service "web" validation failed: ${errors(
          'check "c" is not valid since service "web" doesn\'t have port',
          'service checks of script type must have a valid script path',
        )}`,
        'check "c" is duplicate',
        'service "web" is duplicate',
        'port label "http" referenced by services a b does not exist',
      ),
    ),
  ],
  ['a periodic service', periodic({}, {}), errors('Periodic can only be used with "batch" scheduler')],
  ['a periodic job without spec', periodic({ Spec: '' }), errors('Must specify a spec')],
  ['a bad cron', periodic({ Spec: 'banana' }), errors('Invalid cron spec "banana": missing field(s)')],
  ['an unknown kind of spec', periodic({ SpecType: 'lunar' }), errors('Unknown periodic specification type "lunar"')],
  ['the type of Nomad itself', sentJob({ Type: '_core' }), 'job type cannot be core'],
]

/** Refused by v0.3.2, taken leniently. */
const strictly: readonly (readonly [string, unknown, string])[] = [
  ['no resources', withTask({ Resources: null }), inTask('Missing task resources')],
  [
    'too small resources',
    withResources({ CPU: 10, MemoryMB: 1, DiskMB: 2, IOPS: -1, Networks: [{ MBits: 0 }] }),
    inTask(
      errors(
        'minimum CPU value is 20; got 10',
        'minimum MemoryMB value is 10; got 1',
        'minimum DiskMB value is 10; got 2',
        'minimum IOPS value is 0; got -1',
        `network resource at index 0 failed: ${errors('minimum MBits value is 1; got 0')}`,
      ),
    ),
  ],
  [
    'logs beyond the disk',
    withTask({ LogConfig: { MaxFiles: 10, MaxFileSizeMB: 30 } }),
    inTask('log storage (300 MB) must be less than requested disk capacity (300 MB)'),
  ],
  ['no logs', withTask({ LogConfig: null }), inTask('Missing Log Config')],
  [
    'no room for logs',
    withTask({ LogConfig: { MaxFiles: 0, MaxFileSizeMB: 0 } }),
    inTask(errors('minimum number of files is 1; got 0', 'minimum file size is 1MB; got 0')),
  ],
  [
    'java without an artifact',
    withTask({ Driver: 'java', Config: { jar_path: 'a.jar' } }),
    inTask('must specify at least one artifact when using "java" driver'),
  ],
  [
    'artifacts',
    withTask({
      Artifacts: [
        { GetterSource: '', RelativeDest: 'a/../../b' },
        { GetterSource: 'x', GetterOptions: { checksum: 'md5' } },
        { GetterSource: 'x', GetterOptions: { checksum: 'md5:00' } },
        { GetterSource: 'x', GetterOptions: { checksum: `md5:${'0'.repeat(32)}` }, RelativeDest: 'a/../b' },
      ],
    }),
    inTask(
      `Artifact 1 validation failed: ${errors('source must be specified', "destination escapes task's directory")}`,
      `Artifact 2 validation failed: ${errors('checksum must be given as "type:value"; got "md5"')}`,
      `Artifact 3 validation failed: ${errors('invalid md5 checksum: 00')}`,
    ),
  ],
  [
    'an unknown driver',
    withTask({ Driver: 'frob' }),
    errors('failed to create driver for task "g1" in group "t1" for validation: unknown driver \'frob\''),
  ],
  [
    'a task without config',
    withTask({ Config: null }),
    errors(`group "g1" -> task "t1" -> config: ${errors('field "command" is required')}`),
  ],
]

describe('validateJob', () => {
  test.each<JobSpecMode>(['lenient', 'strict'])('takes the minimal job, %s', (mode) => {
    expect(refusal(sentJob(), mode)).toBeNull()
  })

  test.each(always)('refuses %s in both modes', (_title, job, message) => {
    expect(refusal(job, 'strict')).toBe(message)
    expect(refusal(job, 'lenient')).toBe(message)
  })

  test.each(strictly)('refuses %s when strict', (_title, job, message) => {
    expect(refusal(job, 'strict')).toBe(message)
    expect(refusal(job, 'lenient')).toBeNull()
  })

  test('says no more than 100,000 characters', () => {
    expect(refusal(withGroup({ Tasks: Array.from({ length: 10_000 }, () => ({})) }), 'strict')).toHaveLength(100_000)
  })

  test('lists many faults in their order', () => {
    expect(refusal({ ID: 'x1', TaskGroups: [{ Count: -2, Tasks: [{}] }] }, 'strict')).toBe(
      '7 error(s) occurred:\n\n* Missing job region\n* Missing job name\n* Missing job type\n' +
        '* Job priority must be between [1, 100]\n* Missing job datacenters\n* Job task group 1 missing name\n' +
        '* Task group 1 validation failed: 5 error(s) occurred:\n\n* Missing task group name\n' +
        "* Task group count can't be negative\n* Task Group  should have a restart policy\n* Task 1 missing name\n" +
        '* Task 1 validation failed: 4 error(s) occurred:\n\n* Missing task name\n* Missing task driver\n' +
        '* Missing task resources\n* Missing Log Config',
    )
  })

  test.each([
    ['a count of 0', withGroup({ Count: 0 })],
    ['a type that nobody knows', sentJob({ Type: 'weird' })],
    ['a region that is not this one', sentJob({ Region: 'mars' })],
    ['an operand that nobody knows', sentJob({ Constraints: [{ LTarget: 'a', RTarget: 'b', Operand: 'near' }] })],
    ['a periodic job that is off', periodic({ Enabled: false, Spec: '', SpecType: '' }, {})],
    ['a periodic job', periodic({})],
    ['a slash in the ID', sentJob({ ID: 'line/org/team' })],
    [
      'a service with a port',
      withTask({
        Services: [{ Name: 'web', PortLabel: 'http', Checks: [{ Type: 'http', Path: '/', Interval: 1e9 }] }],
        Resources: { CPU: 20, MemoryMB: 10, DiskMB: 10, Networks: [{ MBits: 1, DynamicPorts: [{ Label: 'http' }] }] },
      }),
    ],
  ])('takes %s', (_title, job) => {
    expect(refusal(job, 'strict')).toBeNull()
  })
})
