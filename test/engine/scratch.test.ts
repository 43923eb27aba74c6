import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createScratch, placeInput, removeScratch } from '#engine/drivers/scratch.ts'
import { DomainError } from '#model/error.ts'

let root: string
let stored: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'jobgraph-test-'))
  stored = join(root, 'stored')
  await writeFile(stored, 'content')
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('a directory is private and fresh', async () => {
  const first = await createScratch(join(root, 'runs'), 12n, 1)
  expect(first.dir).toBe(join(root, 'runs', '12-1'))
  expect((await stat(first.dir)).mode & 0o777).toBe(0o700)
  await writeFile(join(first.outputs, 'left over'), 'x')
  const again = await createScratch(join(root, 'runs'), 12n, 1)
  expect(await readdir(again.outputs)).toEqual([])
  await removeScratch(again.dir)
  await removeScratch(again.dir)
  expect(await readdir(join(root, 'runs'))).toEqual([])
})

test('one file is placed as itself, several as a directory', async () => {
  const scratch = await createScratch(root, 'a', 1)
  const one = await placeInput(scratch, 'ONE', [{ path: stored, fileName: 'a.tif' }], { multiple: false })
  expect(one).toBe(join(scratch.inputs, 'ONE', 'a.tif'))
  expect(await readlink(one)).toBe(stored)
  const files = ['b.tif', 'b.tif', 'c.tif'].map((fileName) => ({ path: stored, fileName }))
  const many = await placeInput(scratch, 'MANY', files, { multiple: true, copy: true })
  expect((await readdir(many)).sort()).toEqual(['2-b.tif', 'b.tif', 'c.tif'])
  await writeFile(join(many, 'b.tif'), 'changed')
  expect(await readFile(stored, 'utf8')).toBe('content')
  await expect(placeInput(scratch, 'TWO', files, { multiple: false })).rejects.toThrow(DomainError)
})

test.each(['', '.', '..', 'a/b', '../x', 'a\0', 'x'.repeat(256)])('the name %j is refused', async (name) => {
  const scratch = await createScratch(root, 'a', 1)
  const place = (input: string, fileName: string) =>
    placeInput(scratch, input, [{ path: stored, fileName }], { multiple: true })
  await expect(place('IN', name)).rejects.toThrow(DomainError)
  await expect(place(name, 'a.tif')).rejects.toThrow(DomainError)
})

test('an execution id cannot leave the root', async () => {
  await expect(createScratch(root, '../x', 1)).rejects.toThrow(DomainError)
})

test('what a command made read-only is removed all the same, and links are not followed', async () => {
  const scratch = await createScratch(root, 'a', 1)
  const deep = join(scratch.dir, 'cache', 'deep')
  await mkdir(deep, { recursive: true })
  await writeFile(join(deep, 'file'), 'x')
  await symlink(root, join(deep, 'out'))
  await chmod(deep, 0o500)
  await chmod(join(scratch.dir, 'cache'), 0o000)
  await removeScratch(scratch.dir)
  expect(await readdir(root)).toEqual(['stored'])
})
