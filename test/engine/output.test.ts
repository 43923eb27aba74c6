import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { captureOutputs, type OutputDeclaration } from '#engine/drivers/output.ts'

let root: string
let dir: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'jobgraph-test-'))
  dir = join(root, 'outputs')
  await mkdir(dir)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const file = (pattern: string, rest: Partial<OutputDeclaration['files'][number]> = {}): OutputDeclaration => ({
  files: [{ name: 'IMAGE', pattern, mediaType: 'image/tiff', multiple: false, required: true, ...rest }],
  json: [],
})
const json = (rest: Partial<OutputDeclaration['json'][number]> = {}): OutputDeclaration => ({
  files: [],
  json: [{ name: 'count', type: 'integer', key: null, required: true, ...rest }],
})
const write = (name: string, text = 'x') => writeFile(join(dir, name), text)
const failure = async (declared: OutputDeclaration) => {
  const captured = await captureOutputs(dir, declared)
  return captured.ok ? null : captured.failure
}

describe('files', () => {
  test('are found by pattern, in order, with size and media type', async () => {
    await mkdir(join(dir, 'sub'))
    for (const name of ['b.tif', 'a.tif', '.hidden.tif', 'c.txt', 'sub/d.tif']) await write(name, name)
    expect(await captureOutputs(dir, file('*.tif', { multiple: true }))).toEqual({
      ok: true,
      json: {},
      files: {
        IMAGE: [
          { path: join(dir, 'a.tif'), fileName: 'a.tif', size: 5, mediaType: 'image/tiff' },
          { path: join(dir, 'b.tif'), fileName: 'b.tif', size: 5, mediaType: 'image/tiff' },
        ],
      },
    })
    expect(await captureOutputs(dir, file('./sub/?.tif'))).toMatchObject({
      files: { IMAGE: [{ path: join(dir, 'sub/d.tif'), fileName: 'd.tif' }] },
    })
    expect(await captureOutputs(dir, file('**/[cd].*', { multiple: true }))).toMatchObject({
      files: { IMAGE: [{ fileName: 'c.txt' }, { fileName: 'd.tif' }] },
    })
  })

  test('that are missing fail the run only where they are required', async () => {
    expect(await failure(file('*.tif'))).toMatchObject({ name: 'missing-required-output', output: 'IMAGE' })
    expect(await captureOutputs(dir, file('*.tif', { required: false }))).toEqual({ ok: true, files: {}, json: {} })
  })

  test('that are too many are refused', async () => {
    await write('a.tif')
    await write('b.tif')
    expect(await failure(file('*.tif'))).toMatchObject({ name: 'invalid-output', output: 'IMAGE' })
  })

  test('outside the directory, directories and the result document are no outputs', async () => {
    await writeFile(join(root, 'secret.tif'), 'secret')
    await symlink(join(root, 'secret.tif'), join(dir, 'link.tif'))
    await symlink(root, join(dir, 'up'))
    await symlink(join(dir, 'nowhere'), join(dir, 'dangling.tif'))
    await mkdir(join(dir, 'dir.tif'))
    await write('seed.outputs.json', '{}')
    for (const pattern of ['*.tif', '../secret.tif', '../*', join(root, '*'), 'up/*', '**', '*']) {
      expect(await failure(file(pattern)), pattern).toMatchObject({ name: 'missing-required-output' })
    }
  })

  test('may be linked inside the directory', async () => {
    await write('data')
    await symlink('data', join(dir, 'link.tif'))
    expect(await captureOutputs(dir, file('*.tif'))).toMatchObject({
      files: { IMAGE: [{ path: join(dir, 'data'), fileName: 'link.tif' }] },
    })
  })
})

describe('values', () => {
  test.each<[OutputDeclaration['json'][number]['type'], string, unknown]>([
    ['integer', '9007199254740993', 9007199254740993n],
    ['integer', '3', 3],
    ['number', '1.5', 1.5],
    ['string', '"a"', 'a'],
    ['boolean', 'false', false],
    ['array', '[1]', [1]],
    ['object', '{"a":1}', { a: 1 }],
  ])('of type %s are read: %s', async (type, text, value) => {
    await write('seed.outputs.json', `{"count":${text}}`)
    expect(await captureOutputs(dir, json({ type }))).toEqual({ ok: true, files: {}, json: { count: value } })
  })

  test.each<[OutputDeclaration['json'][number]['type'], string]>([
    ['integer', '1.5'],
    ['integer', 'true'],
    ['number', '"1"'],
    ['string', '1'],
    ['boolean', '0'],
    ['array', '{}'],
    ['object', '[]'],
  ])('that are no %s are refused: %s', async (type, text) => {
    await write('seed.outputs.json', `{"count":${text}}`)
    expect(await failure(json({ type }))).toMatchObject({ name: 'invalid-output', output: 'count' })
  })

  test('are read from the key that the manifest names', async () => {
    await write('seed.outputs.json', '{"n":7,"count":"other"}')
    expect(await captureOutputs(dir, json({ key: 'n' }))).toMatchObject({ json: { count: 7 } })
    expect(await failure(json({ key: 'toString' }))).toMatchObject({ name: 'missing-required-output' })
  })

  test('that are missing or null fail the run only where they are required', async () => {
    expect(await failure(json())).toMatchObject({ name: 'missing-required-output', output: 'count' })
    await write('seed.outputs.json', '{"count":null}')
    expect(await failure(json())).toMatchObject({ name: 'missing-required-output', output: 'count' })
    expect(await captureOutputs(dir, json({ required: false }))).toEqual({ ok: true, files: {}, json: {} })
  })

  test.each(['', '{', '[]', '{"a":"\\u0000"}'])('from the document %j are refused', async (text) => {
    await write('seed.outputs.json', text)
    expect(await failure(json())).toMatchObject({ name: 'invalid-output', output: null })
  })

  test('are not read through a link to elsewhere', async () => {
    await writeFile(join(root, 'other.json'), '{"count":1}')
    await symlink(join(root, 'other.json'), join(dir, 'seed.outputs.json'))
    expect(await failure(json())).toMatchObject({ name: 'missing-required-output' })
  })
})
