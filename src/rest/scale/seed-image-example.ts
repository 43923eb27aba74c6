// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a manifest's own placeholders.
/** The Seed image that the requests of the Scale job type document send. */

/** Its configuration, the same in all three requests. */
export const configuration = {
  mounts: {
    MOUNT_PATH: {
      type: 'host',
      host_path: '/path/on/host',
    },
  },
  output_workspaces: {
    default: 'workspace_1',
    outputs: {
      output_1: 'workspace_2',
    },
  },
  settings: {
    DB_HOST: 'som.host.name',
    DB_PASS: 'secret_password',
  },
}

/** Its Seed manifest, whose errors have no names. */
export const manifest = {
  seedVersion: '1.0.0',
  job: {
    jobVersion: '1.0.0',
    packageVersion: '1.0.0',
    name: 'test',
    title: 'Job to demonstrate job type APIs',
    description: 'Reads input file and spit out specified number of bytes as output',
    tags: ['sample', 'job'],
    timeout: 3600,
    maintainer: {
      email: 'jdoe@example.com',
      name: 'John Doe',
      organization: 'E-corp',
      phone: '666-555-4321',
      url: 'http://www.example.com',
    },
    errors: [
      {
        category: 'data',
        code: 1,
        description: 'There was a problem with input data',
        title: 'Data Issue discovered',
      },
      {
        code: 2,
        category: 'job',
        description: 'Expected environment not provided',
        title: 'Missing environment',
      },
    ],
    interface: {
      command: '${INPUT_TEXT} ${INPUT_FILES} ${READ_LENGTH}',
      inputs: {
        files: [
          {
            mediaTypes: ['text/plain'],
            name: 'INPUT_TEXT',
            partial: true,
          },
        ],
        json: [
          {
            name: 'READ_LENGTH',
            type: 'integer',
          },
        ],
      },
      mounts: [
        {
          mode: 'ro',
          name: 'MOUNT_PATH',
          path: '/the/container/path',
        },
      ],
      outputs: {
        files: [
          {
            mediaType: 'text/plain',
            name: 'OUTPUT_TEXT',
            pattern: 'output_text.txt',
          },
        ],
        json: [
          {
            key: 'TOTAL_INPUT',
            name: 'total_input',
            type: 'integer',
          },
        ],
      },
      settings: [
        {
          name: 'DB_HOST',
          secret: false,
        },
        {
          name: 'DB_PASS',
          secret: true,
        },
      ],
    },
    resources: {
      scalar: [
        {
          name: 'cpus',
          value: 1.5,
        },
        {
          name: 'mem',
          value: 244,
        },
        {
          name: 'sharedMem',
          value: 1,
        },
        {
          inputMultiplier: 4,
          name: 'disk',
          value: 11,
        },
      ],
    },
  },
}
