/** The JSON Schema of the job type configuration v6, with the defaults of members that were left out. */
const text = { type: 'string' }
const textByName = { type: 'object', additionalProperties: text }

const mount = {
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [
    {
      additionalProperties: false,
      required: ['host_path'],
      properties: { type: { const: 'host' }, host_path: text },
    },
    {
      additionalProperties: false,
      properties: { type: { const: 'volume' }, driver: text, driver_opts: textByName },
    },
  ],
}

/** The schema as data. The lower bound of `priority` is left to the checks, which name that fault differently. */
export const configurationSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    version: text,
    mounts: { type: 'object', additionalProperties: mount, default: {} },
    output_workspaces: {
      type: 'object',
      additionalProperties: false,
      properties: { default: { ...text, default: '' }, outputs: { ...textByName, default: {} } },
      default: {},
    },
    priority: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1, default: 100 },
    settings: { ...textByName, default: {} },
  },
}

/** A directory of the host, by absolute path. */
export type HostMount = { readonly type: 'host'; readonly host_path: string }

/** A Docker volume; an empty driver is Docker's default one. */
export type VolumeMount = {
  readonly type: 'volume'
  readonly driver: string
  readonly driver_opts: Readonly<Record<string, string>>
}

/**
 * A configuration in its full form: always these four members in this order, and never a version.
 * Members are looked up by names that callers choose, so ask `Object.hasOwn` before reading one.
 */
export type JobConfiguration = {
  readonly mounts: Readonly<Record<string, HostMount | VolumeMount>>
  /** Workspace names by file output; `default` serves the other outputs and is empty when there is none. */
  readonly output_workspaces: { readonly default: string; readonly outputs: Readonly<Record<string, string>> }
  /** 1 or more; the lower number is scheduled first. */
  readonly priority: number
  readonly settings: Readonly<Record<string, string>>
}

/** A configuration that has passed the schema, where a volume may still lack its defaults. */
export type SentConfiguration = Omit<JobConfiguration, 'mounts'> & {
  readonly mounts: Readonly<Record<string, HostMount | (Pick<VolumeMount, 'type'> & Partial<VolumeMount>)>>
}
