"""Where the centre keeps format checks, filings and the registry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from contracts.reviews import ReviewCompleted
from contracts.vocabulary import RulePackRef, StoredObject
from services.kit.database import Connection
from services.national_filing.domain.receipt import Filing
from services.national_filing.domain.registry import RegistryRow

REGISTRY_COLUMNS = (
    "certificate_number",
    "record_id",
    "batch_id",
    "round",
    "unit_code",
    "category",
    "degree_category",
    "awarded_on",
    "record_hash",
)


async def save_registry(conn: Connection, rows: Sequence[RegistryRow]) -> frozenset[str]:
    """Registers records; returns the record ids whose certificate number (or id) was taken already.

    COPY of all when nothing is taken, the usual case; otherwise an insert that passes over what is taken.
    Both wait for a concurrent filing of the same number to commit or fail: no race can pass the index.
    """
    try:
        async with conn.transaction():
            await conn.copy_records_to_table("registry", records=rows, columns=REGISTRY_COLUMNS)
    except asyncpg.UniqueViolationError:
        return await _save_what_is_free(conn, rows)
    return frozenset()


async def _save_what_is_free(conn: Connection, rows: Sequence[RegistryRow]) -> frozenset[str]:
    await conn.execute("create temporary table arriving (like registry) on commit drop")
    await conn.copy_records_to_table("arriving", records=rows, columns=REGISTRY_COLUMNS)
    saved = await conn.fetch(
        "insert into registry select * from arriving order by certificate_number"
        " on conflict do nothing returning record_id"
    )
    await conn.execute("drop table arriving")
    return frozenset(row[1] for row in rows) - {row["record_id"] for row in saved}


async def save_format_check(
    conn: Connection,
    review: ReviewCompleted,
    *,
    passed_count: int,
    returned: StoredObject | None,
    rule_pack: RulePackRef,
    traceparent: str | None,
    now: datetime,
) -> bool:
    """Keeps the outcome of a format check; False when this round was checked before."""
    return bool(
        await conn.fetchval(
            "insert into format_checks (batch_id, round, unit_code, province_code, category, traceparent,"
            " approved_count, passed_count, returned_count, returned, pack_version, pack_sha256, checked_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            " on conflict do nothing returning true",
            review.batch_id,
            review.round,
            review.unit_code,
            review.province_code,
            review.category,
            traceparent,
            review.approved_count,
            passed_count,
            review.approved_count - passed_count,
            returned.model_dump() if returned else None,
            rule_pack.version,
            rule_pack.sha256,
            now,
        )
    )


async def next_serial(conn: Connection, year: int, province_code: str) -> int:
    """The next filing serial of a year and province; gapless, because it is part of the transaction."""
    serial = await conn.fetchval(
        "insert into filing_serials (year, province_code, last_serial) values ($1, $2, 1)"
        " on conflict (year, province_code) do update set last_serial = filing_serials.last_serial + 1"
        " returning last_serial",
        year,
        province_code,
    )
    return int(serial)


async def save_filing(conn: Connection, filing: Filing, receipt: StoredObject, archive: StoredObject) -> None:
    """Keeps a filing."""
    review = filing.review
    await conn.execute(
        "insert into filings (filing_number, batch_id, round, unit_code, province_code, category, filed_count,"
        " filed_at, record_set, receipt, archive) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        filing.number,
        review.batch_id,
        review.round,
        review.unit_code,
        review.province_code,
        review.category,
        filing.record_set.record_count,
        filing.filed_at,
        filing.record_set.model_dump(),
        receipt.model_dump(),
        archive.model_dump(),
    )


FILING_COLUMNS = (
    "filing_number, batch_id, round, unit_code, province_code, category, filed_count, filed_at,"
    " record_set, receipt, archive"
)


async def find_filing(conn: Connection, filing_number: str) -> dict[str, Any] | None:
    """A filing by its number."""
    row = await conn.fetchrow(
        f"select {FILING_COLUMNS} from filings where filing_number = $1",  # noqa: S608 a constant
        filing_number,
    )
    return dict(row) if row else None


async def list_filings(conn: Connection, batch_id: str | None, limit: int) -> list[dict[str, Any]]:
    """Filings, newest first; of one batch when it is given."""
    rows = await conn.fetch(
        f"select {FILING_COLUMNS} from filings where $1::text is null or batch_id = $1"  # noqa: S608 a constant
        " order by filed_at desc, filing_number desc limit $2",
        batch_id,
        limit,
    )
    return [dict(row) for row in rows]


async def find_format_check(conn: Connection, batch_id: str, round_: int) -> dict[str, Any] | None:
    """The format check of one round of a batch."""
    row = await conn.fetchrow(
        "select batch_id, round, unit_code, province_code, category, traceparent, approved_count, passed_count,"
        " returned_count, returned, pack_version, pack_sha256, checked_at"
        " from format_checks where batch_id = $1 and round = $2",
        batch_id,
        round_,
    )
    return dict(row) if row else None


async def count_states(pool: asyncpg.Pool) -> dict[str, int]:
    """How many rounds were checked, how many filings and filed records there are."""
    row = await pool.fetchrow(
        "select (select count(*) from format_checks) as format_checked, count(*) as filed,"
        " coalesce(sum(filed_count), 0) as filed_records from filings"
    )
    assert row is not None
    return {name: int(row[name]) for name in ("format_checked", "filed", "filed_records")}
