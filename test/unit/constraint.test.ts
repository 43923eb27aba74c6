import { describe, expect, it } from 'vitest'
import { isMet, meetsVersion, resolveTarget } from '#model/constraint.ts'

const node = {
  uuid: '00000000-0000-0000-0000-000000000001',
  hostname: 'vm',
  datacenter: 'dc1',
  attributes: { 'kernel.name': 'linux', 'kernel.version': '3.19.0', 'cpu.numcores': '4' },
  meta: { rack: 'r7' },
}

describe('constraints on nodes', () => {
  it('look targets up in both notations, and take anything else literally', () => {
    const found = [
      `\${attr.kernel.name}`,
      '$attr.kernel.name',
      `\${meta.rack}`,
      `\${node.datacenter}`,
      `\${node.unique.name}`,
      'linux',
      `\${attr.nope}`,
      `\${attr.constructor}`,
    ].map((target) => resolveTarget(target, node))
    expect(found).toEqual(['linux', 'linux', 'r7', 'dc1', 'vm', 'linux', null, null])
  })

  it.each([
    ['=', 'linux', true],
    ['is', 'linux', true],
    ['!=', 'linux', false],
    ['not', 'plan9', true],
    ['<', 'm', true],
    ['<=', 'linux', true],
    ['>', 'm', false],
    ['>=', 'k', true],
    ['regexp', '^lin(ux|ix)$', true],
    ['regexp', '(', false],
    ['version', '>= 1', false],
    ['frob', 'linux', false],
    ['distinct_hosts', '', true],
  ])('%s %s', (operand, rTarget, met) => {
    expect(isMet({ lTarget: `\${attr.kernel.name}`, rTarget, operand }, node)).toBe(met)
  })

  it('are not met by a node without the attribute, whatever the operand', () => {
    for (const operand of ['=', '!=', '<', 'regexp'])
      expect(isMet({ lTarget: `\${attr.nope}`, rTarget: 'x', operand }, node)).toBe(false)
  })

  it.each([
    ['3.19.0', '>= 3.10, < 4', true],
    ['3.19.0', '~> 3.10', true],
    ['3.19.0', '~> 3.10.0', false],
    ['4.0.0-rc1', '>= 4.0.0', false],
    ['v1.2', '= 1.2.0', true],
    ['1.2', '!= 1.2', false],
    ['banana', '> 0', false],
    ['1.0', 'banana', false],
  ])('version %s meets %s: %s', (version, constraints, met) => {
    expect(meetsVersion(version, constraints)).toBe(met)
  })

  it('give a pattern that backtracks for ever a tenth of a second', () => {
    const began = performance.now()
    const evil = { lTarget: `${'a'.repeat(40)}!`, rTarget: '^(a+)+$', operand: 'regexp' }
    expect(isMet(evil, node)).toBe(false)
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
