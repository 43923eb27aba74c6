import type { Context } from '#resolvers/context.ts'
import { bastionSurface } from './bastion/surface.ts'
import { clusterSurface } from './cluster/surface.ts'
import { nomadSurface } from './nomad/surface.ts'
import type { Surface } from './route.ts'
import { scaleSurface } from './scale/surface.ts'

/** The table: every documented surface, and through it every route. */
export const surfaces: readonly Surface<Context>[] = [scaleSurface, nomadSurface, bastionSurface, clusterSurface]
