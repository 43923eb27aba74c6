import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Amounts, noAmounts, plus, type ScheduledNode, unsuitable } from '#model/node-fit.ts'
import { type Plan, type ScheduledAllocation, type ScheduledJob, scheduleJob } from '#model/schedule.ts'

const small: Amounts = { cpu: 100, memoryMb: 10, diskMb: 10, iops: 0, ports: [] }

const node = (id: number, more: Partial<ScheduledNode> = {}): ScheduledNode => ({
  id,
  uuid: `node-${id}`,
  hostname: `host${id}`,
  datacenter: 'dc1',
  attributes: { 'driver.raw_exec': '1' },
  meta: {},
  capacity: { cpu: 1_000, memoryMb: 1_000, diskMb: 1_000, iops: null },
  used: noAmounts,
  ...more,
})

const needs = { datacenters: ['dc1'], drivers: ['raw_exec'], constraints: [], amounts: small }

const job = (count: number, more: Partial<ScheduledJob> = {}): ScheduledJob => ({
  title: 'web',
  kind: 'service',
  isStopped: false,
  isDistinct: false,
  maxParallel: null,
  groups: [{ name: 'g', count, needs }],
  ...more,
})

/** What stands after a plan: its updates are up to date, its placements pending, its stops gone. */
function carryOut(plan: Plan, allocations: readonly ScheduledAllocation[], asked: ScheduledJob): ScheduledAllocation[] {
  const stopped = new Set(plan.stops.map(({ executionId }) => executionId))
  const updated = new Set(plan.updates.map(({ executionId }) => executionId))
  const amountsOf = (group: string) => asked.groups.find(({ name }) => name === group)?.needs.amounts ?? noAmounts
  const kept = allocations
    .filter(({ executionId }) => !stopped.has(executionId))
    .map((one) =>
      updated.has(one.executionId) ? { ...one, change: 'none' as const, amounts: amountsOf(one.group) } : one,
    )
  const next = Math.max(0, ...allocations.map(({ executionId }) => executionId)) + 1
  const made = plan.placements.map(
    (one, place): ScheduledAllocation => ({
      executionId: next + place,
      name: one.name,
      group: one.group,
      nodeId: one.nodeId,
      desiredStatus: 'run',
      clientStatus: 'pending',
      amounts: amountsOf(one.group),
      change: 'none',
    }),
  )
  return [...kept, ...made]
}

function occupied(nodes: readonly ScheduledNode[], allocations: readonly ScheduledAllocation[]): ScheduledNode[] {
  const isLive = ({ desiredStatus, clientStatus }: ScheduledAllocation) =>
    desiredStatus === 'run' && (clientStatus === 'pending' || clientStatus === 'running')
  return nodes.map((one) => ({
    ...one,
    used: allocations
      .filter((allocation) => isLive(allocation) && allocation.nodeId === one.id)
      .reduce((sum, { amounts }) => plus(sum, amounts), noAmounts),
  }))
}

const anyJob = fc
  .record({
    kind: fc.constantFrom('service', 'batch', 'system'),
    isStopped: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
    isDistinct: fc.boolean(),
    maxParallel: fc.constantFrom(null, 1, 2),
    counts: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 3 }),
    cpu: fc.constantFrom(0, 100, 400),
    ports: fc.constantFrom([], [], [80], [80, 443]),
  })
  .map(
    ({ counts, cpu, ports, ...rest }): ScheduledJob => ({
      title: 'web',
      ...rest,
      groups: counts.map((count, place) => ({
        name: `g${place}`,
        count: rest.kind === 'system' ? Math.min(count, 1) : count,
        needs: { ...needs, amounts: { ...small, cpu, ports } },
      })),
    }),
  )

