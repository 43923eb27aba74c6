/** The JSON Schemas of Nomad's replies. */
import type { JsonObject } from '#model/json.ts'
import { boolean, exactly, freeObject, integer, listOf, orNull, string } from '../scale/shape.ts'

const index = { type: 'integer', minimum: 0 } as const
const constraints = orNull(listOf(exactly({ LTarget: string, RTarget: string, Operand: string })))
const textMap = orNull({ type: 'object', additionalProperties: string })

/** An object with exactly these members, of which the document's example shows none of the later ones. */
function shownWith(shown: { readonly [name: string]: JsonObject }, later: { readonly [name: string]: JsonObject }) {
  return { ...exactly({ ...shown, ...later }), required: Object.keys(shown) }
}

/** The named schemas of the surface. */
export const nomadSchemas = {
  NomadJob: shownWith(
    {
      Region: string,
      ID: string,
      Name: string,
      Type: string,
      Priority: integer,
      AllAtOnce: boolean,
      Datacenters: orNull(listOf(string)),
      Constraints: constraints,
      TaskGroups: orNull(listOf(freeObject)),
      Update: exactly({ Stagger: integer, MaxParallel: integer }),
      Meta: textMap,
      // The document's example shows an empty one.
      Status: { type: 'string', enum: ['', 'pending', 'running', 'dead'] },
      StatusDescription: string,
      CreateIndex: index,
      ModifyIndex: index,
    },
    {
      ParentID: string,
      Periodic: orNull(exactly({ Enabled: boolean, Spec: string, SpecType: string, ProhibitOverlap: boolean })),
      JobModifyIndex: index,
    },
  ),
  NomadAllocation: shownWith(
    {
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
      CreateIndex: index,
      ModifyIndex: index,
    },
    {
      TaskStates: orNull({
        type: 'object',
        additionalProperties: exactly({
          State: { type: 'string', enum: ['pending', 'running', 'dead'] },
          Events: listOf(freeObject),
        }),
      }),
      CreateTime: integer,
    },
  ),
  NomadEvaluation: shownWith(
    {
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
      CreateIndex: index,
      ModifyIndex: index,
    },
    { ClassEligibility: orNull(freeObject), EscapedComputedClass: boolean },
  ),
  NomadRegistration: shownWith(
    {
      EvalID: string,
      EvalCreateIndex: index,
      JobModifyIndex: index,
    },
    { Index: index, LastContact: integer, KnownLeader: boolean },
  ),
  NomadLaunch: shownWith({ EvalID: string, EvalCreateIndex: index }, { Index: index }),
} as const
