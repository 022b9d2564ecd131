-- What provincial review keeps: resolutions it was told of, reviews, assessments, requests to withdraw, and
-- what the national centre and the notifier answered. Records, findings and prose lie in object storage.

create table resolutions (
    resolution_id  text primary key,
    unit_code      text not null,
    province_code  text not null,
    number         text not null,
    effective_on   date not null,
    headcount      integer not null,
    page_count     integer not null,
    scan           jsonb not null,
    roster         jsonb,
    registered_at  timestamptz not null
);

create table reviews (
    batch_id           text not null,
    round              integer not null,
    unit_code          text not null,
    province_code      text not null,
    resolution_id      text not null,
    state              text not null check (state in ('waiting', 'assessed', 'completed', 'withdrawn')),
    version            integer not null default 1,
    submitted          jsonb not null,  -- BatchSubmitted as heard
    submitted_at       timestamptz not null,
    due_at             timestamptz not null,
    traceparent        text,
    findings           jsonb not null,  -- StoredObject
    error_count        integer not null,
    warn_count         integer not null,
    note_count         integer not null,
    not_checked        text[] not null, -- rules that lacked an input: never a pass
    comparison         jsonb,           -- StoredObject
    no_comparison      text,            -- why there is none
    missing_count      integer,
    extra_count        integer,
    different_count    integer,
    assessment_number  integer not null default 0,
    approved_by        text,
    completed_at       timestamptz,
    completed          jsonb,           -- ReviewCompleted as said
    primary key (batch_id, round),
    check ((state in ('completed', 'withdrawn')) = (completed is not null)),
    check ((state in ('completed', 'withdrawn')) = (completed_at is not null)),
    check ((comparison is null) = (missing_count is null)),
    check ((comparison is null) = (no_comparison is not null))
);
-- The queue of a province, the most urgent first.
create index reviews_queue on reviews (province_code, state, due_at, batch_id, round);
create index reviews_resolution on reviews (resolution_id);

-- Every assessment ever made; the review points to the one that counts.
create table assessments (
    batch_id        text not null,
    round           integer not null,
    number          integer not null,
    person          text not null,
    assessed_at     timestamptz not null,
    approved_count  integer not null,
    returned_count  integer not null,
    assessment      jsonb not null,  -- StoredObject: what was confirmed; its digest is what the act names
    returned        jsonb,           -- StoredObject: ReturnedRecord as JSON Lines
    sent_back_by    text,
    sent_back_at    timestamptz,
    sent_back       jsonb,           -- StoredObject: the approver's words
    primary key (batch_id, round, number),
    foreign key (batch_id, round) references reviews (batch_id, round)
);

-- No foreign key: a request to withdraw may be heard before the submission it is about.
create table withdrawals (
    batch_id       text not null,
    round          integer not null,
    unit_code      text not null,
    province_code  text not null,
    act            jsonb not null,
    asked_at       timestamptz not null,
    primary key (batch_id, round)
);

create table format_checks (
    batch_id        text not null,
    round           integer not null,
    passed_count    integer not null,
    returned_count  integer not null,
    returned        jsonb,
    checked_at      timestamptz not null,
    primary key (batch_id, round),
    foreign key (batch_id, round) references reviews (batch_id, round)
);

create table filings (
    filing_number  text primary key,
    batch_id       text not null,
    round          integer not null,
    filed_count    integer not null,
    filed_at       timestamptz not null,
    receipt        jsonb not null,
    foreign key (batch_id, round) references reviews (batch_id, round)
);
create index filings_review on filings (batch_id, round);

create table notices (
    notice_id         text primary key,
    about             text not null,
    recipient_office  text not null,
    step              text not null,
    channel           text not null,
    deadline          text,
    told_at           timestamptz not null,
    delivered         boolean not null,
    reason_code       text
);
create index notices_about on notices (about, told_at);
