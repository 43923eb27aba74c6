import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLineFramer, lineText, type OutputLine } from '#engine/drivers/line.ts'
import { createOutputCap } from '#engine/drivers/output-cap.ts'

const at = (ms: number) => new Date(ms)
const texts = (lines: readonly OutputLine[]) => lines.map(({ bytes }) => bytes.toString('latin1'))

function frame(chunks: readonly Buffer[], maxLineBytes: number): OutputLine[] {
  const framer = createLineFramer({ maxLineBytes })
  const lines = chunks.flatMap((chunk, position) => framer.push(chunk, at(position)))
  const last = framer.flush()
  expect(framer.flush()).toBeNull()
  return last === null ? lines : [...lines, last]
}

describe('createLineFramer', () => {
  test('joins what chunks cut, and dates a line by its first byte', () => {
    const lines = frame([Buffer.from('a\nb'), Buffer.from('c'), Buffer.from('d\n\ne')], 100)
    expect(texts(lines)).toEqual(['a\n', 'bcd\n', '\n', 'e'])
    expect(lines.map((line) => line.at.getTime())).toEqual([0, 0, 2, 2])
  })

  test('cuts only lines that are longer than the limit', () => {
    expect(texts(frame([Buffer.from('12345\n123456\n')], 5))).toEqual(['12345\n', '12345', '6\n'])
    expect(texts(frame([Buffer.from('12345')], 5))).toEqual(['12345'])
  })

  test('cuts between characters, and anywhere in bytes that are none', () => {
    expect(frame([Buffer.from('ab€€')], 4).map(({ bytes }) => bytes.toString())).toEqual(['ab', '€', '€'])
    expect(texts(frame([Buffer.alloc(9, 0x80)], 4)).map((text) => text.length)).toEqual([4, 4, 1])
  })

  test('loses and adds no byte, however the stream is cut', () => {
    const chunk = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => Buffer.from(bytes.map((byte) => (byte < 60 ? 10 : byte))))
    fc.assert(
      fc.property(fc.array(chunk), fc.integer({ min: 1, max: 20 }), (chunks, max) => {
        const lines = frame(chunks, max)
        expect(Buffer.concat(lines.map(({ bytes }) => bytes))).toEqual(Buffer.concat(chunks))
        for (const { bytes } of lines) {
          expect(bytes.length).toBeGreaterThan(0)
          expect(bytes.subarray(0, -1).includes(10)).toBe(false)
          expect(bytes.length - (bytes.at(-1) === 10 ? 1 : 0)).toBeLessThanOrEqual(max)
        }
      }),
    )
  })
})

test.each([
  [Buffer.from('a\n'), 'a'],
  [Buffer.from('a\r\n'), 'a'],
  [Buffer.from('\r\n'), ''],
  [Buffer.from('a\r'), 'a\r'],
  [Buffer.from('a\n\n'), 'a\n'],
  [Buffer.from([0x61, 0, 0xff, 0x62, 10]), 'a\u2400\ufffdb'],
  [Buffer.from([0xe2, 0x82]), '\ufffd'],
  [Buffer.from('\u001b[31mred'), '\u001b[31mred'],
])('lineText(%j) is %j', (bytes, text) => {
  expect(lineText(bytes)).toBe(text)
})

describe('createOutputCap', () => {
  const line = (text: string, ms = 0): OutputLine => ({ bytes: Buffer.from(text), at: at(ms) })

  test('passes the head at once, keeps the tail, and counts what fell between', () => {
    const cap = createOutputCap({ headBytes: 6, tailBytes: 6, tailLines: 10 })
    const passed = ['aa\n', 'bb\n', 'c\n', 'dd\n', 'ee\n', 'ff\n'].map((text, ms) => cap.push(line(text, ms)))
    expect(passed.map((kept) => kept?.bytes.toString() ?? null)).toEqual(['aa\n', 'bb\n', null, null, null, null])
    const rest = cap.finish()
    expect(texts(rest)).toEqual(['[jobgraph: 5 bytes dropped]\n', 'ee\n', 'ff\n'])
    expect(rest[0]?.at).toEqual(at(2))
    expect(cap.dropped()).toBe(5)
  })

  test('a stream within head and tail comes through whole and unmarked', () => {
    const cap = createOutputCap({ headBytes: 4, tailBytes: 4, tailLines: 10 })
    expect(cap.push(line('abc\n'))).not.toBeNull()
    expect(cap.push(line('d\n'))).toBeNull()
    expect(texts(cap.finish())).toEqual(['d\n'])
  })

  test('after the first line that was held back no later one overtakes it', () => {
    const cap = createOutputCap({ headBytes: 4, tailBytes: 100, tailLines: 10 })
    expect(cap.push(line('too long\n'))).toBeNull()
    expect(cap.push(line('a\n'))).toBeNull()
    expect(texts(cap.finish())).toEqual(['too long\n', 'a\n'])
  })

  test('bounds the number of lines it holds, too', () => {
    const cap = createOutputCap({ headBytes: 0, tailBytes: 1_000_000, tailLines: 3 })
    for (let count = 0; count < 10_000; count += 1) cap.push(line('\n'))
    expect(texts(cap.finish())).toEqual(['[jobgraph: 9997 bytes dropped]\n', '\n', '\n', '\n'])
  })
})
