-- What the collector keeps: uploaded objects of units, resolutions, batches with their rounds and uploads.
-- Records and findings themselves lie in object storage; here are keys, counts, digests and references.

create table objects (
    unit_code    text not null,
    sha256       text not null,
    size_bytes   bigint not null,
    media_type   text not null,
    uploaded_by  text not null,
    uploaded_at  timestamptz not null,
    primary key (unit_code, sha256)
);

create table resolutions (
    resolution_id    text primary key,
    unit_code        text not null,
    province_code    text not null,
    number           text not null,
    effective_on     date not null,
    levels           text[] not null,
    headcount        integer not null check (headcount >= 0),
    scan             jsonb not null,
    page_count       integer not null check (page_count > 0),
    roster           jsonb,
    roster_filename  text,
    registered_by    text not null,
    registered_at    timestamptz not null,
    unique (unit_code, number)
);

create table batches (
    batch_id       text primary key,
    unit_code      text not null,
    province_code  text not null,
    resolution_id  text not null references resolutions,
    category       text not null,
    state          text not null,
    round          integer not null check (round >= 1),
    attempt        integer not null check (attempt >= 1),
    version        bigint not null,
    stage          text not null,
    stage_rows     integer not null,
    traceparent    text not null,
    created_at     timestamptz not null,
    changed_at     timestamptz not null
);
create index batches_of_unit on batches (unit_code, created_at desc, batch_id desc);
create index batches_of_unit_in_state on batches (unit_code, state, created_at desc, batch_id desc);
create index batches_in_state on batches (state);
create index batches_of_resolution on batches (resolution_id);

-- One round: how far it came, and what province and centre said of it (null: not heard yet).
create table rounds (
    batch_id               text not null references batches,
    round                  integer not null check (round >= 1),
    attempt                integer not null check (attempt >= 1),
    phase                  text not null,
    record_count           integer not null default 0,
    replaced_count         integer not null default 0,
    submitted_at           timestamptz,
    approved_count         integer,
    returned_count         integer,
    reviewed_at            timestamptz,
    passed_count           integer,
    format_returned_count  integer,
    format_checked_at      timestamptz,
    filed_count            integer,
    filed_at               timestamptz,
    filing_number          text,
    receipt                jsonb,
    primary key (batch_id, round)
);

-- One upload: the attempt-th file of a round, and what reading and checking it gave. Never changed once read.
create table uploads (
    batch_id      text not null,
    round         integer not null,
    attempt       integer not null,
    original      jsonb not null,
    original_sha256  text not null,
    filename      text not null,
    layout_asked  text,
    corrects      boolean not null,
    received_by   text not null,
    received_at   timestamptz not null,
    read_at       timestamptz,
    layout        text,
    record_count  integer,
    error_count   integer,
    warn_count    integer,
    note_count    integer,
    unreadable    jsonb,
    record_set    jsonb,
    findings      jsonb,
    manifest      jsonb,
    rule_pack     jsonb,
    replaces      text[],
    primary key (batch_id, round, attempt),
    foreign key (batch_id, round) references rounds
);
create index uploads_by_original on uploads (original_sha256);

create table returned_records (
    batch_id     text not null references batches,
    record_id    text not null,
    round        integer not null,
    row          integer not null,
    reason_code  text not null,
    rule         text,
    field        text,
    comment      text,
    returned_by  text not null check (returned_by in ('province', 'national_centre')),
    returned_at  timestamptz not null,
    replaced_in_round  integer,
    primary key (batch_id, record_id)
);

-- Acts of Article 15: append-only, each chained to the one before it by digest.
create table acts (
    position         bigint generated always as identity primary key,
    batch_id         text not null references batches,
    round            integer not null,
    attempt          integer not null,
    act              jsonb not null,
    kind             text not null,
    person           text not null,
    previous_sha256  text not null,
    sha256           text not null unique
);
create index acts_of_batch on acts (batch_id, position);

-- The timeline: codes, ids and counts only.
create table entries (
    position     bigint generated always as identity primary key,
    batch_id     text not null references batches,
    round        integer not null,
    attempt      integer not null,
    at           timestamptz not null,
    what         text not null,
    office       text not null,
    person       text,
    reason_code  text,
    facts        jsonb not null
);
create index entries_of_batch on entries (batch_id, position);

create table notices (
    notice_id         text primary key,
    about             text not null,
    recipient_office  text not null,
    step              text not null,
    channel           text not null,
    deadline          text,
    at                timestamptz not null,
    delivered         boolean not null,
    reason_code       text
);
create index notices_about on notices (about);

-- What happened is never rewritten.
create function refuse_change() returns trigger language plpgsql as
$$ begin raise exception 'append-only: %', tg_table_name; end $$;

create trigger acts_are_append_only before update or delete on acts
    for each row execute function refuse_change();
create trigger entries_are_append_only before update or delete on entries
    for each row execute function refuse_change();
