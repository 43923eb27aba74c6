import { manifest } from './factory.ts'
import { sentJob, sentTask } from './job-spec.ts'

const seed = manifest('fuzzed', '1.0.0', {
  tags: ['a tag'],
  interface: {
    command: 'true',
    inputs: {
      files: [{ name: 'SCENE', required: false, mediaTypes: ['image/tiff'], multiple: true, partial: true }],
      json: [{ name: 'ZOOM', type: 'integer', required: false }],
    },
    outputs: {
      files: [{ name: 'TILES', pattern: '*.jpg', mediaType: 'image/jpeg', multiple: true, required: false }],
      json: [{ name: 'tiles', type: 'integer', key: 'count', required: false }],
    },
    mounts: [{ name: 'REF', path: '/ref', mode: 'ro' }],
    settings: [{ name: 'REGION' }, { name: 'TOKEN', secret: true }],
  },
  resources: { scalar: [{ name: 'disk', value: 20, inputMultiplier: 2 }] },
  errors: [{ code: 3, name: 'bad-scene', title: 'Bad', description: 'A bad scene', category: 'data' }],
})

const configuration = {
  mounts: {
    REF: { type: 'host', host_path: '/data/ref' },
    VOL: { type: 'volume', driver: 'd', driver_opts: { a: 'b' } },
  },
  output_workspaces: { default: 'ws-a', outputs: { TILES: 'ws-b' } },
  priority: 50,
  settings: { REGION: 'eu', TOKEN: 's3cr3t' },
}

const bulk = {
  started: 'P1D',
  ended: '2999-01-01T00:00:00Z',
  status: 'FAILED',
  job_ids: [1, 2],
  job_type_ids: [1],
  job_types: [{ name: 'plain', version: '1.0.0' }],
  job_type_names: ['plain'],
  batch_ids: [1],
  recipe_ids: [1],
  error_categories: ['SYSTEM'],
  error_ids: [1],
  is_superseded: false,
}

const service = { Region: 'global', Job: sentJob({ ID: 'web', Name: 'web', Meta: { genvid_autostart: 'true' } }) }

const periodic = {
  Job: sentJob({
    ID: 'cron-sent',
    Name: 'cron-sent',
    Type: 'batch',
    Constraints: [{ LTarget: 'a', RTarget: 'a|b', Operand: 'regexp' }],
    Periodic: { Enabled: true, Spec: '*/5 * * * *', SpecType: 'cron', ProhibitOverlap: true },
    TaskGroups: [{ Name: 'g1', Count: 2, Tasks: [sentTask({ Env: { A: 'b' } })], Meta: { genvid_count_max: '5' } }],
  }),
}

const counts = { jobID: 'web', taskGroup: 'g1', count: 1 }

const logs = [
  { id: 'web', group: 'g1', job: 'web', task: 't1', fileName: 'stdout', logLevel: true },
  { id: 'file', group: 'g1', job: 'web', task: 't1', fileName: 'web.log', logLevel: false },
]

const events = {
  version: '1.7.0',
  event: {
    game: {
      maps: [{ id: 'm', source: 'userinput', where: { key: ['cheer', '<name>'] }, key: ['cheer', '<name>'], value: 1 }],
      reductions: [{ id: 'r', where: { key: ['cheer', '<name>'] }, key: ['cheer'], value: ['$sum'], period: 250 }],
    },
  },
}

const secret = { TOKEN: 's3cr3t', akey: 'v' }

/** A good body for each operation that takes one, by its id; what is left out is tried with made-up bodies alone. */
export const examples: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  [
    'registerScaleJobType',
    {
      docker_image: 'reg.test/i:1',
      icon_code: 'f0ac',
      max_scheduled: 4,
      is_paused: true,
      manifest: seed,
      configuration,
    },
  ],
  ['validateScaleJobType', { manifest: seed, configuration }],
  // Of the path that the requests name most.
  ['editScaleJobType', { icon_code: 'f0ac', is_published: true, max_scheduled: 2, configuration }],
  ['queueScaleJob', { job_type_id: 1, input: { version: '7', files: { TEXT: [1] }, json: { a: 1 } }, configuration }],
  ['queueScaleJobAlias', { job_type_id: 1, input: { version: '1.0', input_data: [{ name: 'TEXT', file_ids: [1] }] } }],
  ['cancelScaleJobs', bulk],
  ['requeueScaleJobs', { ...bulk, priority: 5 }],
  ['registerNomadJob', service],
  ['registerNomadJobByPost', service],
  ['registerNomadJobUnnamed', periodic],
  ['registerNomadJobUnnamedByPost', periodic],
  ['updateBastionJobCounts', counts],
  ['updateClusterJobCounts', counts],
  [
    'setClusterSettings',
    { info: { name: 'fuzzed' }, ntp: { polling: 60 }, encode: { input: { width: 640, silent: false } } },
  ],
  ['setClusterLogs', logs],
  ['setClusterDefaultLogger', { web: 'debug' }],
  ['setClusterAllocationLogger', { web: 'warning' }],
  ['setClusterEvents', { errors: '', mapreduce: [{ key: 'game', value: JSON.stringify(events) }] }],
  ['setClusterSecret', secret],
  ['setClusterSecretV1', secret],
])
