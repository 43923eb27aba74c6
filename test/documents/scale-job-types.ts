/** The request of the Scale v6 job types document, and short ways to its routes. */
import { expect } from 'vitest'
import type { Answer, TestGateway } from '../support/gateway.ts'
import { at } from './scale-jobs.ts'

/** The configuration of the document's request examples. */
export const documentedConfiguration = {
  mounts: { MOUNT_PATH: { type: 'host', host_path: '/path/on/host' } },
  output_workspaces: { default: 'workspace_1', outputs: { output_1: 'workspace_2' } },
  settings: { DB_HOST: 'som.host.name', DB_PASS: 'secret_password' },
}

/** The manifest of the document's request examples, whose errors have no names. */
export const documentedManifest = {
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
      { code: 2, category: 'job', description: 'Expected environment not provided', title: 'Missing environment' },
    ],
    interface: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the manifest's own placeholders
      command: '${INPUT_TEXT} ${INPUT_FILES} ${READ_LENGTH}',
      inputs: {
        files: [{ mediaTypes: ['text/plain'], name: 'INPUT_TEXT', partial: true }],
        json: [{ name: 'READ_LENGTH', type: 'integer' }],
      },
      mounts: [{ mode: 'ro', name: 'MOUNT_PATH', path: '/the/container/path' }],
      outputs: {
        files: [{ mediaType: 'text/plain', name: 'OUTPUT_TEXT', pattern: 'output_text.txt' }],
        json: [{ key: 'TOTAL_INPUT', name: 'total_input', type: 'integer' }],
      },
      settings: [
        { name: 'DB_HOST', secret: false },
        { name: 'DB_PASS', secret: true },
      ],
    },
    resources: {
      scalar: [
        { name: 'cpus', value: 1.5 },
        { name: 'mem', value: 244 },
        { name: 'sharedMem', value: 1 },
        { inputMultiplier: 4, name: 'disk', value: 11 },
      ],
    },
  },
}

/** The document's request to add a Seed image, as it stands there. */
export const documentedRequest = {
  icon_code: 'f1c5',
  max_scheduled: 1,
  docker_image: 'test-1.0.0-seed:1.0.0',
  configuration: documentedConfiguration,
  manifest: documentedManifest,
  auto_update: true,
}

/** The document's request to edit a job type, as it stands there. */
export const documentedEdit = {
  icon_code: '012F',
  is_published: true,
  is_active: true,
  is_paused: false,
  max_scheduled: 1,
  configuration: documentedConfiguration,
}

/** What an edit without anything to warn of answers, and nothing beside it. */
export const clean = { is_valid: true, errors: [], warnings: [] }

/** Asks to register a manifest. */
export function reg(test: TestGateway, manifest: unknown, more: Readonly<Record<string, unknown>> = {}) {
  return test.rest('POST', '/v6/job-types/', { body: { docker_image: 'reg.test/img:1', manifest, ...more } })
}

/** Edits a job type. */
export function patch(test: TestGateway, place: string, body: unknown): Promise<Answer> {
  return test.rest('PATCH', `/v6/job-types/${place}/`, { body })
}

/** Reads a path that answers 200. */
export async function read(test: TestGateway, path: string): Promise<unknown> {
  const answer = await test.rest('GET', path)
  expect(answer.status, answer.text).toBe(200)
  return answer.json()
}

/** Reads the details of a job type. */
export function details(test: TestGateway, place: string): Promise<unknown> {
  return read(test, `/v6/job-types/${place}/`)
}

/** The rows of a page that answers 200. */
export async function results(test: TestGateway, path: string): Promise<unknown[]> {
  const page = await read(test, path)
  const rows = at(page, 'results')
  if (!Array.isArray(rows)) throw new Error('no page')
  return rows
}

/** `name version` of each job type on a page. */
export async function identities(test: TestGateway, path: string): Promise<string[]> {
  return (await results(test, path)).map((row) => `${at(row, 'name')} ${at(row, 'version')}`)
}

/** How many statements reading a path costs; what the change feed reads meanwhile is not counted. */
export async function statementsOf(test: TestGateway, path: string): Promise<number> {
  test.statements.length = 0
  await read(test, path)
  return test.statements.filter((statement) => !/from "change(_index)?"/.test(statement)).length
}
