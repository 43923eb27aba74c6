import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, test } from 'vitest'
import { toJson } from '#model/json.ts'
import { openApi } from '#rest/openapi.ts'
import { surfaces } from '#rest/surfaces.ts'
import { apiInfo } from '../../src/app.ts'

/** The rules that the documented surfaces themselves break. */
const rules = {
  // The Scale document writes its paths with a final slash.
  'no-path-trailing-slash': 'off',
  // A document's example may leave out what is always answered; openapi-example.test.ts holds the examples without that.
  'no-invalid-media-type-examples': 'off',
} as const

async function problems(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'], rules })
  const found = await lintFromString({ source, absoluteRef: 'openapi.json', config })
  return found.map((problem) => `${problem.ruleId} ${problem.location[0]?.pointer}: ${problem.message}`)
}

test.each(surfaces.map((surface) => [surface.name, surface] as const))('%s alone lints clean', async (_, surface) => {
  expect(await problems(toJson(openApi([surface], apiInfo)))).toEqual([])
})

test('all surfaces together lint clean, and the linter is awake', async () => {
  const whole = openApi(surfaces, apiInfo)
  expect(await problems(toJson(whole))).toEqual([])
  expect(await problems(toJson({ ...whole, servers: [] }))).not.toEqual([])
})
