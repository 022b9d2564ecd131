"""Returned records (退回): what the unit owes corrections of. The table is the unit's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.reviews import ReturnedRecord
from services.kit.database import Connection


@dataclass(frozen=True, slots=True)
class Owed:
    """A record that came back: why, from whom, and in which round it was corrected (None: still owed)."""

    record_id: str
    round: int
    row: int
    reason_code: str
    rule: str | None
    field: str | None
    comment: str | None
    returned_by: str
    returned_at: datetime
    replaced_in_round: int | None


async def save_returned(
    conn: Connection,
    batch_id: str,
    round_: int,
    records: Sequence[ReturnedRecord],
    returned_by: str,
    at: datetime,
) -> None:
    """Keeps which records came back; one that is known already stays as it is."""
    await conn.execute(
        "insert into returned_records (batch_id, record_id, round, row, reason_code, rule, field, comment,"
        " returned_by, returned_at)"
        " select $1, r.record_id, $2, r.row, r.reason_code, r.rule, r.field, r.comment, $3, $4"
        " from unnest($5::text[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[])"
        " as r (record_id, row, reason_code, rule, field, comment) on conflict do nothing",
        batch_id,
        round_,
        returned_by,
        at,
        [each.record_id for each in records],
        [each.row for each in records],
        [each.reason_code for each in records],
        [each.rule for each in records],
        [each.field for each in records],
        [each.comment for each in records],
    )


async def list_returned(conn: Connection, batch_id: str, round_: int | None) -> list[Owed]:
    """The records that came back, of one round or of all."""
    rows = await conn.fetch(
        "select record_id, round, row, reason_code, rule, field, comment, returned_by, returned_at,"
        " replaced_in_round from returned_records"
        " where batch_id = $1 and ($2::int is null or round = $2) order by round, row",
        batch_id,
        round_,
    )
    return [_owed(row) for row in rows]


async def list_owed_ids(conn: Connection, batch_id: str) -> list[tuple[str, int]]:
    """Id and round of every record that is still owed."""
    rows = await conn.fetch(
        "select record_id, round from returned_records"
        " where batch_id = $1 and replaced_in_round is null order by round, row",
        batch_id,
    )
    return [(row["record_id"], row["round"]) for row in rows]


async def mark_replaced(conn: Connection, batch_id: str, record_ids: Sequence[str], round_: int) -> int:
    """Notes that a submitted round corrects these records; how many of them were still owed."""
    rows = await conn.fetch(
        "update returned_records set replaced_in_round = $3 where batch_id = $1"
        " and record_id = any($2::text[]) and replaced_in_round is null returning record_id",
        batch_id,
        list(record_ids),
        round_,
    )
    return len(rows)


async def unmark_replaced(conn: Connection, batch_id: str, round_: int) -> None:
    """The round was withdrawn: what it corrected is owed again."""
    await conn.execute(
        "update returned_records set replaced_in_round = null where batch_id = $1 and replaced_in_round = $2",
        batch_id,
        round_,
    )


def _owed(row: asyncpg.Record) -> Owed:
    return Owed(**dict(row))
