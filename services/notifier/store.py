"""Where the notifier keeps obligations and what it knows of batches and resolutions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from contracts.deadlines import DeadlineId, DueDate
from contracts.resolutions import ResolutionRegistered
from contracts.vocabulary import Office, new_id
from services.kit.database import Connection
from services.notifier.domain.obligations import Done, Owed, OwedRecords


@dataclass(frozen=True, slots=True)
class Batch:
    """What the notifier knows of a batch."""

    batch_id: str
    unit_code: str
    province_code: str
    resolution_number: str | None
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Obligation:
    """An open obligation with a due date."""

    obligation_id: str
    deadline: DeadlineId
    about: str
    round: int
    office: Office
    unit_code: str
    province_code: str
    resolution_number: str | None
    record_count: int
    traceparent: str | None
    day_zero: date
    last_day: date
    due_at: datetime
    article: str
    opened_at: datetime


_OBLIGATION = (
    "obligation_id, deadline, about, round, office, unit_code, province_code, resolution_number, record_count,"
    " traceparent, day_zero, last_day, due_at, article, opened_at"
)


def _obligation(row: asyncpg.Record) -> Obligation:
    values = dict(row)
    values["deadline"] = DeadlineId(values["deadline"])
    values["office"] = Office.parse(values["office"])
    return Obligation(**values)


async def save_batch(conn: Connection, batch: Batch) -> Batch:
    """Keeps what is known of a batch (an event that knows more completes it) and returns all that is known."""
    row = await conn.fetchrow(
        "insert into batches (batch_id, unit_code, province_code, resolution_number, traceparent)"
        " values ($1, $2, $3, $4, $5) on conflict (batch_id) do update set"
        " resolution_number = coalesce(batches.resolution_number, excluded.resolution_number),"
        " traceparent = coalesce(batches.traceparent, excluded.traceparent)"
        " returning batch_id, unit_code, province_code, resolution_number, traceparent",
        batch.batch_id,
        batch.unit_code,
        batch.province_code,
        batch.resolution_number,
        batch.traceparent,
    )
    assert row is not None
    return Batch(*row)


async def save_resolution(conn: Connection, event: ResolutionRegistered) -> None:
    """Keeps a resolution's number and head count."""
    await conn.execute(
        "insert into resolutions (resolution_id, unit_code, number, headcount) values ($1, $2, $3, $4)"
        " on conflict do nothing",
        event.resolution_id,
        event.unit_code,
        event.number,
        event.headcount,
    )


async def save_submission(conn: Connection, batch_id: str, resolution_id: str, record_count: int) -> None:
    """Keeps how many records the first round of a batch brought for its resolution."""
    await conn.execute(
        "insert into submissions (batch_id, resolution_id, record_count) values ($1, $2, $3) on conflict do nothing",
        batch_id,
        resolution_id,
        record_count,
    )


async def is_wholly_submitted(conn: Connection, resolution_id: str) -> bool:
    """Whether first rounds hold as many records as the resolution has names; False while it is unknown."""
    return bool(
        await conn.fetchval(
            "select (select coalesce(sum(record_count), 0) from submissions where resolution_id = $1) >= headcount"
            " from resolutions where resolution_id = $1",
            resolution_id,
        )
    )


