--- The tables of the SQL stores, as steps from one version to the next. A step is never changed once released: a new
-- version is a new step at the end.
-- @module debitura.store.schema

return {
  {
    [[create table links (
      tenant text primary key,
      state text not null,
      generation integer not null,
      base integer not null,
      version integer not null,
      variant text,
      url text,
      payload text not null,
      reason text,
      requested_at double precision,
      expires_at double precision,
      created_at double precision not null,
      updated_at double precision not null)]],
    "create index links_by_state on links (state, tenant)",

    [[create table cases (
      tenant text not null,
      creditor_reference text not null,
      state text not null,
      case_id text,
      reference text,
      problem text,
      updated_at double precision not null,
      primary key (tenant, creditor_reference))]],
    "create index cases_by_state on cases (tenant, state)",

    [[create table effects (
      key text primary key,
      tenant text not null,
      kind text not null,
      generation integer not null,
      channel text,
      state text not null,
      attempt integer not null,
      due_at double precision not null,
      created_at double precision not null,
      ended_at double precision,
      result text)]],
    "create index effects_open on effects (due_at, key) where state = 'open'",
    "create index effects_of_tenant on effects (tenant, due_at, key)",

    [[create table history (
      seq integer primary key,
      tenant text not null,
      at double precision not null,
      event text not null,
      event_id text,
      from_state text,
      to_state text,
      generation integer,
      note text)]],
    "create unique index history_once on history (tenant, event_id)",
    "create index history_of_tenant on history (tenant, seq)",

    [[create table inbox (
      seq integer primary key,
      id text not null unique,
      tenant text,
      event text not null,
      body text not null,
      received_at double precision not null,
      state text not null,
      attempt integer not null,
      due_at double precision not null,
      ended_at double precision,
      result text)]],
    "create index inbox_open on inbox (due_at, seq) where state = 'open'",
    "create index inbox_open_of_tenant on inbox (tenant, seq) where state = 'open'",
  },
}
