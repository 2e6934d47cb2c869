--- The tables of the SQL stores. Until 1.0.0 they are made in one step: a change of theirs raises
-- `contract.layout`, and tables of another layout are refused.
--
-- `$id`, `$bytes` and `$seq` are types that each database has its own name for: text that is
-- compared byte by byte; text that may hold any byte; a number that grows with each row.
--
-- PostgreSQL takes no index entry of more than 2,704 bytes. An index has therefore the long texts
-- of one place at most once, and ties are told apart by `seq`.
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
    created_at double precision not null,
    updated_at double precision not null,
    primary key (kind, tenant, name))]],
  "create index records_by_state on records (kind, state, tenant, name)",

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
  -- The only one of open jobs: PostgreSQL would prefer one without `needs` as soon as it thinks
  -- that what is needed is frequent, and look through everything that is due.
  "create index jobs_open on jobs (needs, due_at, seq) where state = 'open'",
  "create index jobs_dead on jobs (due_at, seq) where state = 'dead'",
  "create index jobs_of_tenant on jobs (tenant, due_at, seq)",

  [[create table inbox (
    seq $seq,
    id $id not null unique,
    tenant $id,
    event $id not null,
    body $bytes not null,
    received_at double precision not null,
    replay integer not null,
    state $id not null,
    attempt integer not null,
    claim integer not null,
    due_at double precision not null,
    ended_at double precision,
    result $bytes)]],
  "create index inbox_due on inbox (due_at, seq) where state = 'open'",
  "create index inbox_by_state on inbox (state, seq)",
  "create index inbox_of_tenant on inbox (tenant, state, seq)",
  "create index inbox_done on inbox (ended_at) where state = 'done'",

  [[create table counts (
    of $id not null,
    kind $id not null,
    state $id not null,
    slot integer not null,
    count bigint not null,
    primary key (of, kind, state, slot))]],

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
