/**
 * The clients of bench/subscribe.ts: so many sockets to a server, each with one subscription where it is the gateway's.
 * Over IPC they are told to open, and tell when all follow, when each has got a frame, and at last when they got them.
 */
import { WebSocket } from 'ws'
import { sharedNow } from './load.ts'

const query = `subscription {
  jobStatusChanged(snapshot: false) { kind cursor index at from to job { id status type { name } } }
}`
/** How many sockets are on their way to be opened at a time. */
const opening = 50

/** What the sockets to one server have got in each round: when, and the frame that all must get. */
type Round = { readonly frame: string; readonly times: number[] }
const rounds = new Map<string, Round[]>()

process.on('message', (asked) => {
  const { open, port, count, times } = Object(asked)
  if (typeof times === 'string') return process.send?.({ times: rounds.get(times)?.map((round) => round.times) ?? [] })
  if (typeof open !== 'string') return undefined
  return openAll(open, Number(port), Number(count)).then(
    () => process.send?.({ opened: count }),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))

async function openAll(server: string, port: number, count: number): Promise<void> {
  rounds.set(server, [])
  const open = server === 'gateway' ? subscribe : listen
  let left = count
  const opener = async () => {
    while (left > 0) {
      left -= 1
      let received = 0
      await open(port, (frame) => {
        got(server, received, frame, count)
        received += 1
      })
    }
  }
  await Promise.all(Array.from({ length: opening }, opener))
}

function got(server: string, place: number, frame: string, count: number): void {
  const now = sharedNow()
  const all = rounds.get(server) ?? []
  const round = all[place] ?? { frame, times: [] }
  all[place] = round
  if (frame !== round.frame) throw new Error(`${frame} came in the place of ${round.frame}`)
  round.times.push(now)
  if (round.times.length === count) process.send?.({ complete: frame })
}

/** Resolves once the gateway has told where the subscription begins. */
function subscribe(port: number, got: (frame: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(`ws://127.0.0.1:${port}/graphql`, reject, 'graphql-transport-ws')
    socket.once('open', () => socket.send('{"type":"connection_init"}'))
    socket.on('message', (data) => {
      const frame = String(data)
      if (frame.includes('"kind":"CHANGE"')) got(frame)
      else if (frame.includes('"kind":"BOOKMARK"')) resolve()
      else if (frame.includes('"connection_ack"'))
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
      else reject(new Error(frame))
    })
  })
}

function listen(port: number, got: (frame: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(`ws://127.0.0.1:${port}`, reject)
    socket.once('open', () => resolve())
    socket.on('message', (data) => got(String(data)))
  })
}

function connect(url: string, failed: (error: Error) => void, protocol?: string): WebSocket {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false })
  socket.once('error', failed)
  socket.once('close', (code) => {
    throw new Error(`a socket was closed with ${code}`)
  })
  return socket
}
