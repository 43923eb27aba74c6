/** A machine that runs work. */
export type ComputeNode = { readonly id: number; readonly hostname: string; readonly createdAt: string }

/** One process that claims work. */
export type Worker = {
  readonly id: string
  readonly name: string
  readonly nodeId: number
  readonly pid: number | null
}
