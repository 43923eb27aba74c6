/**
 * record_changes(): the last statement of every writing transaction. It queues on an advisory lock rather than on the
 * hot counter row, takes a block of indexes, writes the change rows under them and stamps the rows they are about.
 * After it no further row lock may be taken, or two writers could wait for each other.
 *
 * An index that a service job or an evaluation is to be given, and that only the block knows, is left null by its
 * writer and filled in here: with the change's own index for a job, with the first of the block for an evaluation.
 * Each change names the topics it touches; those without a colon have an index of their own. A change of a service job
 * that does not touch `service-jobs` is nothing to Nomad and leaves the job's modify index.
 */
export const recordFunction = `
create function record_changes(changes json, block integer) returns bigint language plpgsql as $$
declare
  top bigint;
  base bigint;
  kinds text[];
begin
  perform pg_advisory_xact_lock(4242000001);
  update change_index set value = value + block returning value into top;
  base := top - block + 1;
  insert into change (idx, ordinal, kind, entity_id, job_id, job_type_id, from_status, to_status, at, detail, topics)
    select base + coalesce(c.step, 0), (row_number() over ()) - 1, c.kind, c.entity_id, c.job_id, c.job_type_id,
           c.from_status, c.to_status, coalesce(c.at, clock_timestamp()), c.detail, c.topics
    from json_to_recordset(changes) as c (step integer, kind text, entity_id bigint, job_id bigint, job_type_id bigint,
           from_status text, to_status text, at timestamptz, detail json, topics text[]);
  select array_agg(distinct c ->> 'kind') from json_array_elements(changes) c into kinds;
  -- The stamps change nothing that is counted, so the tally need not look at them.
  perform set_config('jobgraph.stamping', 'on', true);
  if 'JOB' = any(kinds) then
  update job set modify_index = s.idx, create_index = coalesce(create_index, s.idx)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'JOB'
      and (entity_id < 1000000000000 or 'service-jobs' = any(topics)) group by 1) s
    where job.id = s.entity_id;
  update service_job set job_modify_index = s.idx
    from (select entity_id, min(idx) as idx from change where idx between base and top and kind = 'JOB'
      and entity_id >= 1000000000000 group by 1) s
    where service_job.job_id = s.entity_id and job_modify_index is null;
  end if;
  if 'EXECUTION' = any(kinds) then
  update execution set modify_index = s.idx, create_index = coalesce(create_index, s.idx)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'EXECUTION' group by 1) s
    where execution.id = s.entity_id;
  end if;
  if 'EVALUATION' = any(kinds) then
  update evaluation set modify_index = s.idx, create_index = coalesce(create_index, s.idx),
      job_modify_index = coalesce(job_modify_index, base), node_modify_index = coalesce(node_modify_index, base)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'EVALUATION' group by 1) s
    where evaluation.id = s.entity_id;
  end if;
  if 'NODE' = any(kinds) then
  update node set modify_index = s.idx, create_index = coalesce(create_index, s.idx)
    from (select entity_id, max(idx) as idx from change where idx between base and top and kind = 'NODE' group by 1) s
    where node.id = s.entity_id;
  end if;
  perform set_config('jobgraph.stamping', 'off', true);
  insert into topic_index (topic, idx)
    select t, max(idx) from change, unnest(topics) t
      where idx between base and top and topics is not null and strpos(t, ':') = 0 group by t
    on conflict (topic) do update set idx = excluded.idx;
  return top;
end $$
`
