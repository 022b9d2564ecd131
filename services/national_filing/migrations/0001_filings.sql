-- The registry holds keys and references; what a record says stays in Parquet in the archive.

-- One format check (形式审查) of one round of a batch.
create table format_checks (
    batch_id        text not null,
    round           integer not null,
    unit_code       text not null,
    province_code   text not null,
    category        text not null,
    traceparent     text,
    approved_count  integer not null,
    passed_count    integer not null,
    returned_count  integer not null,
    returned        jsonb,
    pack_version    text not null,
    pack_sha256     text not null,
    checked_at      timestamptz not null,
    primary key (batch_id, round)
);

-- One filing (备案) of the passed records of one round.
create table filings (
    filing_number  text primary key,
    batch_id       text not null,
    round          integer not null,
    unit_code      text not null,
    province_code  text not null,
    category       text not null,
    filed_count    integer not null,
    filed_at       timestamptz not null,
    record_set     jsonb not null,
    receipt        jsonb not null,
    archive        jsonb not null,
    unique (batch_id, round)
);
create index filings_unit on filings (unit_code, filed_at desc);
create index filings_filed_at on filings (filed_at desc);

-- Serial numbers of filing numbers, by year and province: without gaps, since they are taken in the filing's
-- own transaction.
create table filing_serials (
    year           integer not null,
    province_code  text not null,
    last_serial    integer not null,
    primary key (year, province_code)
);

-- A filed record (已备案信息). The unique certificate number is what no race can pass (rule M02).
create table registry (
    certificate_number  text primary key,
    record_id           text not null unique,
    batch_id            text not null,
    round               integer not null,
    unit_code           text not null,
    category            text not null,
    degree_category     text not null,
    awarded_on          date not null,
    record_hash         bytea not null
);
create index registry_batch on registry (batch_id, round);