const anyNodes = fc
  .array(
    fc.record({
      cpu: fc.constantFrom(200, 1_000),
      datacenter: fc.constantFrom('dc1', 'dc1', 'dc2'),
      exec: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map(({ cpu, datacenter, exec }, place) =>
      node(place + 1, {
        datacenter,
        attributes: exec ? { 'driver.raw_exec': '1' } : {},
        capacity: { cpu, memoryMb: 1_000, diskMb: 1_000, iops: null },
      }),
    ),
  )

const anyDisturbance = fc.array(
  fc.record({
    place: fc.nat(),
    clientStatus: fc.constantFrom('pending', 'running', 'complete', 'failed', 'lost'),
    change: fc.constantFrom('none', 'in-place', 'destructive'),
  }),
  { maxLength: 8 },
)

/** Jobs that were planned once as one job, then met with accidents, and are now asked to be another. */
const anyState = fc
  .record({ first: anyJob, second: anyJob, nodes: anyNodes, accidents: anyDisturbance })
  .map(({ first, second, nodes, accidents }) => {
    const placed = carryOut(scheduleJob(first, [], nodes), [], first)
    const allocations = placed.map((one, place) => {
      const accident = accidents.find((other) => other.place % Math.max(placed.length, 1) === place)
      return accident === undefined ? one : { ...one, clientStatus: accident.clientStatus, change: accident.change }
    })
    return { job: { ...second, kind: first.kind }, allocations, nodes }
  })

const isStanding = ({ desiredStatus, clientStatus }: ScheduledAllocation, kind: string) =>
  desiredStatus === 'run' &&
  (clientStatus === 'pending' ||
    clientStatus === 'running' ||
    (kind === 'batch' && (clientStatus === 'complete' || clientStatus === 'failed')))

describe('a plan, whatever stood before', () => {
  it('promises no node more than it has, and only to what suits it', () => {
    fc.assert(
      fc.property(anyState, ({ job: asked, allocations, nodes }) => {
        const plan = scheduleJob(asked, allocations, occupied(nodes, allocations))
        for (const { nodeId, group } of plan.placements) {
          const target = nodes.find(({ id }) => id === nodeId)
          const found = asked.groups.find(({ name }) => name === group)
          if (target === undefined || found === undefined) throw new Error('placed nowhere')
          expect(target.datacenter).toBe('dc1')
          expect(unsuitable(found.needs, target)).toBeNull()
        }
        for (const one of occupied(nodes, carryOut(plan, allocations, asked)))
          if (plan.placements.some(({ nodeId }) => nodeId === one.id))
            expect(one.used.cpu).toBeLessThanOrEqual(one.capacity.cpu ?? Number.POSITIVE_INFINITY)
        for (const { nodeId, group } of plan.placements) {
          const used = occupied(nodes, carryOut(plan, allocations, asked)).find(({ id }) => id === nodeId)?.used
          const own = asked.groups.find(({ name }) => name === group)?.needs.amounts.ports ?? []
          for (const port of own) expect(used?.ports.filter((one) => one === port)).toEqual([port])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('leaves what is wanted standing once, and accounts for every instance', () => {
    fc.assert(
      fc.property(anyState, ({ job: asked, allocations, nodes }) => {
        const plan = scheduleJob(asked, allocations, occupied(nodes, allocations))
        const standing = carryOut(plan, allocations, asked).filter((one) => isStanding(one, asked.kind))
        const key = (one: ScheduledAllocation) => (asked.kind === 'system' ? `${one.name} ${one.nodeId}` : one.name)
        expect(new Set(standing.map(key)).size).toBe(standing.length)
        if (asked.kind === 'system') return
        for (const { name, count } of asked.groups) {
          const own = standing.filter(
            ({ group, clientStatus }) => group === name && clientStatus !== 'complete' && clientStatus !== 'failed',
          )
          const done = standing.filter(({ group }) => group === name).length - own.length
          const missing = plan.failures.find(({ group }) => group === name)?.count ?? 0
          const wanted = asked.isStopped ? 0 : count
          // Finished work of a batch job stays, also beyond the count.
          expect(own.length + missing).toBeLessThanOrEqual(wanted)
          expect(own.length + missing + done).toBeGreaterThanOrEqual(wanted)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('comes to rest: a plan of what a plan has made is empty, but for what found no node or waits its turn', () => {
    fc.assert(
      fc.property(anyState, ({ job: asked, allocations, nodes }) => {
        let state: ScheduledAllocation[] = allocations.map((one) => ({ ...one }))
        for (let turn = 0; turn < 30; turn += 1) {
          const plan = scheduleJob(asked, state, occupied(nodes, state))
          state = carryOut(plan, state, asked)
          if (!plan.isRolling) break
        }
        const rest = scheduleJob(asked, state, occupied(nodes, state))
        expect([rest.stops, rest.updates, rest.isRolling]).toEqual([[], [], false])
        expect(rest.placements).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('replaces no more at a time than is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (count, maxParallel) => {
        const first = job(count)
        const outdated = carryOut(scheduleJob(first, [], [node(1)]), [], first).map((one) => ({
          ...one,
          change: 'destructive' as const,
        }))
        const plan = scheduleJob(job(count, { maxParallel }), outdated, occupied([node(1)], outdated))
        expect(plan.stops).toHaveLength(Math.min(count, maxParallel))
        expect(plan.placements.map(({ name }) => name)).toEqual(outdated.slice(0, maxParallel).map(({ name }) => name))
        expect(plan.isRolling).toBe(count > maxParallel)
      }),
    )
  })
})

describe('where instances go', () => {
  it('removes the highest places, and fills the lowest free ones', () => {
    const three = carryOut(scheduleJob(job(3), [], [node(1)]), [], job(3))
    expect(scheduleJob(job(1), three, [node(1)]).stops.map(({ executionId }) => executionId)).toEqual(
      three.slice(1).map(({ executionId }) => executionId),
    )
    const hole = three.filter(({ name }) => name !== 'web.g[1]')
    expect(scheduleJob(job(4), hole, [node(1)]).placements.map(({ slot }) => slot)).toEqual([1, 3])
  })

  it('keeps instances apart where they must be', () => {
    const plan = scheduleJob(job(3, { isDistinct: true }), [], [node(1), node(2)])
    expect(plan.placements.map(({ nodeId }) => nodeId)).toEqual([1, 2])
    expect(plan.failures).toMatchObject([{ count: 1, reasons: { constraintFiltered: { distinct_hosts: 2 } } }])
  })

  it('says why there was no place: no datacenter, no driver, a constraint, no room', () => {
    const reasons = (more: Partial<typeof needs>, target = node(1)) =>
      scheduleJob(job(1, { groups: [{ name: 'g', count: 1, needs: { ...needs, ...more } }] }), [], [target]).failures[0]
        ?.reasons
    expect(reasons({ datacenters: ['dc9'] })).toMatchObject({ nodesEvaluated: 0, nodesAvailable: { dc9: 0 } })
    expect(reasons({ drivers: ['docker'] })).toMatchObject({ constraintFiltered: { 'missing drivers: docker': 1 } })
    const full = node(1, { used: { ...small, memoryMb: 995 } })
    expect(reasons({}, full)).toMatchObject({ dimensionExhausted: { 'memory exhausted': 1 } })
  })

  it('gives a reserved port to one instance on each node, and to the next once it is free', () => {
    const web = (count: number, ports = [8080]) =>
      job(count, { groups: [{ name: 'g', count, needs: { ...needs, amounts: { ...small, ports } } }] })
    const nodes = [node(1), node(2)]
    const plan = scheduleJob(web(3), [], nodes)
    expect(plan.placements.map(({ nodeId }) => nodeId)).toEqual([1, 2])
    const collision = { nodesExhausted: 2, dimensionExhausted: { 'network: reserved port collision': 2 } }
    expect(plan.failures).toMatchObject([{ count: 1, reasons: collision }])
    const placed = carryOut(plan, [], web(3))
    // A successor may have the port of the instance that it replaces, and one that is updated keeps its own.
    const outdated = placed.map((one) => ({ ...one, change: 'destructive' as const }))
    expect(scheduleJob(web(2), outdated, occupied(nodes, outdated)).placements).toHaveLength(2)
    const edited = placed.map((one) => ({ ...one, change: 'in-place' as const }))
    expect(scheduleJob(web(2), edited, occupied(nodes, edited)).updates).toHaveLength(2)
    expect(scheduleJob(web(1, [8080, 8080]), [], nodes).failures).toMatchObject([{ reasons: collision }])
  })

  it('moves what stood on a node that is gone', () => {
    const placed = carryOut(scheduleJob(job(1), [], [node(1)]), [], job(1))
    const plan = scheduleJob(job(1), placed, [node(2)])
    expect(plan).toMatchObject({ stops: [{ description: 'alloc is being migrated' }], placements: [{ nodeId: 2 }] })
  })
})
