-- Who owes what by when, and who was told of it.

-- What the notifier knows of a batch, from whichever event told it first.
create table batches (
    batch_id           text primary key,
    unit_code          text not null,
    province_code      text not null,
    resolution_number  text,
    traceparent        text
);

create table resolutions (
    resolution_id  text primary key,
    unit_code      text not null,
    number         text not null,
    headcount      integer not null
);

-- First rounds by resolution: T01 is met when they hold as many records as the resolution has names.
create table submissions (
    batch_id       text primary key,
    resolution_id  text not null,
    record_count   integer not null
);
create index submissions_resolution on submissions (resolution_id);

-- Records a unit owes a correction for: returned ones count up, resubmitted ones count down.
create table owed_changes (
    batch_id  text not null,
    round     integer not null,
    cause     text not null,
    change    integer not null,
    primary key (batch_id, round, cause)
);

create table obligations (
    obligation_id      text primary key,
    deadline           text not null,
    about              text not null,
    round              integer not null,
    office             text not null,
    unit_code          text not null,
    province_code      text not null,
    resolution_number  text,
    record_count       integer not null default 0,
    traceparent        text,
    -- Without a due date: it was done before it was known to be owed (events overtake each other).
    day_zero           date,
    last_day           date,
    due_at             timestamptz,
    article            text not null,
    state              text not null check (state in ('open', 'done')),
    opened_at          timestamptz not null,
    closed_at          timestamptz,
    closed_by          text,
    unique (deadline, about, round, office)
);
create index obligations_open on obligations (last_day) where state = 'open';
create index obligations_office on obligations (office, state, due_at);
create index obligations_province on obligations (province_code, state, due_at);
create index obligations_about on obligations (about);

create table notices (
    notice_id      text primary key,
    obligation_id  text not null references obligations,
    step           text not null,
    office         text not null,
    channel        text not null check (channel in ('inbox', 'email')),
    state          text not null check (state in ('planned', 'sending', 'sent', 'failed', 'dropped')),
    subject        text not null,
    body           text not null,
    tries          integer not null default 0,
    next_try_at    timestamptz,
    claimed_at     timestamptz,
    reason_code    text,
    planned_at     timestamptz not null,
    ended_at       timestamptz,
    read_at        timestamptz,
    unique (obligation_id, step, office, channel)
);
create index notices_to_deliver on notices (next_try_at) where state in ('planned', 'sending');
create index notices_inbox on notices (office, planned_at desc) where channel = 'inbox';

create table contacts (
    office      text primary key,
    email       text not null,
    changed_at  timestamptz not null,
    changed_by  text not null
);
