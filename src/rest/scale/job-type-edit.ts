import type { Finding } from '#model/documents/configuration-check.ts'
import { badInput } from '#model/error.ts'
import { isObject, type Json } from '#model/json.ts'
import type { Context } from '#resolvers/context.ts'
import { getJobType, parseRegistration, registerJobType, validateJobType } from '#resolvers/job-type.ts'
import { editJobType, parseEdit } from '#resolvers/job-type-edit.ts'
import { json, type Reply } from '../reply.ts'
import { objectSchema, type RestRequest, type Route } from '../route.ts'
import { named } from '../shape.ts'
import { scaleBodyTypes } from './error.ts'
import { toScaleJobTypeDetails } from './job-type-wire.ts'
import { absoluteUrl } from './page.ts'
import { bool, dict, int, isCleared, readParams, required, type ScaleParam, text, type Values } from './param.ts'

const manifest = dict('The Seed manifest 1.0.0 of the job.')
const configuration = dict('Mounts, output workspaces, priority and settings; what is left out gets its default.')

/** In the order in which faults are told. */
const editParams = {
  icon_code: text('The code of a Font Awesome icon. An empty text is none and changes nothing.'),
  max_scheduled: int('How many jobs may run at once; 0 or, in an edit, null lifts the limit.'),
  docker_image: text('The Docker image with the code to run.'),
  manifest,
  is_published: bool('Whether the job type publishes its output; false when it is new.'),
  auto_update: bool('Whether recipes take the new revision; accepted, for recipes have no definitions here.'),
  is_active: bool('Whether new jobs may be queued; true when it is new.'),
  is_paused: bool('Whether queued jobs wait; false when it is new.'),
  configuration: unread(configuration),
}
const registrationParams = {
  ...editParams,
  docker_image: required(editParams.docker_image),
  manifest: required(manifest),
}
const validationParams = { manifest: required(manifest), configuration }

const wrong = { doc: 'A field is wrong.', schema: named('ScaleDetail') }
const checked = { doc: 'What was found.', schema: named('ScaleValidation') }

/** Registering, validating and editing, as the Scale v6 job types document has them. */
export const jobTypeEditRoutes: readonly Route<Context>[] = [
  {
    surface: 'scale',
    method: 'POST',
    path: '/v6/job-types/',
    id: 'registerScaleJobType',
    summary: 'Registers a Seed image as a new version of a job type, or a new revision of one that exists.',
    doc: 'A known name and version gets a new revision, and keeps its configuration unless one is sent. Workspaces that are not known are made, unless the gateway is strict.',
    body: objectSchema(registrationParams),
    accepts: scaleBodyTypes,
    replies: {
      200: { ...checked, doc: 'The name and version existed and got a new revision.' },
      201: {
        doc: 'The new job type.',
        schema: named('ScaleJobTypeDetails'),
        headers: { Location: { doc: 'The address of its details.', schema: { type: 'string', format: 'uri' } } },
      },
      400: wrong,
    },
    handler: register,
  },
  {
    surface: 'scale',
    method: 'POST',
    path: '/v6/job-types/validation/',
    id: 'validateScaleJobType',
    summary: 'Judges a manifest and a configuration without storing them.',
    doc: 'At most one error is told, and warnings only where there is none.',
    body: objectSchema(validationParams),
    accepts: scaleBodyTypes,
    replies: { 200: checked, 400: wrong },
    handler: async (ctx, request) => {
      const sent = readParams(request, validationParams, ctx.now())
      const { isValid, errors, warnings } = await validateJobType(ctx, sent.manifest, sent.configuration)
      return json(200, { is_valid: isValid, errors, warnings })
    },
  },
  {
    surface: 'scale',
    method: 'PATCH',
    path: '/v6/job-types/{name}/{version}/',
    id: 'editScaleJobType',
    summary: 'Edits a version of a job type.',
    doc: 'Only the fields that are sent change; a configuration is replaced as a whole, and a manifest makes a revision.',
    body: objectSchema(editParams),
    accepts: scaleBodyTypes,
    replies: { 200: checked, 400: wrong, 404: { doc: 'There is no such job type.', schema: named('ScaleDetail') } },
    handler: edit,
  },
]

async function register(ctx: Context, request: RestRequest): Promise<Reply> {
  const sent = readParams(request, registrationParams, ctx.now())
  const registration = parseRegistration({
    ...fields(sent),
    dockerImage: sent.docker_image,
    manifest: sent.manifest,
    configuration: sent.configuration,
  })
  refuseUnknownFields(request)
  const { isNew, jobType, warnings } = await registerJobType(ctx, registration)
  if (!isNew) return valid(warnings)
  const path = `/v6/job-types/${encodeURIComponent(jobType.name)}/${encodeURIComponent(jobType.version)}/`
  return json(201, await toScaleJobTypeDetails(ctx, jobType), { Location: absoluteUrl(request, path) })
}

async function edit(ctx: Context, request: RestRequest): Promise<Reply> {
  const { name = '', version = '' } = request.params
  const sent = readParams(request, editParams, ctx.now())
  const parsed = parseEdit(name, version, {
    ...fields(sent),
    ...(sent.docker_image === null ? {} : { dockerImage: sent.docker_image }),
    ...(sent.manifest === null ? {} : { manifest: sent.manifest }),
    ...(sent.configuration === null ? {} : { configuration: sent.configuration }),
    ...(isCleared(request, 'max_scheduled') ? { maxScheduled: null } : {}),
  })
  await getJobType(ctx, name, version)
  refuseUnknownFields(request)
  const { warnings } = await editJobType(ctx, name, version, parsed)
  return valid(warnings)
}

function valid(warnings: readonly Finding[]): Reply {
  return json(200, { is_valid: true, errors: [], warnings })
}

function fields(sent: Values<typeof editParams> | Values<typeof registrationParams>) {
  return {
    ...(sent.icon_code === null ? {} : { iconCode: sent.icon_code }),
    ...(sent.max_scheduled === null ? {} : { maxScheduled: sent.max_scheduled }),
    ...(sent.is_published === null ? {} : { isPublished: sent.is_published }),
    ...(sent.is_active === null ? {} : { isActive: sent.is_active }),
    ...(sent.is_paused === null ? {} : { isPaused: sent.is_paused }),
  }
}

/** A parameter whose shape is judged later, with the document that it is, so that faults are told in their order. */
function unread(param: ScaleParam<unknown>): ScaleParam<Json> {
  return {
    ...param,
    read: (sent) => (sent === null ? null : 'json' in sent ? sent.json : (sent.texts.at(-1) ?? null)),
  }
}

/** Unlike a query, a body may hold nothing that is not documented. */
function refuseUnknownFields({ body }: RestRequest): void {
  const keys =
    body.kind === 'form'
      ? [...body.fields.keys()]
      : body.kind === 'json' && isObject(body.value)
        ? Object.keys(body.value)
        : []
  const unknown = keys.find((key) => !Object.hasOwn(editParams, key))
  if (unknown === undefined) return
  const known = Object.keys(editParams).join(', ')
  throw badInput(`${unknown.slice(0, 60).toWellFormed()} is not a valid field. Valid fields are: ${known}`, {
    path: [unknown],
  })
}
