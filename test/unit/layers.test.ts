import { describe, expect, it } from 'vitest'
import { importsOf, sources } from '../support/sources.ts'

/** Which rooms each room may import; `docs/house.md` draws the arrows. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  model: [],
  store: ['model'],
  resolvers: ['model', 'store'],
  engine: ['model', 'store'],
  schema: ['model', 'resolvers'],
  rest: ['model', 'resolvers'],
  edge: ['model', 'resolvers', 'schema', 'rest'],
}

/** Packages that only some rooms may know. `.` is the composition root: the files directly under src. */
const owners: Readonly<Record<string, readonly string[]>> = {
  kysely: ['store'],
  pg: ['store'],
  '@electric-sql/pglite': ['store'],
  graphql: ['schema', 'edge'],
  '@pothos/core': ['schema'],
  '@pothos/plugin-relay': ['schema'],
  'graphql-yoga': ['edge'],
  'graphql-ws': ['edge'],
  ws: ['edge'],
  dataloader: ['resolvers'],
  ajv: ['model'],
}

/** Types alone may cross where a room passes a value through without touching it. */
const typeOnly: ReadonlySet<string> = new Set(['resolvers → kysely'])

const files = sources('src/**/*.ts').map((source) => ({
  ...source,
  room: roomOf(source.path),
  imports: importsOf(source),
}))

function roomOf(path: string): string {
  const parts = path.split('/')
  return parts.length > 2 ? (parts[1] ?? '.') : '.'
}

describe('the arrows of the house', () => {
  it('sees the whole house', () => {
    expect(files.length).toBeGreaterThan(60)
    expect(new Set(files.map(({ room }) => room))).toEqual(new Set(['.', ...Object.keys(arrows)]))
  })

  it('lets no room import one that it may not', () => {
    const broken = files.flatMap(({ path, room, imports }) =>
      imports
        .filter((name) => name.startsWith('#'))
        .map((name) => name.slice(1).split('/')[0] ?? '')
        .filter((target) => room !== '.' && !(arrows[room] ?? []).includes(target))
        .map((target) => `${path} imports ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('crosses rooms only by their names', () => {
    const broken = files.flatMap(({ path, room, imports }) =>
      imports
        .filter((name) => name.startsWith('../') && room !== '.')
        .filter((name) => roomOf(new URL(name, `file:///${path}`).pathname.slice(1)) !== room)
        .map((name) => `${path} imports ${name}`),
    )
    expect(broken).toEqual([])
  })

  it('keeps each package in its room', () => {
    const broken = files.flatMap(({ path, room, imports, text }) =>
      imports
        .map((name) => packageOf(name))
        .filter((name) => name in owners && !(owners[name] ?? []).includes(room))
        .filter((name) => !(typeOnly.has(`${room} → ${name}`) && importsTypesOnly(text, name)))
        .map((name) => `${path} imports ${name}`),
    )
    expect(broken).toEqual([])
  })
})

function packageOf(name: string): string {
  const parts = name.split('/')
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function importsTypesOnly(text: string, name: string): boolean {
  return !new RegExp(`import (?!type)[^\\n]*from '${name}'`).test(text)
}
