import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

/**
 * The schema as the database itself tells it, as SQL text in a fixed order: what `structure.sql` mirrors. It is the
 * same from both databases and from every supported version of Postgres.
 */
export async function describeStructure(db: Kysely<Database>): Promise<string> {
  const parts = [
    await sequences(db),
    await tables(db),
    await constraints(db),
    await indexes(db),
    await functions(db),
    await triggers(db),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Kysely's own bookkeeping is not part of the model. */
const ours = sql`c.relnamespace = 'public'::regnamespace and c.relname not like 'kysely%'`

type Line = { line: string }

async function lines(query: { execute: (db: Kysely<Database>) => Promise<{ rows: Line[] }> }, db: Kysely<Database>) {
  return (await query.execute(db)).rows.map(({ line }) => line.trimEnd()).join('\n')
}

function sequences(db: Kysely<Database>): Promise<string> {
  return lines(
    sql<Line>`select format('create sequence %I start %s;', c.relname, s.seqstart) as line
      from pg_class c join pg_sequence s on s.seqrelid = c.oid
      where ${ours} and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')
      order by c.relname`,
    db,
  )
}

function tables(db: Kysely<Database>): Promise<string> {
  return lines(
    sql<Line>`select format(E'create table %I (\n%s\n)%s;\n', c.relname, string_agg(format('  %I %s%s%s%s', a.attname,
        format_type(a.atttypid, a.atttypmod),
        case when a.attcollation <> 0 and co.collname = 'C' then ' collate "C"' else '' end,
        case when a.attidentity <> '' then ' generated always as identity'
             when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
        case when a.attnotnull then ' not null' else '' end), E',\n' order by a.attnum),
        case when c.reloptions is null then '' else ' with (' || array_to_string(c.reloptions, ', ') || ')' end) as line
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      left join pg_collation co on co.oid = a.attcollation
      where ${ours} and c.relkind = 'r'
      group by c.oid, c.relname, c.reloptions order by c.relname`,
    db,
  )
}

function constraints(db: Kysely<Database>): Promise<string> {
  return lines(
    sql<Line>`select format('alter table %I add constraint %I %s;', c.relname, k.conname, pg_get_constraintdef(k.oid)) as line
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      where ${ours} and k.contype in ('p', 'u', 'c', 'f')
      order by c.relname, case k.contype when 'p' then 0 when 'u' then 1 when 'c' then 2 else 3 end, k.conname`,
    db,
  )
}

function indexes(db: Kysely<Database>): Promise<string> {
  return lines(
    sql<Line>`select replace(pg_get_indexdef(i.indexrelid), ' ON public.', ' ON ') || ';' as line
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
      where ${ours} and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
      order by c.relname, x.relname`,
    db,
  )
}

function functions(db: Kysely<Database>): Promise<string> {
  return lines(
    sql<Line>`select replace(pg_get_functiondef(p.oid), 'FUNCTION public.', 'FUNCTION ') || E';\n' as line
      from pg_proc p where p.pronamespace = 'public'::regnamespace order by p.proname`,
    db,
  )
}

function triggers(db: Kysely<Database>): Promise<string> {
  return lines(
    sql<Line>`select replace(pg_get_triggerdef(t.oid), ' ON public.', ' ON ') || ';' as line
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where ${ours} and not t.tgisinternal order by c.relname, t.tgname`,
    db,
  )
}
