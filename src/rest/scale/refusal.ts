import type { ReplyDoc } from '../route.ts'
import { named } from '../shape.ts'

const detail = named('ScaleDetail')

/** A parameter or the body is wrong; the sentence names it. */
export const badRequest: ReplyDoc = { doc: 'A parameter or the body is wrong.', schema: detail }
/** What the path names does not exist. */
export const unknown: ReplyDoc = { doc: 'What the path names does not exist.', schema: detail }
/** What no route names, since all share it. */
export const refusal: ReplyDoc = {
  doc: 'Refused: a form of the answer that there is none of, a body that is too large or of another type, a key used twice, or a fault here.',
  schema: detail,
}
/** The page does not exist. */
export const unknownPage: ReplyDoc = { doc: 'There is no such page.', schema: detail }
