"""Batches (批次): whose they are and where they stand."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import RecordCategory
from services.collector.domain.states import BatchState
from services.kit.database import Connection

_SELECT = (
    "select batch_id, unit_code, province_code, resolution_id, category, state, round, attempt, version, stage,"
    " stage_rows, traceparent, created_at, changed_at from batches"
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands; ``version`` rises with every change a client can see."""

    batch_id: str
    unit_code: str
    province_code: str
    resolution_id: str
    category: RecordCategory
    state: BatchState
    round: int
    attempt: int
    version: int
    stage: str
    stage_rows: int
    traceparent: str
    created_at: datetime
    changed_at: datetime


async def save_batch(conn: Connection, batch: Batch) -> None:
    """A new batch."""
    await conn.execute(
        "insert into batches (batch_id, unit_code, province_code, resolution_id, category, state, round,"
        " attempt, version, stage, stage_rows, traceparent, created_at, changed_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        batch.batch_id,
        batch.unit_code,
        batch.province_code,
        batch.resolution_id,
        batch.category,
        batch.state,
        batch.round,
        batch.attempt,
        batch.version,
        batch.stage,
        batch.stage_rows,
        batch.traceparent,
        batch.created_at,
        batch.changed_at,
    )


async def lock_batch(conn: Connection, batch_id: str) -> Batch | None:
    """The batch, locked against every other change until this transaction ends."""
    row = await conn.fetchrow(_SELECT + " where batch_id = $1 for update", batch_id)
    return _batch(row) if row else None


async def find_batch(conn: Connection, batch_id: str) -> Batch | None:
    """The batch as it stands."""
    row = await conn.fetchrow(_SELECT + " where batch_id = $1", batch_id)
    return _batch(row) if row else None


async def find_batch_with_original(
    conn: Connection, unit_code: str, resolution_id: str, category: str, original_sha256: str
) -> Batch | None:
    """A batch of the unit, not withdrawn, to which the same file was uploaded for the same resolution."""
    row = await conn.fetchrow(
        _SELECT + " where unit_code = $1 and resolution_id = $2 and category = $3"  # noqa: S608 constants only
        " and state <> $4 and batch_id in (select batch_id from uploads where original_sha256 = $5)"
        " order by created_at limit 1",
        unit_code,
        resolution_id,
        category,
        BatchState.WITHDRAWN,
        original_sha256,
    )
    return _batch(row) if row else None


async def lock_content(conn: Connection, *parts: str) -> None:
    """Lets one transaction at a time create a batch from the same content."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 7206))", "/".join(parts))


async def list_batches(
    conn: Connection, unit_code: str, state: str | None, before: str | None, limit: int
) -> list[Batch]:
    """The unit's batches, newest first; ``before`` is the last batch of the page before."""
    rows = await conn.fetch(
        _SELECT + " where unit_code = $1 and ($2::text is null or state = $2)"  # noqa: S608 constants only
        " and ($3::text is null or (created_at, batch_id) <"
        "   (select created_at, batch_id from batches where batch_id = $3 and unit_code = $1))"
        " order by created_at desc, batch_id desc limit $4",
        unit_code,
        state,
        before,
        limit,
    )
    return [_batch(row) for row in rows]


async def move_batch(
    conn: Connection, batch: Batch, state: BatchState, round_: int, attempt: int, stage: str, now: datetime
) -> None:
    """The batch's derived state and present upload; its version rises."""
    await conn.execute(
        "update batches set state = $2, round = $3, attempt = $4, stage = $5, changed_at = $6,"
        " version = version + 1 where batch_id = $1",
        batch.batch_id,
        state,
        round_,
        attempt,
        stage,
        now,
    )


async def save_progress(
    conn: Connection, batch_id: str, round_: int, attempt: int, stage: str, rows: int
) -> bool:
    """How far reading has come; False when this upload is no longer the one being read."""
    return bool(
        await conn.fetchval(
            "update batches set stage = $4, stage_rows = $5, version = version + 1"
            " where batch_id = $1 and round = $2 and attempt = $3 and state = $6 returning true",
            batch_id,
            round_,
            attempt,
            stage,
            rows,
            BatchState.RECEIVED,
        )
    )


async def count_batches_by_state(conn: Connection) -> dict[str, int]:
    """How many batches are in which state."""
    rows = await conn.fetch("select state, count(*) as count from batches group by state")
    return {row["state"]: row["count"] for row in rows}


def _batch(row: asyncpg.Record) -> Batch:
    values = dict(row)
    values["category"] = RecordCategory(values["category"])
    values["state"] = BatchState(values["state"])
    return Batch(**values)
