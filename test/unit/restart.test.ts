import { expect, it } from 'vitest'
import { createRestartTracker, type RunEnd } from '#engine/restart.ts'

const second = 1_000_000_000
const policy = { Attempts: 2, Interval: 60 * second, Delay: 10 * second, Mode: 'fail' }

/** A tracker whose clock stands where it is put, in seconds, and that draws the number given. */
function tracker(members: object = {}, jobType = 'service', random = 0) {
  let at = 0
  const made = createRestartTracker(
    { ...policy, ...members },
    { jobType, now: () => new Date(at * 1000), random: () => random },
  )
  const decide = (end: RunEnd, seconds = at) => {
    at = seconds
    return made.decide(end)
  }
  return { ...made, decide }
}

const within = { kind: 'restart', delayNs: 10 * second, reason: 'Restart within policy' }
const exceeded = 'Exceeded allowed attempts 2 in interval 1m0s and mode is "fail"'

it('restarts as often as the interval allows, then gives up in mode fail', () => {
  const { decide } = tracker()
  expect(decide('failure', 1)).toEqual(within)
  expect(decide('success', 2)).toEqual(within)
  expect(decide('failure', 3)).toEqual({ kind: 'stop', failed: true, reason: exceeded })
})

it('waits for the rest of the interval in mode delay, and then counts anew', () => {
  const { decide } = tracker({ Mode: 'delay' })
  expect([decide('failure', 1), decide('failure', 2)]).toEqual([within, within])
  const delayed = 'Exceeded allowed attempts, applying a delay'
  expect(decide('failure', 15)).toEqual({ kind: 'restart', delayNs: 45 * second, reason: delayed })
  // The end that opens an interval is not counted in it, as with Nomad.
  expect([61, 62, 63].map((at) => decide('failure', at))).toEqual([within, within, within])
  expect(decide('failure', 64)).toMatchObject({ reason: delayed, delayNs: 57 * second })
})

it('adds at most a quarter to the delay', () => {
  expect(tracker({}, 'service', 0.5).decide('failure')).toMatchObject({ delayNs: 11.25 * second })
  expect(tracker({}, 'service', 0.999).decide('failure')).toMatchObject({ delayNs: 12.4975 * second })
})

it('is done when a batch task succeeds, while a service has to go on', () => {
  const done = { kind: 'stop', failed: false, reason: 'Restart unnecessary as task terminated successfully' }
  expect(tracker({}, 'batch').decide('success')).toEqual(done)
  expect(tracker({}, 'batch').decide('failure')).toEqual(within)
  expect(tracker({}, 'system').decide('success')).toEqual(within)
})

it('restarts nothing without attempts, and takes a success for one', () => {
  const reason = 'Policy allows no restarts'
  expect(tracker({ Attempts: 0 }).decide('success')).toEqual({ kind: 'stop', failed: false, reason })
  expect(tracker({ Attempts: 0 }).decide('failure')).toEqual({ kind: 'stop', failed: true, reason })
})

it('does not try again what could not be started', () => {
  const reason = 'Error was unrecoverable'
  expect(tracker().decide('start-error')).toEqual({ kind: 'stop', failed: true, reason })
})

it('goes by a new policy from the next end on, with what was counted before', () => {
  const { decide, setPolicy } = tracker()
  expect([decide('failure', 1), decide('failure', 2)]).toEqual([within, within])
  setPolicy({ ...policy, Attempts: 3, Delay: second })
  expect(decide('failure', 3)).toEqual({ ...within, delayNs: second })
  expect(decide('failure', 4)).toMatchObject({ kind: 'stop', failed: true })
})
