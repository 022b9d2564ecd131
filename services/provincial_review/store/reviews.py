"""Reviews in PostgreSQL: found by province, never across provinces."""

from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg import Record

from contracts.batches import BatchSubmitted
from contracts.reviews import ReviewCompleted
from contracts.vocabulary import StoredObject
from services.kit.database import Connection
from services.provincial_review.domain.moves import ReviewState
from services.provincial_review.domain.review import Comparison, Findings, Review

_COLUMNS = (
    "batch_id, round, state, version, submitted, submitted_at, traceparent, findings, error_count, warn_count,"
    " note_count, not_checked, no_comparison, comparison, missing_count, extra_count, different_count, assessment_number,"
    " approved_by, completed_at, completed"
)


async def lock_batch(conn: Connection, batch_id: str) -> None:
    """Holds back others who open or withdraw rounds of this batch until the transaction ends."""
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", batch_id)


async def save_review(conn: Connection, review: Review) -> None:
    """Opens a review."""
    comparison = review.comparison
    await conn.execute(
        "insert into reviews (batch_id, round, unit_code, province_code, resolution_id, state, version,"
        " submitted, submitted_at, due_at, traceparent, findings, error_count, warn_count, note_count,"
        " not_checked, comparison, missing_count, extra_count, different_count, no_comparison)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        review.batch_id,
        review.round,
        review.submitted.unit_code,
        review.submitted.province_code,
        review.submitted.resolution_id,
        review.state,
        review.version,
        review.submitted.model_dump(mode="json"),
        review.submitted_at,
        review.due.at,
        review.traceparent,
        review.findings.stored.model_dump(mode="json"),
        review.findings.error_count,
        review.findings.warn_count,
        review.findings.note_count,
        list(review.findings.not_checked),
        comparison and comparison.stored.model_dump(mode="json"),
        comparison and comparison.missing_count,
        comparison and comparison.extra_count,
        comparison and comparison.different_count,
        review.no_comparison,
    )


async def find_round(conn: Connection, batch_id: str, round_: int, *, lock: bool = False) -> Review | None:
    """The review of a round, whatever the province: for events, never for a person's request.

    With ``lock`` nobody else can change it until the transaction ends.
    """
    row = await conn.fetchrow(
        f"select {_COLUMNS} from reviews where batch_id = $1 and round = $2{' for update' if lock else ''}",  # noqa: S608 constant columns
        batch_id,
        round_,
    )
    return _review(row) if row else None


async def find_review(conn: Connection, province_code: str, batch_id: str, round_: int) -> Review | None:
    """The review of a round in this province; None also when it is another province's."""
    row = await conn.fetchrow(
        f"select {_COLUMNS} from reviews where batch_id = $1 and round = $2 and province_code = $3",  # noqa: S608 constant columns
        batch_id,
        round_,
        province_code,
    )
    return _review(row) if row else None


async def load_version_locked(conn: Connection, batch_id: str, round_: int) -> int:
    """The version of a review, which nobody else can change until the transaction ends."""
    version: int = await conn.fetchval(
        "select version from reviews where batch_id = $1 and round = $2 for update", batch_id, round_
    )
    return version


async def list_queue(
    conn: Connection, province_code: str, states: Sequence[ReviewState], *, limit: int, offset: int
) -> list[Review]:
    """The queue of a province in these states, the most urgent first."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from reviews where province_code = $1 and state = any($2)"  # noqa: S608 constant columns
        " order by due_at, batch_id, round limit $3 offset $4",
        province_code,
        [str(state) for state in states],
        limit,
        offset,
    )
    return [_review(row) for row in rows]


async def list_rounds_of_resolution(conn: Connection, resolution_id: str, unit_code: str) -> list[Review]:
    """All rounds of a unit under one resolution that were not withdrawn, oldest first."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from reviews where resolution_id = $1 and unit_code = $2"  # noqa: S608 constant columns
        " and state <> 'withdrawn' order by submitted_at, batch_id, round",
        resolution_id,
        unit_code,
    )
    return [_review(row) for row in rows]


async def list_approvers(conn: Connection, batch_id: str) -> frozenset[str]:
    """Who signed an opinion on any round of a batch."""
    rows = await conn.fetch(
        "select approved_by from reviews where batch_id = $1 and approved_by is not null", batch_id
    )
    return frozenset(row["approved_by"] for row in rows)


async def move_to_assessed(conn: Connection, review: Review, number: int) -> None:
    """A new assessment counts."""
    await conn.execute(
        "update reviews set state = 'assessed', assessment_number = $4, version = version + 1"
        " where batch_id = $1 and round = $2 and state = $3",
        review.batch_id,
        review.round,
        review.state,
        number,
    )


async def move_to_waiting(conn: Connection, review: Review) -> None:
    """The approver sent the assessment back: none counts."""
    await conn.execute(
        "update reviews set state = 'waiting', assessment_number = 0, version = version + 1"
        " where batch_id = $1 and round = $2 and state = $3",
        review.batch_id,
        review.round,
        review.state,
    )


async def move_to_ended(
    conn: Connection,
    review: Review,
    state: ReviewState,
    completed: ReviewCompleted,
    at: Any,
    approved_by: str | None = None,
) -> None:
    """The review ended: decided or withdrawn; ``completed`` is what is said of it."""
    await conn.execute(
        "update reviews set state = $4, completed = $5, completed_at = $6, approved_by = $7,"
        " version = version + 1 where batch_id = $1 and round = $2 and state = $3",
        review.batch_id,
        review.round,
        review.state,
        state,
        completed.model_dump(mode="json"),
        at,
        approved_by,
    )


async def save_news(conn: Connection, batch_id: str, round_: int) -> None:
    """Something became known beside the review: who waits for news of it gets a higher version."""
    await conn.execute(
        "update reviews set version = version + 1 where batch_id = $1 and round = $2", batch_id, round_
    )


async def count_by_state(conn: Connection) -> Mapping[str, int]:
    """How many reviews are in each state."""
    rows = await conn.fetch("select state, count(*) as reviews from reviews group by state")
    return {row["state"]: row["reviews"] for row in rows}


def _review(row: Record) -> Review:
    return Review(
        submitted=BatchSubmitted.model_validate(row["submitted"]),
        submitted_at=row["submitted_at"],
        traceparent=row["traceparent"],
        findings=Findings(
            StoredObject.model_validate(row["findings"]),
            row["error_count"],
            row["warn_count"],
            row["note_count"],
            tuple(row["not_checked"]),
        ),
        comparison=_comparison(row),
        no_comparison=row["no_comparison"],
        state=ReviewState(row["state"]),
        version=row["version"],
        assessment_number=row["assessment_number"],
        approved_by=row["approved_by"],
        completed_at=row["completed_at"],
        completed=row["completed"] and ReviewCompleted.model_validate(row["completed"]),
    )


def _comparison(row: Record) -> Comparison | None:
    if row["comparison"] is None:
        return None
    stored = StoredObject.model_validate(row["comparison"])
    return Comparison(stored, row["missing_count"], row["extra_count"], row["different_count"])
