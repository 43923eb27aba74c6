/** Messages as frames of the WebSocket protocol (RFC 6455, 5.2): whole, of text, and unmasked, as a server sends them. */

const finalText = 0x81
/** Lengths from here on are written in two bytes more, or eight, behind one of these marks. */
const [extended, long] = [126, 65_536]
const [twoBytes, eightBytes] = [126, 127]

/** One frame whose text is these parts, in UTF-8, one after another. */
export function frameOf(...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = headOf(length)
  const frame = Buffer.allocUnsafe(head.length + length)
  frame.set(head)
  let offset = head.length
  for (const part of parts) {
    frame.set(part, offset)
    offset += part.length
  }
  return frame
}

function headOf(length: number): Uint8Array {
  if (length < extended) return Uint8Array.of(finalText, length)
  if (length < long) return Uint8Array.of(finalText, twoBytes, length >> 8, length)
  const head = Buffer.alloc(10)
  head[0] = finalText
  head[1] = eightBytes
  head.writeUIntBE(length, 4, 6)
  return head
}
