--- The tables of the SQL stores in their first layout. They stay as they are: what comes later is a
-- row of debitura.store.layouts, and a new store is brought from here to the latest layout.
--
-- `$id`, `$bytes` and `$seq` are types that each database has its own name for: text that is
-- compared byte by byte; text that may hold any byte; a number that grows with each row.
--
-- What the indexes have to be like, so that no database looks through more than it gives:
--
-- - PostgreSQL takes no entry of more than 2,704 bytes. An entry has the long texts of one place at
--   most once; ties are told apart by `seq`.
-- - PostgreSQL takes what its statistics recommend, which know nothing of order: if most rows were
--   done, and done rows are the old ones, it would look through all of them in the order of another
--   index. So an order is given by one index alone: none has `seq` to itself, none has what is due
--   without what is needed, and the states of records stand in one text with the kind.
-- - SQLite has no statistics and takes the index with the most equal columns, so that a partial
--   index begins with the column that is the same in all of it.
-- @module debitura.store.sql.schema

return {
  "create table meta (name $id primary key, value $id not null)",

  [[create table records (
    kind $id not null,
    tenant $id not null,
    name $id not null,
    state $id not null,
    version integer not null,
    generation integer not null,
    origin $id,
    terms $bytes,
    data $bytes,
    key $id,
    url $bytes,
    payload $bytes,
    reason $bytes,
    result $bytes,
    requested_at double precision,
    expires_at double precision,
    undelivered_since double precision,
    created_at double precision not null,
    updated_at double precision not null,
    primary key (kind, tenant, name))]],
  "create index records_by_state on records ((kind || '/' || state), tenant, name)",
  [[create index records_undelivered on records ((kind || '/undelivered'), tenant, name)
    where undelivered_since is not null]],
  [[create index records_undelivered_since on records (undelivered_since)
    where undelivered_since is not null]],
  "create index records_expiring on records (state, expires_at) where state = 'pending'",

  [[create table history (
    seq $seq,
    kind $id not null,
    tenant $id not null,
    name $id not null,
    at double precision not null,
    event $id not null,
    event_id $id,
    from_state $id,
    to_state $id,
    generation integer,
    note $bytes)]],
  "create index history_of_record on history (kind, tenant, name, seq)",
  [[create unique index history_once on history (kind, tenant, name, event_id)
    where event_id is not null]],

  [[create table jobs (
    seq $seq,
    key $id not null unique,
    kind $id not null,
    tenant $id not null,
    record $id not null,
    name $id not null,
    generation integer not null,
    channel $id,
    needs $id not null,
    args $bytes,
    state $id not null,
    attempt integer not null,
    claim integer not null,
    due_at double precision not null,
    created_at double precision not null,
    ended_at double precision,
    result $bytes)]],
  "create index jobs_open on jobs (needs, due_at, seq) where state = 'open'",
  "create index jobs_of_kind on jobs (kind, due_at) where state = 'open'",
  "create index jobs_dead on jobs (state, due_at, seq) where state = 'dead'",
  "create index jobs_of_tenant on jobs (tenant, due_at, seq)",

  [[create table inbox (
    seq $seq,
    id $id not null unique,
    tenant $id,
    event $id not null,
    body $bytes,
    received_at double precision not null,
    replay integer not null,
    state $id not null,
    attempt integer not null,
    claim integer not null,
    due_at double precision not null,
    ended_at double precision,
    result $bytes)]],
  "create index inbox_due on inbox (state, due_at, seq) where state = 'open'",
  "create index inbox_done on inbox (state, ended_at) where state = 'done'",
  "create index inbox_by_state on inbox (state, seq)",
  "create index inbox_of_tenant on inbox (tenant, state, seq)",
  -- A tenant's first in line.
  "create unique index inbox_first on inbox (tenant) where state = 'open'",

  [[create table counts (
    of $id not null,
    kind $id not null,
    state $id not null,
    slot integer not null,
    count bigint not null,
    primary key (of, kind, state, slot))]],

  [[create table processes (
    id $id primary key,
    role $id not null,
    host $id not null,
    pid integer not null,
    release $id not null,
    about $bytes not null,
    started_at double precision not null,
    beat_at double precision not null,
    ended_at double precision)]],
  "create index processes_by_beat on processes (beat_at)",

  "create table marks (name $id primary key, at double precision not null)",

  [[create table totals (
    of $id not null,
    kind $id not null,
    state $id not null,
    count bigint not null,
    primary key (of, kind, state))]],

  [[create table tokens (
    key $id primary key,
    token $bytes not null,
    expires_at double precision not null)]],
  "create index tokens_by_expiry on tokens (expires_at)",

  [[create table counters (
    key $id not null,
    span $id not null,
    slot bigint not null,
    count integer not null,
    primary key (key, span, slot))]],

  [[create table leases (
    name $id primary key,
    holder $id not null,
    ends_at double precision not null)]],
}
