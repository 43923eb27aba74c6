/** What the suites of the Bastion and Cluster jobs share: a gateway with both documents and Nomad's, and a stage. */
import { expect } from 'vitest'
import { bastionSurface } from '#rest/bastion/surface.ts'
import { clusterSurface } from '#rest/cluster/surface.ts'
import { nomadSurface } from '#rest/nomad/surface.ts'
import { documentedRouter } from '../support/documented.ts'
import { type Answer, type Ask, openTestGateway, type TestGateway } from '../support/gateway.ts'
import { sentGroup, sentTask } from '../support/job-spec.ts'
import { type Stage, setStage } from '../support/service.ts'

/** A task group as either list shows it. */
export type ShownGroup = {
  readonly name: string
  readonly count: number
  readonly countInit?: number
  readonly countMax?: number
  readonly summary: Readonly<Record<string, number>>
}

/** A job as either list shows it; the members with a question mark are Bastion's alone. */
export type ShownJob = {
  readonly name: string
  readonly status: string
  readonly autostart?: boolean
  readonly byCluster?: boolean
  readonly taskGroups: readonly ShownGroup[]
}

/** A gateway with jobs that run when told. */
export type JobHouse = TestGateway & {
  readonly stage: Stage
  /** The job of that name in a list, and the list's waitIndex. */
  readonly shown: (list: '/jobs' | '/v1/jobs', name: string) => Promise<{ job: ShownJob; index: number }>
  /** Registers a job with groups of one task, and has the stage run it. */
  readonly run: (name: string, groups: object[], members?: object) => Promise<void>
  /** Posts a change of a count. */
  readonly change: (list: '/jobs' | '/v1/jobs', jobID: string, taskGroup: string, count: unknown) => Promise<Answer>
}

/** Opens one on either database. */
export async function openJobHouse(kind: 'pglite' | 'postgres'): Promise<JobHouse> {
  const test = await openTestGateway(kind)
  const stage = await setStage(test)
  const route = documentedRouter([nomadSurface, bastionSurface, clusterSurface], {
    report: (error) => test.bugs.push(error),
  })
  const rest = async (method: string, path: string, ask: Ask = {}): Promise<Answer> => {
    const request = new Request(`http://gateway.test${path}`, {
      method,
      headers: { ...ask.headers },
      ...(ask.body === undefined ? {} : { body: typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body) }),
    })
    const response = await route(() => test.context(), request)
    if (response === null) throw new Error(`no surface owns ${path}`)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
  }
  return {
    ...test,
    rest,
    stage,
    shown: async (list, name) => {
      const answer = await rest('GET', list)
      const job = jobsOf(answer).find((item) => item.name === name)
      if (job === undefined) throw new Error(`${list} does not show ${name}`)
      return { job, index: waitIndexOf(answer) }
    },
    run: async (name, groups, members = {}) => {
      await stage.register(name, { TaskGroups: groups, ...members })
      await stage.act()
    },
    change: (list, jobID, taskGroup, count) =>
      rest('POST', `${list}/updatecounts`, { body: { jobID, taskGroup, count } }),
  }
}

/** A group of that many instances of one task that the stage runs. */
export function groupOf(name: string, count = 1, meta: Readonly<Record<string, string>> = {}): object {
  return sentGroup({ Name: name, Count: count, Tasks: [sentTask({ Name: name })], Meta: meta })
}

/** The jobs of a 200. */
export function jobsOf(answer: Answer): readonly ShownJob[] {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  expect(answer.json()).toBeInstanceOf(Array)
  return answer.json() as ShownJob[]
}

/** The waitIndex that an answer tells. */
export function waitIndexOf(answer: Answer): number {
  const digits = answer.headers.get('waitindex')
  expect(digits).toMatch(/^\d+$/)
  return Number(digits)
}
