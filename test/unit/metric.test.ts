import { describe, expect, it } from 'vitest'
import { createRegistry } from '../../src/edge/metric.ts'

const noFault = (error: unknown) => {
  throw error
}

describe('measures as text', () => {
  it('counts by labels, and escapes them', async () => {
    const registry = createRegistry()
    const seen = registry.counter({ name: 'seen_total', help: 'What was\nseen \\ told', labels: ['a', 'b'] })
    seen.add(['x', 'y'])
    seen.add(['x', 'y'], 2)
    seen.add(['"\n\\', ''])
    expect(await registry.expose(noFault)).toBe(
      [
        '# HELP seen_total What was\\nseen \\\\ told',
        '# TYPE seen_total counter',
        'seen_total{a="x",b="y"} 3',
        'seen_total{a="\\"\\n\\\\",b=""} 1\n',
      ].join('\n'),
    )
  })

  it('adds the buckets of a histogram up, each bound with what equals it', async () => {
    const registry = createRegistry()
    const taken = registry.histogram({ name: 'taken', help: 'Taken', labels: ['by'] }, [1, 5])
    for (const value of [0, 1, 2, 5, 6]) taken.observe(['x'], value)
    expect((await registry.expose(noFault)).split('\n').slice(1)).toEqual([
      '# TYPE taken histogram',
      'taken_bucket{by="x",le="1"} 2',
      'taken_bucket{by="x",le="5"} 4',
      'taken_bucket{by="x",le="+Inf"} 5',
      'taken_sum{by="x"} 14',
      'taken_count{by="x"} 5',
      '',
    ])
  })

  it('reads gauges when asked, in the order of names', async () => {
    const registry = createRegistry()
    let value = 1
    registry.gauge({ name: 'b', help: 'B' }, () => value)
    registry.total({ name: 'a_total', help: 'A', labels: ['k'] }, async () => [{ labels: ['v'], value: Number.NaN }])
    expect(await registry.expose(noFault)).toContain('\nb 1\n')
    value = Number.POSITIVE_INFINITY
    const lines = (await registry.expose(noFault)).split('\n')
    expect(lines).toEqual([
      '# HELP a_total A',
      '# TYPE a_total counter',
      'a_total{k="v"} NaN',
      '# HELP b B',
      '# TYPE b gauge',
      'b +Inf',
      '',
    ])
  })

  it('leaves out what cannot be read, says why, and shows the rest', async () => {
    const registry = createRegistry()
    const faults: unknown[] = []
    registry.gauge({ name: 'broken', help: 'Broken' }, async () => Promise.reject(new Error('no')))
    registry.gauge({ name: 'whole', help: 'Whole' }, () => 7)
    expect(await registry.expose((error) => faults.push(error))).toBe(
      '# HELP whole Whole\n# TYPE whole gauge\nwhole 7\n',
    )
    expect(faults).toEqual([new Error('no')])
  })

  it('takes a name once, and shares nothing between registries', async () => {
    const registry = createRegistry()
    registry.counter({ name: 'one', help: 'One' }).add([])
    expect(() => registry.gauge({ name: 'one', help: 'One' }, () => 1)).toThrow(/named one/)
    expect(await createRegistry().expose(noFault)).toBe('')
  })
})
