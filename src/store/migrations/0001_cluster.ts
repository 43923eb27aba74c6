/** What the Cluster API's documents need beyond their tables: a logger set back to its default, and the one capture. */
export const clusterTables = `
alter table logger_override alter column level drop not null
--;
insert into event_capture (last_read_at) values ('-infinity')
`
