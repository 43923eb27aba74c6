import { expect, test } from 'vitest'
import { toJson } from '#model/json.ts'
import { openApi } from '#rest/openapi.ts'
import { json } from '#rest/reply.ts'
import { objectSchema, type Route, type Surface } from '#rest/route.ts'
import { scaleJsonOnly, scaleManners } from '#rest/scale/error.ts'
import { int, required, texts } from '#rest/scale/param.ts'

const handler = async () => json(200, null)
const get: Route<null> = {
  surface: 'scale',
  method: 'GET',
  path: '/v6/jobs/{job_id}/',
  id: 'getJob',
  summary: 'One job',
  query: { status: texts('Its status') },
  replies: { 200: { doc: 'The job', schema: { $ref: '#/components/schemas/Job' } }, 404: { doc: 'There is none' } },
  handler,
}
const post: Route<null> = {
  surface: 'scale',
  method: 'POST',
  path: '/v6/jobs/',
  id: 'queueJob',
  summary: 'Queues a job',
  doc: 'At once.',
  accepts: scaleJsonOnly,
  body: objectSchema({ job_type_id: required(int('Its type')) }),
  replies: { 201: { doc: 'The job', headers: { Location: { doc: 'Where', schema: { type: 'string' } } } } },
  handler,
}

function surface(routes: readonly Route<null>[]): Surface<null> {
  return {
    ...scaleManners<null>(),
    name: 'scale',
    title: 'Scale',
    owns: () => true,
    pathParams: { job_id: { doc: 'A job', pattern: /\d+/, schema: { type: 'integer' } } },
    schemas: { Job: { type: 'object' } },
    routes,
  }
}

const info = { title: 'Jobs', version: '1' }

test('every part of a route is described', () => {
  expect(openApi([surface([get, post])], info)).toEqual({
    openapi: '3.1.0',
    info,
    servers: [{ url: '/' }],
    security: [],
    tags: [{ name: 'scale', description: 'Scale' }],
    components: {
      schemas: { Job: { type: 'object' } },
      parameters: { IdempotencyKey: expect.objectContaining({ name: 'Idempotency-Key', in: 'header' }) },
    },
    paths: {
      '/v6/jobs/{job_id}/': {
        get: {
          operationId: 'getJob',
          summary: 'One job',
          tags: ['scale'],
          parameters: [
            { name: 'job_id', in: 'path', required: true, description: 'A job', schema: { type: 'integer' } },
            {
              name: 'status',
              in: 'query',
              description: 'Its status',
              schema: { type: 'array', items: { type: 'string' }, maxItems: 100_000 },
            },
          ],
          responses: {
            200: {
              description: 'The job',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } },
            },
            404: { description: 'There is none' },
          },
        },
      },
      '/v6/jobs/': {
        post: {
          operationId: 'queueJob',
          summary: 'Queues a job',
          description: 'At once.',
          tags: ['scale'],
          parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: { job_type_id: { type: 'integer', format: 'int32', description: 'Its type' } },
                  required: ['job_type_id'],
                },
              },
            },
          },
          responses: {
            201: {
              description: 'The job',
              headers: { Location: { description: 'Where', schema: { type: 'string' } } },
            },
          },
        },
      },
    },
  })
})

test('the text does not depend on the order of the table', () => {
  expect(toJson(openApi([surface([get, post])], info))).toBe(toJson(openApi([surface([post, get])], info)))
})

test('refusals that all share stand once, where they have one form', () => {
  const log = {
    ...get,
    id: 'getLog',
    path: '/v6/logs/',
    produces: [
      { format: 'json', type: 'application/json' },
      { format: 'txt', type: 'text/plain' },
    ],
  }
  const refusal = { doc: 'Refused.', schema: { type: 'object' } }
  const { paths, components } = openApi([{ ...surface([get, log]), refusal }], info)
  const shared = { $ref: '#/components/responses/ScaleRefusal' }
  expect(components).toMatchObject({
    responses: {
      ScaleRefusal: { description: 'Refused.', content: { 'application/json': { schema: { type: 'object' } } } },
    },
  })
  expect(paths).toMatchObject({
    '/v6/jobs/{job_id}/': { get: { responses: { '4XX': shared, '5XX': shared } } },
    '/v6/logs/': { get: { responses: { '4XX': { content: { 'text/plain': { schema: { type: 'string' } } } } } } },
  })
})

test('a refusal keeps its own media type whatever the route produces', () => {
  const replies = { 404: { doc: 'There is none.', schema: { type: 'string' }, type: 'text/plain' } }
  const { paths } = openApi([surface([{ ...get, replies }])], info)
  const content = { 'text/plain': { schema: { type: 'string' } } }
  expect(paths).toMatchObject({ '/v6/jobs/{job_id}/': { get: { responses: { 404: { content } } } } })
})

test('an example stands where it is shown, or once where several operations show it', () => {
  const other = { ...get, id: 'getOther', path: '/v6/others/' }
  const examples = {
    getJob: { response: { b: 1, a: 2 } },
    getOther: { response: { b: 1, a: 2 } },
    queueJob: { request: { job_type_id: 1 } },
  }
  const { paths, components } = openApi([{ ...surface([other, get, post]), examples }], info)
  expect(toJson(Object(components).examples)).toBe('{"getJobResponse":{"value":{"b":1,"a":2}}}')
  const shared = { examples: { documented: { $ref: '#/components/examples/getJobResponse' } } }
  const answer = { responses: { 200: { content: { 'application/json': shared } } } }
  expect(paths).toMatchObject({
    '/v6/jobs/{job_id}/': { get: answer },
    '/v6/others/': { get: answer },
    '/v6/jobs/': { post: { requestBody: { content: { 'application/json': { example: { job_type_id: 1 } } } } } },
  })
})

test('one id or one schema name for two things is refused', () => {
  expect(() => openApi([surface([get, { ...post, id: 'getJob' }])], info)).toThrow('getJob')
  expect(() => openApi([surface([get]), surface([post])], info)).toThrow('Job')
})
