// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nomad's references look like this.
/** What the Nomad document shows, by route id. */
import type { Examples } from '../route.ts'

const registration = { EvalID: 'd092fdc0-e1fd-2536-67d8-43af8ca798ac', EvalCreateIndex: 35, JobModifyIndex: 34 }
const launch = {
  EvalCreateIndex: 7,
  EvalID: '57983ddd-7fcf-3e3a-fd24-f699ccfb36f4',
}

const job = {
  Region: 'global',
  ID: 'binstore-storagelocker',
  Name: 'binstore-storagelocker',
  Type: 'service',
  Priority: 50,
  AllAtOnce: false,
  Datacenters: ['us2', 'eu1'],
  Constraints: [
    {
      LTarget: '${attr.kernel.os}',
      RTarget: 'windows',
      Operand: '=',
    },
  ],
  TaskGroups: [
    {
      Name: 'binsl',
      Count: 5,
      Constraints: [
        {
          LTarget: '${attr.kernel.os}',
          RTarget: 'linux',
          Operand: '=',
        },
      ],
      Tasks: [
        {
          Name: 'binstore',
          Driver: 'docker',
          Config: {
            image: 'hashicorp/binstore',
          },
          Constraints: null,
          Resources: {
            CPU: 500,
            MemoryMB: 0,
            DiskMB: 0,
            IOPS: 0,
            Networks: [
              {
                Device: '',
                CIDR: '',
                IP: '',
                MBits: 100,
                ReservedPorts: null,
                DynamicPorts: null,
              },
            ],
          },
          Meta: null,
        },
        {
          Name: 'storagelocker',
          Driver: 'java',
          Config: {
            image: 'hashicorp/storagelocker',
          },
          Constraints: [
            {
              LTarget: '${attr.kernel.arch}',
              RTarget: 'amd64',
              Operand: '=',
            },
          ],
          Resources: {
            CPU: 500,
            MemoryMB: 0,
            DiskMB: 0,
            IOPS: 0,
            Networks: null,
          },
          Meta: null,
        },
      ],
      Meta: {
        elb_checks: '3',
        elb_interval: '10',
        elb_mode: 'tcp',
      },
    },
  ],
  Update: {
    Stagger: 0,
    MaxParallel: 0,
  },
  Meta: {
    foo: 'bar',
  },
  Status: '',
  StatusDescription: '',
  CreateIndex: 14,
  ModifyIndex: 14,
}

const allocation = {
  ID: '3575ba9d-7a12-0c96-7b28-add168c67984',
  EvalID: '151accaa-1ac6-90fe-d427-313e70ccbb88',
  Name: 'binstore-storagelocker.binsl[0]',
  NodeID: 'a703c3ca-5ff8-11e5-9213-970ee8879d1b',
  JobID: 'binstore-storagelocker',
  TaskGroup: 'binsl',
  DesiredStatus: 'run',
  DesiredDescription: '',
  ClientStatus: 'running',
  ClientDescription: '',
  CreateIndex: 16,
  ModifyIndex: 16,
}

const evaluation = {
  ID: '151accaa-1ac6-90fe-d427-313e70ccbb88',
  Priority: 50,
  Type: 'service',
  TriggeredBy: 'job-register',
  JobID: 'binstore-storagelocker',
  JobModifyIndex: 14,
  NodeID: '',
  NodeModifyIndex: 0,
  Status: 'complete',
  StatusDescription: '',
  Wait: 0,
  NextEval: '',
  PreviousEval: '',
  CreateIndex: 15,
  ModifyIndex: 17,
}

/** The document says that this is what its answer shows; this one was sent to Nomad v0.3.2. */
const sent = {
  Job: {
    Region: 'global',
    ID: 'svc',
    Name: 'svc',
    Type: 'service',
    Priority: 50,
    AllAtOnce: false,
    Datacenters: ['dc1'],
    Constraints: null,
    TaskGroups: [
      {
        Name: 'g1',
        Count: 2,
        Constraints: null,
        RestartPolicy: { Attempts: 0, Interval: 60000000000, Delay: 1000000000, Mode: 'fail' },
        Tasks: [
          {
            Name: 't1',
            Driver: 'raw_exec',
            Config: { command: '/bin/sleep', args: ['600'] },
            Constraints: null,
            Resources: { CPU: 50, MemoryMB: 10, DiskMB: 300, IOPS: 0, Networks: null },
            LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
            Meta: null,
          },
        ],
        Meta: { elb_mode: 'tcp' },
      },
    ],
    Update: { Stagger: 0, MaxParallel: 0 },
    Meta: { foo: 'bar' },
  },
}

const register = { request: sent, response: registration }

/** The example bodies of the Nomad document, which shows answers alone, and a registration. */
export const nomadExamples: Examples = {
  getNomadJob: { response: job },
  listNomadJobAllocations: { response: [allocation] },
  listNomadJobEvaluations: { response: [evaluation] },
  registerNomadJob: register,
  registerNomadJobByPost: register,
  registerNomadJobUnnamed: register,
  registerNomadJobUnnamedByPost: register,
  evaluateNomadJob: { response: registration },
  evaluateNomadJobByPost: { response: registration },
  forceNomadJob: { response: launch },
  forceNomadJobByPost: { response: launch },
  deregisterNomadJob: { response: registration },
}
