import { expect, it } from 'vitest'
import { toJson } from '#model/json.ts'
import { faultsOf } from '../support/documented.ts'

const job = { name: 'web', status: 'running', taskGroups: [] }

function faults(id: string, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): string[] {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  const text = typeof body === 'string' ? body : toJson(body)
  return faultsOf(id, { status, headers: new Headers({ ...type, ...headers }), text, isHead: false })
}

it('finds nothing wrong with an answer that is as OpenAPI says', () => {
  expect(faults('listClusterJobs', 200, [job], { waitIndex: '7' })).toEqual([])
  expect(faults('startClusterJob', 404, { error: 'job not found' })).toEqual([])
  expect(faults('startClusterJob', 422, { error: 'The key was used.' })).toEqual([])
  expect(faults('cancelScaleJobs', 202, '')).toEqual([])
})

it.each([
  ['a member that is missing', faults('listClusterJobs', 200, [{ ...job, status: undefined }], { waitIndex: '7' })],
  ['a member that nobody knows', faults('listClusterJobs', 200, [{ ...job, more: 1 }], { waitIndex: '7' })],
  ['another word', faults('listClusterJobs', 200, [{ ...job, status: '' }], { waitIndex: '7' })],
  ['a header that is missing', faults('listClusterJobs', 200, [job])],
  ['a header that is no number', faults('listClusterJobs', 200, [job], { waitIndex: 'x' })],
  ['a status that is not described', faults('startClusterJob', 201, {})],
  ['a refusal in other words', faults('startClusterJob', 404, { detail: 'Not found.' })],
  ['a body where there is none', faults('cancelScaleJobs', 202, {})],
  ['another media type', faults('getNomadJob', 404, 'job not found', { 'X-Nomad-Index': '1' })],
  ['an operation that is not described', faults('noSuchThing', 200, {})],
])('finds %s', (_, found) => {
  expect(found).not.toEqual([])
})
