--- The tables of the SQL stores, as steps from one version to the next. A step is never changed once released: a new
-- version is a new step at the end.
--
-- `$id`, `$bytes` and `$seq` are types that each database has its own name for: text that is compared byte by byte;
-- text that may hold any byte; a number that grows with each row.
-- @module debitura.store.sql.schema

return {
  {
    [[create table links (
      tenant $id primary key,
      state $id not null,
      generation integer not null,
      base integer not null,
      version integer not null,
      variant $id,
      url $bytes,
      payload $bytes not null,
      reason $bytes,
      requested_at double precision,
      expires_at double precision,
      created_at double precision not null,
      updated_at double precision not null)]],
    "create index links_by_state on links (state, tenant)",

    [[create table cases (
      tenant $id not null,
      creditor_reference $id not null,
      state $id not null,
      case_id $id,
      reference $id,
      problem $bytes,
      updated_at double precision not null,
      primary key (tenant, creditor_reference))]],
    "create index cases_by_state on cases (tenant, state)",

    [[create table effects (
      key $id primary key,
      tenant $id not null,
      kind $id not null,
      generation integer not null,
      channel $id,
      state $id not null,
      attempt integer not null,
      due_at double precision not null,
      created_at double precision not null,
      ended_at double precision,
      result $bytes)]],
    "create index effects_open on effects (due_at, key) where state = 'open'",
    "create index effects_of_tenant on effects (tenant, due_at, key)",

    [[create table history (
      seq $seq,
      tenant $id not null,
      at double precision not null,
      event $id not null,
      event_id $id,
      from_state $id,
      to_state $id,
      generation integer,
      note $bytes)]],
    "create unique index history_once on history (tenant, event_id)",
    "create index history_of_tenant on history (tenant, seq)",

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
      due_at double precision not null,
      ended_at double precision,
      result $bytes)]],
    "create index inbox_open on inbox (due_at, seq) where state = 'open'",
    "create index inbox_of_tenant on inbox (tenant, state, seq)",
    "create index inbox_dead on inbox (seq) where state = 'dead'",
    "create index inbox_done on inbox (ended_at) where state = 'done'",

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
  },

  {
    [[create table matters (
      tenant $id not null,
      kind $id not null,
      name $id not null,
      state $id not null,
      generation integer not null,
      version integer not null,
      url $bytes,
      payload $bytes,
      key $id,
      reason $bytes,
      result $bytes,
      created_at double precision not null,
      updated_at double precision not null,
      primary key (kind, tenant, name))]],
    "create index matters_by_state on matters (kind, state, tenant, name)",

    [[create table matter_history (
      seq $seq,
      tenant $id not null,
      kind $id not null,
      name $id not null,
      at double precision not null,
      event $id not null,
      from_state $id,
      to_state $id,
      generation integer,
      note $bytes)]],
    "create index matter_history_of_matter on matter_history (tenant, kind, name, seq)",

    "alter table effects add column matter $id",
    "alter table effects add column name $id",
    -- Of a tenant's million effects few are open; SQLite prefers this index for the column that is the same in all of it.
    "create index effects_open_of_tenant on effects (tenant, state, due_at) where state = 'open'",
    "create index effects_open_of_kind on effects (kind, due_at, key) where state = 'open'",
    -- PostgreSQL would prefer it to that of the kind and look through everything that is due.
    "drop index effects_open",
    -- Without the key, which holds the tenant once more: PostgreSQL takes no entry of more than 2,704 bytes.
    "drop index effects_of_tenant",
    "create index effects_by_tenant on effects (tenant, due_at)",
  },
}
