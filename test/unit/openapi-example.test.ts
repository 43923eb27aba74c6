import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '#model/json.ts'
import { openApi } from '#rest/openapi.ts'
import { surfaces } from '#rest/surfaces.ts'
import { apiInfo } from '../../src/app.ts'

const documented = openApi(surfaces, apiInfo)
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
ajv.addSchema({ ...documented }, 'document')

type Shown = { readonly pointer: string; readonly example: Json; readonly media: JsonObject }

/** Every media type of the document with an example. */
function shownIn(value: Json | undefined, pointer: string): Shown[] {
  if (!isObject(value)) return []
  if (isObject(value.schema) && value.example !== undefined) return [{ pointer, example: value.example, media: value }]
  return Object.entries(value).flatMap(([key, member]) =>
    shownIn(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
}

const shown = shownIn(documented.paths, '/paths')

test.each(shown)('$pointer shows what its schema allows', ({ pointer, example }) => {
  const check = ajv.compile({ $ref: `document#${encodeURI(pointer)}/schema` })
  check(example)
  expect(check.errors ?? []).toEqual([])
})

test('every example of a surface reaches the document as it stands', () => {
  const kept = new Set(shown.map(({ example }) => JSON.stringify(example)))
  for (const { examples = {}, routes } of surfaces) {
    for (const [id, { request, response }] of Object.entries(examples)) {
      expect(routes.map((route) => route.id)).toContain(id)
      for (const body of [request, response]) if (body !== undefined) expect(kept, id).toContain(JSON.stringify(body))
    }
  }
})
