/**
 * The floor of bench/page.ts: a bare HTTP handler that passes through the JSON that one hand-written statement builds.
 * It is started by that workload with the database's address.
 */
import { createServer } from 'node:http'
import pg from 'pg'

const text = `select json_build_object('data', json_build_object('jobs', json_build_object('edges',
    coalesce(json_agg(json_build_object('node', node)), '[]'))))::text as body
  from (
    select json_build_object('number', j.id, 'status', j.status, 'priority', j.priority, 'createdAt', j.created_at,
      'startedAt', j.started_at, 'endedAt', j.ended_at, 'modifiedAt', j.last_modified,
      'type', json_build_object('number', t.id, 'name', t.name, 'version', t.version, 'title', t.title),
      'revision', json_build_object('number', r.revision_num, 'dockerImage', r.docker_image),
      'latestExecution', (select json_build_object('number', e.number, 'status', e.status, 'exitCode', e.exit_code,
          'startedAt', e.started_at, 'endedAt', e.ended_at)
        from execution e where e.job_id = j.id order by e.number desc limit 1)) as node
    from (select * from job where family = 'queued' order by id limit 100) j
    join job_type t on t.id = j.job_type_id
    join job_type_revision r on r.id = j.job_type_revision_id
    order by j.id) page`

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10, options: '-c timezone=UTC' })
const server = createServer((request, response) => {
  request.resume()
  pool.query<{ body: string }>({ name: 'page', text }).then(
    ({ rows }) => {
      const body = rows[0]?.body ?? ''
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      response.end(body)
    },
    (error) => response.writeHead(500).end(String(error)),
  )
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: address === null || typeof address === 'string' ? 0 : address.port })
})
process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }))
process.on('disconnect', () => process.exit(0))
