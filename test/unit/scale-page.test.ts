import { expect, test } from 'vitest'
import { isObject, parseJson } from '#model/json.ts'
import type { RestRequest } from '#rest/route.ts'
import { absoluteUrl, scalePage } from '#rest/scale/page.ts'

const rows = ['a', 'b', 'c', 'd', 'e']

function asked(query: string, more: Partial<RestRequest> = {}): RestRequest {
  return {
    method: 'GET',
    path: '/v6/jobs/',
    basePath: '',
    origin: 'http://h',
    params: {},
    query: new URLSearchParams(query),
    headers: new Headers(),
    body: { kind: 'none' },
    format: 'json',
    signal: AbortSignal.any([]),
    ...more,
  }
}

async function page(query: string, more: Partial<RestRequest> = {}, list = rows) {
  const windows: number[][] = []
  const reply = await scalePage(
    asked(query, more),
    async ({ offset, limit }) => {
      windows.push([offset, limit])
      return { count: list.length, rows: list.slice(offset, offset + limit) }
    },
    (row) => row.toUpperCase(),
  )
  const body = parseJson(String(reply.body))
  if (!isObject(body)) throw new Error('a page is an object')
  return { ...body, keys: Object.keys(body), windows }
}

test('the first, middle and last pages', async () => {
  expect(await page('page_size=2')).toEqual({
    keys: ['count', 'next', 'previous', 'results'],
    count: 5,
    next: 'http://h/v6/jobs/?page=2&page_size=2',
    previous: null,
    results: ['A', 'B'],
    windows: [[0, 2]],
  })
  expect(await page('page_size=2&page=2')).toMatchObject({
    next: 'http://h/v6/jobs/?page=3&page_size=2',
    previous: 'http://h/v6/jobs/?page_size=2',
  })
  expect(await page('page_size=2&page=3')).toMatchObject({
    next: null,
    previous: 'http://h/v6/jobs/?page=2&page_size=2',
    results: ['E'],
  })
})

test('the word last, and a list without rows', async () => {
  expect(await page('page_size=2&page=last')).toMatchObject({
    next: null,
    results: ['E'],
    windows: [
      [0, 2],
      [4, 2],
    ],
  })
  expect(await page('page=last', {}, [])).toMatchObject({ count: 0, next: null, previous: null, results: [] })
  expect(await page('page=1', {}, [])).toMatchObject({ count: 0, results: [] })
})

test.each(['0', '-1', 'two', '', '1.5', '4', '2147483648', '9'.repeat(400), 'NaN', '００１'])(
  'page %j does not exist',
  async (number) => {
    await expect(page(`page_size=2&page=${encodeURIComponent(number)}`)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Invalid page.',
    })
  },
)

test.each([
  ['', 100],
  ['page_size=0', 100],
  ['page_size=-3', 100],
  ['page_size=many', 100],
  ['page_size=1000', 1000],
  ['page_size=5000', 1000],
  [`page_size=${'9'.repeat(400)}`, 1000],
  ['page_size=2&page_size=3', 3],
])('with %j a page holds %i rows', async (query, size) => {
  expect((await page(query)).windows).toEqual([[0, size]])
})

test('links sort the keys, keep repeated values in order and escape as Scale does', async () => {
  expect(
    await page('status=RUNNING&status=FAILED&page_size=2&order=-a*~&started=2016-01-01T00:00:00Z&b='),
  ).toMatchObject({
    next: 'http://h/v6/jobs/?b=&order=-a%2A%7E&page=2&page_size=2&started=2016-01-01T00%3A00%3A00Z&status=RUNNING&status=FAILED',
  })
  expect(await page('keyword=a b&page_size=4')).toMatchObject({
    next: 'http://h/v6/jobs/?keyword=a+b&page=2&page_size=4',
  })
})

test('a link back to the first page of an unfiltered list is bare', async () => {
  const long = Array.from({ length: 150 }, () => 'x')
  expect(await page('page=2', { path: '/v6/jobs' }, long)).toMatchObject({ previous: 'http://h/v6/jobs/' })
})

test('links honour what a proxy forwards, unless it is no host or scheme', () => {
  const headers = new Headers({ 'x-forwarded-host': 'jobs.example:8443, inner', 'x-forwarded-proto': 'HTTPS' })
  expect(absoluteUrl(asked('', { headers, basePath: '/api' }), '/v6/jobs/7/')).toBe(
    'https://jobs.example:8443/api/v6/jobs/7/',
  )
  const bad = new Headers({ 'x-forwarded-host': 'evil/"><script>', 'x-forwarded-proto': 'javascript' })
  expect(absoluteUrl(asked('', { headers: bad }), '/x/')).toBe('http://h/x/')
})
