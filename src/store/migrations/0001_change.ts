/** The change index: one dense counter, the rows written under each index, and the highest index of each topic. */
export const changeTables = `
create table change_index (
  singleton boolean primary key default true check (singleton),
  value bigint not null default 0 check (value >= 0),
  oldest bigint not null default 1 check (oldest between 1 and value + 1),
  store_id uuid not null default gen_random_uuid()
) with (fillfactor = 10)
--;
insert into change_index default values
--;
create table change (
  idx bigint not null check (idx > 0),
  ordinal integer not null check (ordinal >= 0),
  kind text not null,
  entity_id bigint not null,
  job_id bigint,
  job_type_id bigint,
  from_status text,
  to_status text,
  at timestamptz not null,
  detail json,
  topics text[],
  primary key (idx, ordinal)
)
--;
create index change_job on change (job_id, idx, ordinal) where job_id is not null
--;
create table topic_index (
  topic text primary key,
  idx bigint not null check (idx > 0)
) with (fillfactor = 50)
--;
create table job_transition (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
)
--;
create table execution_transition (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
)
--;
create function refuse_transition() returns trigger language plpgsql as $$
declare allowed boolean;
begin
  if tg_table_name = 'job' then
    select exists (select from job_transition t where t.from_status = old.status and t.to_status = new.status) into allowed;
  else
    select exists (select from execution_transition t where t.from_status = old.status and t.to_status = new.status) into allowed;
  end if;
  if not allowed then
    raise exception '% % cannot go from % to %', tg_table_name, old.id, old.status, new.status using errcode = 'check_violation';
  end if;
  return new;
end $$
`
