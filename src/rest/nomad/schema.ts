/** The JSON Schemas of Nomad's replies. */
import { boolean, exactly, exactlyBut, freeObject, integer, listOf, orNull, string } from '../scale/shape.ts'

const index = { type: 'integer', minimum: 0 } as const
const constraints = orNull(listOf(exactly({ LTarget: string, RTarget: string, Operand: string })))
const textMap = orNull({ type: 'object', additionalProperties: string })

/** The named schemas of the surface. */
export const nomadSchemas = {
  NomadJob: exactlyBut(['ParentID', 'Periodic', 'JobModifyIndex'], {
    Region: string,
    ID: string,
    ParentID: string,
    Name: string,
    Type: string,
    Priority: integer,
    AllAtOnce: boolean,
    Datacenters: orNull(listOf(string)),
    Constraints: constraints,
    TaskGroups: orNull(listOf(freeObject)),
    Update: exactly({ Stagger: integer, MaxParallel: integer }),
    Periodic: orNull(exactly({ Enabled: boolean, Spec: string, SpecType: string, ProhibitOverlap: boolean })),
    Meta: textMap,
    // The document's example shows an empty one.
    Status: { type: 'string', enum: ['', 'pending', 'running', 'dead'] },
    StatusDescription: string,
    CreateIndex: index,
    ModifyIndex: index,
    JobModifyIndex: index,
  }),
  NomadAllocation: exactlyBut(['TaskStates', 'CreateTime'], {
    ID: string,
    EvalID: string,
    Name: string,
    NodeID: string,
    JobID: string,
    TaskGroup: string,
    DesiredStatus: { type: 'string', enum: ['run', 'stop', 'evict', 'failed'] },
    DesiredDescription: string,
    ClientStatus: { type: 'string', enum: ['pending', 'running', 'complete', 'failed', 'lost'] },
    ClientDescription: string,
    TaskStates: orNull({
      type: 'object',
      additionalProperties: exactly({
        State: { type: 'string', enum: ['pending', 'running', 'dead'] },
        Events: listOf(freeObject),
      }),
    }),
    CreateIndex: index,
    ModifyIndex: index,
    CreateTime: integer,
  }),
  NomadEvaluation: exactlyBut(['ClassEligibility', 'EscapedComputedClass'], {
    ID: string,
    Priority: integer,
    Type: string,
    TriggeredBy: string,
    JobID: string,
    JobModifyIndex: index,
    NodeID: string,
    NodeModifyIndex: index,
    Status: { type: 'string', enum: ['pending', 'blocked', 'complete', 'failed', 'canceled'] },
    StatusDescription: string,
    Wait: integer,
    NextEval: string,
    PreviousEval: string,
    ClassEligibility: orNull(freeObject),
    EscapedComputedClass: boolean,
    CreateIndex: index,
    ModifyIndex: index,
  }),
  NomadRegistration: exactlyBut(['Index', 'LastContact', 'KnownLeader'], {
    EvalID: string,
    EvalCreateIndex: index,
    JobModifyIndex: index,
    Index: index,
    LastContact: integer,
    KnownLeader: boolean,
  }),
  NomadLaunch: exactlyBut(['Index'], { EvalID: string, EvalCreateIndex: index, Index: index }),
} as const
