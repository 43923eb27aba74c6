import type { JsonObject } from '#model/json.ts'
import type { Launch, Registration } from '#model/service-job.ts'
import type { Store } from './store.ts'

/** Which service job is meant. */
export type ServiceKey = { readonly region: string; readonly name: string }

/** A specification that was checked and has its defaults. */
export type NewServiceJob = {
  readonly region: string
  readonly spec: JsonObject
}

/** stub */
export async function registerServiceJob(_store: Store, _job: NewServiceJob): Promise<Registration> {
  throw new Error('unfinished')
}

/** stub */
export async function deregisterServiceJob(_store: Store, _key: ServiceKey): Promise<Registration> {
  throw new Error('unfinished')
}

/** stub */
export async function evaluateServiceJob(_store: Store, _key: ServiceKey): Promise<Registration> {
  throw new Error('unfinished')
}

/** stub */
export async function forceServiceJob(_store: Store, _key: ServiceKey): Promise<Launch> {
  throw new Error('unfinished')
}
