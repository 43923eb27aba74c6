/** A minimal job of the v0.3 document as a client would send it; each function takes members to replace. */
type Members = Readonly<Record<string, unknown>>

/** One task that sleeps, with everything that v0.3.2 demands. */
export const sentTask = (members: Members = {}) => ({
  Name: 't1',
  Driver: 'raw_exec',
  Config: { command: '/bin/sleep', args: ['600'] },
  Constraints: null,
  Resources: { CPU: 50, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null },
  LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
  Meta: null,
  ...members,
})

/** One group of that task. */
export const sentGroup = (members: Members = {}) => ({
  Name: 'g1',
  Count: 1,
  Constraints: null,
  RestartPolicy: { Attempts: 0, Interval: 60_000_000_000, Delay: 1_000_000_000, Mode: 'fail' },
  Tasks: [sentTask()],
  Meta: { elb_mode: 'tcp' },
  ...members,
})

/** One service job `x1` of that group. */
export const sentJob = (members: Members = {}) => ({
  Region: 'global',
  ID: 'x1',
  Name: 'x1',
  Type: 'service',
  Priority: 50,
  AllAtOnce: false,
  Datacenters: ['dc1'],
  Constraints: null,
  TaskGroups: [sentGroup()],
  Update: { Stagger: 0, MaxParallel: 0 },
  Meta: { foo: 'bar' },
  ...members,
})

/** The job that the document shows as its example, which v0.3.2 itself refuses. */
export const documentedJob = {
  Region: 'global',
  ID: 'binstore-storagelocker',
  Name: 'binstore-storagelocker',
  Type: 'service',
  Priority: 50,
  AllAtOnce: false,
  Datacenters: ['us2', 'eu1'],
  Constraints: [{ LTarget: `\${attr.kernel.os}`, RTarget: 'windows', Operand: '=' }],
  TaskGroups: [
    {
      Name: 'binsl',
      Count: 5,
      Constraints: [{ LTarget: `\${attr.kernel.os}`, RTarget: 'linux', Operand: '=' }],
      Tasks: [
        {
          Name: 'binstore',
          Driver: 'docker',
          Config: { image: 'hashicorp/binstore' },
          Constraints: null,
          Resources: {
            CPU: 500,
            MemoryMB: 0,
            DiskMB: 0,
            IOPS: 0,
            Networks: [{ Device: '', CIDR: '', IP: '', MBits: 100, ReservedPorts: null, DynamicPorts: null }],
          },
          Meta: null,
        },
        {
          Name: 'storagelocker',
          Driver: 'java',
          Config: { image: 'hashicorp/storagelocker' },
          Constraints: [{ LTarget: `\${attr.kernel.arch}`, RTarget: 'amd64', Operand: '=' }],
          Resources: { CPU: 500, MemoryMB: 0, DiskMB: 0, IOPS: 0, Networks: null },
          Meta: null,
        },
      ],
      Meta: { elb_checks: '3', elb_interval: '10', elb_mode: 'tcp' },
    },
  ],
  Update: { Stagger: 0, MaxParallel: 0 },
  Meta: { foo: 'bar' },
  Status: '',
  StatusDescription: '',
  CreateIndex: 14,
  ModifyIndex: 14,
}
