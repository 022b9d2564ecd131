"""Assessments in PostgreSQL: all that were ever made, none is overwritten."""

from datetime import datetime

from asyncpg import Record

from contracts.vocabulary import StoredObject
from services.kit.database import Connection
from services.provincial_review.domain.review import Assessment

_COLUMNS = (
    "number, person, assessed_at, approved_count, returned_count, assessment, returned, sent_back_by,"
    " sent_back_at, sent_back"
)


async def save_assessment(conn: Connection, batch_id: str, round_: int, assessment: Assessment) -> None:
    """Keeps a new assessment."""
    await conn.execute(
        "insert into assessments (batch_id, round, number, person, assessed_at, approved_count,"
        " returned_count, assessment, returned) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        batch_id,
        round_,
        assessment.number,
        assessment.person,
        assessment.assessed_at,
        assessment.approved_count,
        assessment.returned_count,
        assessment.stored.model_dump(mode="json"),
        assessment.returned and assessment.returned.model_dump(mode="json"),
    )


async def save_sent_back(
    conn: Connection,
    batch_id: str,
    round_: int,
    number: int,
    *,
    person: str,
    at: datetime,
    words: StoredObject | None,
) -> None:
    """Notes that an approver sent an assessment back, and the words that say why."""
    await conn.execute(
        "update assessments set sent_back_by = $4, sent_back_at = $5, sent_back = $6"
        " where batch_id = $1 and round = $2 and number = $3",
        batch_id,
        round_,
        number,
        person,
        at,
        words and words.model_dump(mode="json"),
    )


async def list_assessments(conn: Connection, batch_id: str, round_: int) -> list[Assessment]:
    """All assessments of a round, oldest first."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from assessments where batch_id = $1 and round = $2 order by number",  # noqa: S608 constant columns
        batch_id,
        round_,
    )
    return [_assessment(row) for row in rows]


async def load_assessment(conn: Connection, batch_id: str, round_: int, number: int) -> Assessment:
    """One assessment of a round; it must exist."""
    row = await conn.fetchrow(
        f"select {_COLUMNS} from assessments where batch_id = $1 and round = $2 and number = $3",  # noqa: S608 constant columns
        batch_id,
        round_,
        number,
    )
    assert row is not None
    return _assessment(row)


async def list_assessors(conn: Connection, batch_id: str) -> frozenset[str]:
    """Who assessed any round of a batch."""
    rows = await conn.fetch("select distinct person from assessments where batch_id = $1", batch_id)
    return frozenset(row["person"] for row in rows)


def _assessment(row: Record) -> Assessment:
    return Assessment(
        number=row["number"],
        person=row["person"],
        assessed_at=row["assessed_at"],
        approved_count=row["approved_count"],
        returned_count=row["returned_count"],
        stored=StoredObject.model_validate(row["assessment"]),
        returned=row["returned"] and StoredObject.model_validate(row["returned"]),
        sent_back_by=row["sent_back_by"],
        sent_back_at=row["sent_back_at"],
        sent_back=row["sent_back"] and StoredObject.model_validate(row["sent_back"]),
    )
