"""Rounds (轮次) of a batch: how far each came, and what province and centre said of it."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import StoredObject
from services.collector.domain.rounds import RoundFacts
from services.collector.domain.states import Phase
from services.kit.database import Connection

_SELECT = (
    "select round, phase, attempt, record_count, replaced_count, submitted_at, approved_count, returned_count,"
    " reviewed_at, passed_count, format_returned_count, format_checked_at, filed_count, filed_at from rounds"
)


@dataclass(frozen=True, slots=True)
class Filing:
    """One round that was filed: its number, how many records, when, and the receipt."""

    round: int
    filing_number: str
    filed_count: int
    filed_at: datetime
    receipt: StoredObject


async def save_round(conn: Connection, batch_id: str, number: int) -> None:
    """Opens a round, or takes its next attempt: from now on it is being read."""
    await conn.execute(
        "insert into rounds (batch_id, round, attempt, phase) values ($1, $2, 1, $3)"
        " on conflict (batch_id, round) do update"
        " set attempt = rounds.attempt + 1, phase = excluded.phase, record_count = 0",
        batch_id,
        number,
        Phase.RECEIVED,
    )


async def list_rounds(conn: Connection, batch_id: str) -> list[RoundFacts]:
    """What is known of each round, first round first."""
    rows = await conn.fetch(_SELECT + " where batch_id = $1 order by round", batch_id)
    return [_round(row) for row in rows]


async def move_round(conn: Connection, batch_id: str, number: int, phase: Phase, record_count: int) -> None:
    """Moves a round on."""
    await conn.execute(
        "update rounds set phase = $3, record_count = $4 where batch_id = $1 and round = $2",
        batch_id,
        number,
        phase,
        record_count,
    )


async def move_round_to_submitted(
    conn: Connection, batch_id: str, number: int, replaced_count: int, now: datetime
) -> None:
    """The round is with the province; so many returned records are answered by it."""
    await conn.execute(
        "update rounds set phase = $3, replaced_count = $4, submitted_at = $5"
        " where batch_id = $1 and round = $2",
        batch_id,
        number,
        Phase.SUBMITTED,
        replaced_count,
        now,
    )


async def move_round_to_withdrawn(conn: Connection, batch_id: str, number: int) -> bool:
    """The round is withdrawn: what it corrected is owed again. False when it was decided or withdrawn before."""
    return bool(
        await conn.fetchval(
            "update rounds set phase = $3, replaced_count = 0 where batch_id = $1 and round = $2"
            " and phase <> $3 and phase <> $4 returning true",
            batch_id,
            number,
            Phase.WITHDRAWN,
            Phase.DECIDED,
        )
    )


async def save_review(
    conn: Connection, batch_id: str, number: int, approved: int, returned: int, at: datetime
) -> bool:
    """What the province decided of a round; False when it is known already or there is no such round."""
    return bool(
        await conn.fetchval(
            "update rounds set phase = $3, approved_count = $4, returned_count = $5, reviewed_at = $6"
            " where batch_id = $1 and round = $2 and reviewed_at is null and phase <> $7 returning true",
            batch_id,
            number,
            Phase.DECIDED,
            approved,
            returned,
            at,
            Phase.WITHDRAWN,
        )
    )


async def save_format_check(
    conn: Connection, batch_id: str, number: int, passed: int, returned: int, at: datetime
) -> bool:
    """What the centre's format check gave; False when it is known already or there is no such round."""
    return bool(
        await conn.fetchval(
            "update rounds set phase = $3, passed_count = $4, format_returned_count = $5,"
            " format_checked_at = $6"
            " where batch_id = $1 and round = $2 and format_checked_at is null returning true",
            batch_id,
            number,
            Phase.DECIDED,
            passed,
            returned,
            at,
        )
    )


async def save_filing(conn: Connection, batch_id: str, filing: Filing) -> bool:
    """What was filed of a round; False when it is known already or there is no such round."""
    return bool(
        await conn.fetchval(
            "update rounds set phase = $3, filing_number = $4, filed_count = $5, filed_at = $6,"
            " receipt = $7 where batch_id = $1 and round = $2 and filed_at is null returning true",
            batch_id,
            filing.round,
            Phase.DECIDED,
            filing.filing_number,
            filing.filed_count,
            filing.filed_at,
            filing.receipt.model_dump(),
        )
    )


async def list_filings(conn: Connection, batch_id: str) -> list[Filing]:
    """What was filed, round by round."""
    rows = await conn.fetch(
        "select round, filing_number, filed_count, filed_at, receipt from rounds"
        " where batch_id = $1 and filed_at is not null order by round",
        batch_id,
    )
    return [
        Filing(
            row["round"],
            row["filing_number"],
            row["filed_count"],
            row["filed_at"],
            StoredObject(**row["receipt"]),
        )
        for row in rows
    ]


def _round(row: asyncpg.Record) -> RoundFacts:
    values = dict(row)
    return RoundFacts(number=values.pop("round"), phase=Phase(values.pop("phase")), **values)
