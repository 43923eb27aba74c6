import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that can be cut and mended. */
export type Relay = {
  readonly port: number
  /** Breaks all connections and refuses new ones. */
  readonly cut: () => Promise<void>
  /** Takes connections again, on the same port; those that were held go on. */
  readonly mend: () => Promise<void>
  /** Holds everything back, as a network does that loses packets: connections stand and nothing comes through. */
  readonly hold: () => void
}

/** Opens a way to the server of a URL. */
export async function openRelay(target: string): Promise<Relay> {
  const { hostname, port: targetPort } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let isHeld = false
  const join = (near: Socket) => {
    const far = connect(Number(targetPort), hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    near.pipe(far).pipe(near)
    if (isHeld) pause(pair)
    for (const socket of pair) {
      socket.on('error', () => {})
      socket.on('close', () => {
        for (const one of pair) one.destroy()
        pairs.delete(pair)
      })
    }
  }
  const listen = (port: number) =>
    new Promise<Server>((resolve) => {
      const made = createServer(join).listen(port, '127.0.0.1', () => resolve(made))
    })
  let server: Server | null = await listen(0)
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo
  return {
    port,
    hold: () => {
      isHeld = true
      for (const pair of pairs) pause(pair)
    },
    cut: async () => {
      const open = server
      server = null
      const closed = new Promise((resolve) => (open === null ? resolve(null) : open.close(resolve)))
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      await closed
    },
    mend: async () => {
      isHeld = false
      for (const pair of pairs) for (const socket of pair) socket.resume()
      server ??= await listen(port)
    },
  }
}

function pause(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.pause()
}
