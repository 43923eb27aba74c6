import { toJson } from '#model/json.ts'
import { openApi } from '#rest/openapi.ts'
import { surfaces } from '#rest/surfaces.ts'
import { sdl } from '#schema/index.ts'
import { apiInfo } from '../src/app.ts'

/** The committed mirrors of the public faces by file name, as the code gives them now. */
export function mirrors(): ReadonlyMap<string, string> {
  return new Map([
    ['schema.graphql', sdl],
    ['openapi.json', `${toJson(openApi(surfaces, apiInfo), 2)}\n`],
  ])
}
