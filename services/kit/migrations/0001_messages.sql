-- What every service keeps of the messages it hears and says.

create table inbox (
    message_id   uuid primary key,
    topic        text not null,
    subject      text not null,
    said_at      timestamptz not null,
    heard_at     timestamptz not null default now(),
    state        text not null default 'done' check (state in ('done', 'dead')),
    reason_code  text
);
create index inbox_topic_said_at on inbox (topic, said_at);

create table outbox (
    position      bigint generated always as identity primary key,
    message_id    uuid not null unique,
    topic         text not null,
    subject       text not null,
    shard         smallint not null,
    body          bytea not null,
    said_at       timestamptz not null,
    written_at    timestamptz not null default now(),
    published_at  timestamptz
);
create index outbox_to_publish on outbox (shard, position) where published_at is null;
create index outbox_topic_said_at on outbox (topic, said_at);

create table dead_letters (
    dead_letter_id  uuid primary key,
    message_id      uuid,
    topic           text not null,
    partition       integer not null,
    message_offset  bigint not null,
    message_key     bytea,
    body            bytea not null,
    reason_code     text not null,
    detail          text not null,
    tries           integer not null,
    died_at         timestamptz not null default now()
);

-- Answers given to requests that carried an Idempotency-Key.
create table requests (
    office       text not null,
    request_key  text not null,
    digest       text not null,
    status       integer,
    answer       jsonb,
    asked_at     timestamptz not null default now(),
    primary key (office, request_key)
);
