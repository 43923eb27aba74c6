import { toJson } from '#model/json.ts'
import { openApi } from '#rest/openapi.ts'
import { surfaces } from '#rest/surfaces.ts'
import { sdl } from '#schema/index.ts'
import { openPglite } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { describeStructure } from '#store/structure.ts'
import { apiInfo } from '../src/app.ts'
import { surfacesPage } from './operation-table.ts'

/** The committed mirrors of the public faces by file name, as the code gives them now. */
export function mirrors(): ReadonlyMap<string, string> {
  return new Map([
    ['schema.graphql', sdl],
    ['openapi.json', `${toJson(openApi(surfaces, apiInfo), 2)}\n`],
    ['docs/surfaces.md', surfacesPage()],
  ])
}

/** The mirror of the database, `structure.sql`, as the migrations make it now. */
export async function structureMirror(): Promise<string> {
  const open = await openPglite(null)
  await migrate(open.db)
  const structure = await describeStructure(open.db)
  await open.close()
  return structure
}
