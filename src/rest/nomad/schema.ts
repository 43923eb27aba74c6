/** The JSON Schemas of Nomad's replies: every member is always there, null or empty where there is nothing to say. */
import { boolean, exactly, freeObject, integer, listOf, mapOf, named, orNull, string, wordOf } from '../shape.ts'
import { jobSpecSchemas, jobSpecShape } from './job-schema.ts'

const index = { ...integer, minimum: 0 } as const
const taskState = wordOf(['pending', 'running', 'dead'])

const taskEvent = exactly({
  Type: string,
  Time: integer,
  RestartReason: string,
  DriverError: string,
  ExitCode: integer,
  Signal: integer,
  Message: string,
  KillError: string,
  StartDelay: integer,
  DownloadError: string,
  ValidationError: string,
})

const written = { EvalID: string, EvalCreateIndex: index }

/** The named schemas of the surface. */
export const nomadSchemas = {
  ...jobSpecSchemas,
  NomadJob: exactly({
    ...jobSpecShape,
    Status: wordOf(['pending', 'running', 'dead']),
    StatusDescription: string,
    CreateIndex: index,
    ModifyIndex: index,
    JobModifyIndex: index,
  }),
  NomadAllocation: exactly({
    ID: string,
    EvalID: string,
    Name: string,
    NodeID: string,
    JobID: string,
    TaskGroup: string,
    DesiredStatus: wordOf(['run', 'stop', 'evict', 'failed']),
    DesiredDescription: string,
    ClientStatus: wordOf(['pending', 'running', 'complete', 'failed', 'lost']),
    ClientDescription: string,
    TaskStates: orNull(mapOf(exactly({ State: taskState, Events: listOf(named('NomadTaskEvent')) }))),
    CreateIndex: index,
    ModifyIndex: index,
    CreateTime: integer,
  }),
  NomadTaskEvent: taskEvent,
  NomadEvaluation: exactly({
    ID: string,
    Priority: integer,
    Type: string,
    TriggeredBy: string,
    JobID: string,
    JobModifyIndex: index,
    NodeID: string,
    NodeModifyIndex: index,
    Status: wordOf(['pending', 'blocked', 'complete', 'failed', 'canceled']),
    StatusDescription: string,
    Wait: integer,
    NextEval: string,
    PreviousEval: string,
    ClassEligibility: orNull(freeObject),
    EscapedComputedClass: boolean,
    CreateIndex: index,
    ModifyIndex: index,
  }),
  NomadRegistration: exactly({
    ...written,
    JobModifyIndex: index,
    Index: index,
    LastContact: integer,
    KnownLeader: boolean,
  }),
  NomadLaunch: exactly({ ...written, Index: index }),
} as const
