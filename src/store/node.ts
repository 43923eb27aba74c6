import { type Kysely, sql, type Transaction } from 'kysely'
import type { NewChange } from '#model/change.ts'
import { type Json, toJson } from '#model/json.ts'
import { type NodeReport, nodeSilenceSeconds, reportOf, type ServiceNode, toScheduledNode } from '#model/node.ts'
import { type Measures, noAmounts, type ScheduledNode } from '#model/node-fit.ts'
import { entityTopic, nodesTopic } from '#model/topic.ts'
import { insertNodeEvaluation } from './allocation-end.ts'
import { recordChanges } from './change.ts'
import { json, now } from './database.ts'
import { lockServiceJobById, serviceJobChange, settleServiceJob } from './service-lock.ts'
import { type Store, writing } from './store.ts'
import type { Database } from './tables.ts'

type NodeRow = Omit<ServiceNode, keyof NodeReport> & { readonly hostname: string; readonly report: Json | null }

function selectNodes(db: Kysely<Database>) {
  return db
    .selectFrom('node')
    .select([
      'id',
      'uuid',
      'hostname',
      'attributes as report',
      'created_at as createdAt',
      sql<number>`node.create_index`.as('createIndex'),
      sql<number>`node.modify_index`.as('modifyIndex'),
      sql<
        'ready' | 'down'
      >`case when seen_at > clock_timestamp() - make_interval(secs => ${sql.lit(nodeSilenceSeconds)})
        then 'ready' else 'down' end`.as('status'),
    ])
    .where('attributes', 'is not', null)
}

function toNode({ report, ...row }: NodeRow): ServiceNode {
  const parsed = reportOf(row.hostname, report)
  if (parsed === null) throw new Error(`node ${row.id} has told nothing of itself`)
  return { ...parsed, ...row }
}

/** The nodes that take allocations, also those that are down, by uuid bytes. */
export async function findServiceNodes(db: Kysely<Database>): Promise<ServiceNode[]> {
  return (await selectNodes(db).orderBy('uuid').execute()).map(toNode)
}

/** Nodes that take allocations by row id, in no order; unknown ids are left out. */
export async function findServiceNodesById(db: Kysely<Database>, ids: readonly number[]): Promise<ServiceNode[]> {
  const rows = await selectNodes(db)
    .where('id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
  return rows.map(toNode)
}

/** The nodes that are ready, by age, with what the wanted allocations of all jobs hold of them. */
export async function findReadyNodes(db: Kysely<Database>): Promise<ScheduledNode[]> {
  const nodes = (await selectNodes(db).orderBy('id').execute()).map(toNode).filter(({ status }) => status === 'ready')
  const { rows } = await sql<Measures & { id: number; ports: readonly (readonly number[])[] | null }>`
    select e.node_id as id, sum((e.resources ->> 'cpu')::double precision) as cpu,
      sum((e.resources ->> 'memoryMb')::double precision) as "memoryMb",
      sum((e.resources ->> 'diskMb')::double precision) as "diskMb", sum((e.resources ->> 'iops')::double precision) as iops,
      json_agg(e.resources -> 'ports') filter (where e.resources -> 'ports' is not null) as ports
    from execution e join allocation a on a.execution_id = e.id
    where e.family = 'service' and e.ended_at is null and a.desired_status = 'run' and e.node_id is not null
    group by 1`.execute(db)
  const held = new Map(rows.map(({ id, ports, ...measures }) => [id, { ...measures, ports: (ports ?? []).flat() }]))
  return nodes.map((node) => toScheduledNode(node, held.get(node.id) ?? noAmounts))
}

/**
 * Makes a node known to the scheduler, or renews what is known of it. Where that is new, every system job is evaluated.
 * Taking an index only for news keeps a restart invisible.
 */
export async function registerNode(store: Store, report: NodeReport): Promise<ServiceNode> {
  const { hostname, ...rest } = report
  return writing(store, async (tx) => {
    const before = await tx
      .selectFrom('node')
      .select(['id', 'attributes', 'seen_at'])
      .where('hostname', '=', hostname)
      .forNoKeyUpdate()
      .executeTakeFirst()
    const { id, uuid } = await tx
      .insertInto('node')
      .values({ hostname, attributes: json(rest), seen_at: now })
      .onConflict((conflict) =>
        conflict.column('hostname').doUpdateSet({ attributes: json(rest), seen_at: now, last_modified: now }),
      )
      .returning(['id', 'uuid'])
      .executeTakeFirstOrThrow()
    if (before === undefined || toJson(before.attributes) !== toJson(rest)) {
      const evaluations = await evaluateSystemJobs(tx, id)
      const changes: NewChange[] = [{ kind: 'NODE', entityId: id, topics: [nodesTopic, entityTopic(uuid)] }]
      await recordChanges(tx, [...changes, ...evaluations], evaluations.length === 0 ? 1 : 2)
    }
    const [node] = await findServiceNodesById(tx, [id])
    if (node === undefined) throw new Error(`node ${id} is missing`)
    return node
  })
}

/** Says that a node is alive; to be told at least every 15 seconds. */
export async function touchNode(db: Kysely<Database>, id: number): Promise<void> {
  await db.updateTable('node').set({ seen_at: now }).where('id', '=', id).execute()
}

/** A system job has a place on each node that suits it. */
async function evaluateSystemJobs(tx: Transaction<Database>, nodeId: number): Promise<NewChange[]> {
  const rows = await tx
    .selectFrom('service_job')
    .select('job_id as id')
    .where('kind', '=', 'system')
    .where('deregistered_at', 'is', null)
    .where('is_stopped', '=', false)
    .orderBy('job_id')
    .execute()
  const changes: NewChange[] = []
  for (const { id } of rows) {
    const job = await lockServiceJobById(tx, id)
    if (job === null || job.isStopped || job.deregisteredAt !== null) continue
    changes.push(...(await insertNodeEvaluation(tx, job, nodeId)))
    const status = await settleServiceJob(tx, job)
    if (status !== job.status)
      changes.push(serviceJobChange(job, status, { isRegistered: false, isListed: false, step: 1 }))
  }
  return changes
}