async def lock_resolution(conn: Connection, resolution_id: str) -> None:
    """Lets one transaction at a time reckon what is submitted of a resolution, known already or not."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", resolution_id)


async def save_owed_change(conn: Connection, batch_id: str, change: OwedRecords) -> None:
    """Notes a change of the records a unit owes of a batch."""
    await conn.execute(
        "insert into owed_changes (batch_id, round, cause, change) values ($1, $2, $3, $4) on conflict do nothing",
        batch_id,
        change.round,
        change.cause,
        change.change,
    )


async def list_owed_changes(conn: Connection, batch_id: str) -> list[OwedRecords]:
    """Every change of the records a unit owes of a batch."""
    rows = await conn.fetch("select cause, change, round from owed_changes where batch_id = $1", batch_id)
    return [OwedRecords(*row) for row in rows]


async def open_obligation(
    conn: Connection, owed: Owed, batch: Batch, due: DueDate, opened_at: datetime
) -> str | None:
    """Opens an obligation; None when it is open or done already."""
    return await conn.fetchval(
        "insert into obligations (obligation_id, deadline, about, round, office, unit_code, province_code,"
        " resolution_number, record_count, traceparent, day_zero, last_day, due_at, article, state, opened_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', $15)"
        " on conflict (deadline, about, round, office) do nothing returning obligation_id",
        new_id(),
        owed.deadline,
        owed.about,
        owed.round,
        str(owed.office),
        batch.unit_code,
        batch.province_code,
        batch.resolution_number,
        owed.record_count,
        batch.traceparent,
        due.day_zero,
        due.last_day,
        due.at,
        due.article,
        opened_at,
    )


async def close_obligation(
    conn: Connection, done: Done, batch: Batch, article: str, closed_by: str, now: datetime
) -> None:
    """Closes an obligation, or remembers that it is done before it was known to be owed."""
    await conn.execute(
        "insert into obligations (obligation_id, deadline, about, round, office, unit_code, province_code,"
        " resolution_number, article, state, opened_at, closed_at, closed_by)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'done', $10, $10, $11)"
        " on conflict (deadline, about, round, office) do update"
        " set state = 'done', closed_at = excluded.closed_at, closed_by = excluded.closed_by"
        " where obligations.state = 'open'",
        new_id(),
        done.deadline,
        done.about,
        done.round,
        str(done.office),
        batch.unit_code,
        batch.province_code,
        batch.resolution_number,
        article,
        now,
        closed_by,
    )


async def close_corrections(conn: Connection, batch_id: str, before_round: int, now: datetime) -> None:
    """Closes what a unit owed of earlier rounds of a batch once it resubmitted everything."""
    await conn.execute(
        "update obligations set state = 'done', closed_at = $3, closed_by = 'batch.submitted.v1'"
        " where about = $1 and round < $2 and deadline in ('T04', 'T08') and state = 'open'",
        batch_id,
        before_round,
        now,
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open obligation as the chase looks at it: when it began and ends, which steps were taken."""

    obligation_id: str
    deadline: DeadlineId
    opened_at: datetime
    last_day: date
    told: frozenset[str]


async def list_to_chase(conn: Connection) -> list[Candidate]:
    """Open obligations, the most urgent first: candidates, re-checked one by one."""
    rows = await conn.fetch(
        "select obligation_id, deadline, opened_at, last_day, array(select distinct n.step from notices n"
        " where n.obligation_id = o.obligation_id) as told"
        " from obligations o where state = 'open' order by last_day, obligation_id"
    )
    return [
        Candidate(
            row["obligation_id"],
            DeadlineId(row["deadline"]),
            row["opened_at"],
            row["last_day"],
            frozenset(row["told"]),
        )
        for row in rows
    ]


async def lock_open(conn: Connection, obligation_id: str) -> Obligation | None:
    """Locks an obligation if it is still open."""
    row = await conn.fetchrow(
        f"select {_OBLIGATION} from obligations where obligation_id = $1 and state = 'open' for update",  # noqa: S608
        obligation_id,
    )
    return _obligation(row) if row else None


async def list_obligations(
    conn: Connection, offices: Sequence[str], province_code: str | None, state: str, limit: int
) -> list[dict[str, Any]]:
    """Obligations of offices, or of all units of a province, the most urgent first."""
    rows = await conn.fetch(
        "select obligation_id, deadline, about, round, office, unit_code, province_code, resolution_number,"
        " record_count, day_zero, last_day, due_at, article, state, opened_at, closed_at, closed_by"
        " from obligations where (office = any($1::text[])"
        " or ($2::text is not null and province_code = $2 and starts_with(office, 'unit:')))"
        " and state = $3 and due_at is not null order by due_at, obligation_id limit $4",
        list(offices),
        province_code,
        state,
        limit,
    )
    return [dict(row) for row in rows]


async def count_states(pool: asyncpg.Pool) -> dict[str, int]:
    """Obligations and notices by state."""
    rows = await pool.fetch(
        "select 'obligation ' || state as name, count(*) from obligations where due_at is not null group by state"
        " union all select 'notice ' || state, count(*) from notices group by state"
    )
    return {row["name"]: int(row["count"]) for row in rows}
