"""Uploads: the files of a round, attempt by attempt, and what reading and checking each one gave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import RecordSet, RulePackRef, StoredObject
from services.kit.database import Connection

_SELECT = (
    "select batch_id, round, attempt, original, filename, layout_asked, corrects, received_by, received_at,"
    " read_at, layout, record_count, error_count, warn_count, note_count, unreadable, record_set, findings,"
    " manifest, rule_pack from uploads"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file; what stands after ``read_at`` is None until it was read and never changes then.

    ``unreadable`` tells a file that could not be read: code, text_zh, text_en, where, fix.
    """

    batch_id: str
    round: int
    attempt: int
    original: StoredObject
    filename: str
    layout_asked: str | None
    corrects: bool
    received_by: str
    received_at: datetime
    read_at: datetime | None = None
    layout: str | None = None
    record_count: int | None = None
    error_count: int | None = None
    warn_count: int | None = None
    note_count: int | None = None
    unreadable: dict[str, str] | None = None
    record_set: RecordSet | None = None
    findings: StoredObject | None = None
    manifest: StoredObject | None = None
    rule_pack: RulePackRef | None = None


async def save_upload(conn: Connection, upload: Upload) -> None:
    """A file was received for a round."""
    await conn.execute(
        "insert into uploads (batch_id, round, attempt, original, original_sha256, filename, layout_asked,"
        " corrects, received_by, received_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        upload.batch_id,
        upload.round,
        upload.attempt,
        upload.original.model_dump(),
        upload.original.sha256,
        upload.filename,
        upload.layout_asked,
        upload.corrects,
        upload.received_by,
        upload.received_at,
    )


async def save_reading(conn: Connection, upload: Upload, replaces: Sequence[str]) -> None:
    """What reading and checking gave; written once. ``replaces``: ids of returned records it corrects."""
    await conn.execute(
        "update uploads set read_at = $4, layout = $5, record_count = $6, error_count = $7, warn_count = $8,"
        " note_count = $9, unreadable = $10, record_set = $11, findings = $12, manifest = $13,"
        " rule_pack = $14, replaces = $15"
        " where batch_id = $1 and round = $2 and attempt = $3 and read_at is null",
        upload.batch_id,
        upload.round,
        upload.attempt,
        upload.read_at,
        upload.layout,
        upload.record_count,
        upload.error_count,
        upload.warn_count,
        upload.note_count,
        upload.unreadable,
        upload.record_set.model_dump() if upload.record_set else None,
        upload.findings.model_dump() if upload.findings else None,
        upload.manifest.model_dump() if upload.manifest else None,
        upload.rule_pack.model_dump() if upload.rule_pack else None,
        list(replaces),
    )


async def find_upload(conn: Connection, batch_id: str, round_: int, attempt: int) -> Upload | None:
    """One upload."""
    row = await conn.fetchrow(
        _SELECT + " where batch_id = $1 and round = $2 and attempt = $3",
        batch_id,
        round_,
        attempt,
    )
    return _upload(row) if row else None


async def load_upload(conn: Connection, batch_id: str, round_: int, attempt: int) -> Upload:
    """One upload that must exist."""
    upload = await find_upload(conn, batch_id, round_, attempt)
    assert upload is not None
    return upload


async def find_last_upload(conn: Connection, batch_id: str, round_: int) -> Upload | None:
    """The latest upload of a round."""
    row = await conn.fetchrow(
        _SELECT + " where batch_id = $1 and round = $2 order by attempt desc limit 1",
        batch_id,
        round_,
    )
    return _upload(row) if row else None


async def list_collectors(conn: Connection, batch_id: str) -> frozenset[str]:
    """Every person who uploaded anything to the batch, in any attempt of any round."""
    rows = await conn.fetch("select distinct received_by from uploads where batch_id = $1", batch_id)
    return frozenset(row["received_by"] for row in rows)


async def list_replaced(conn: Connection, batch_id: str, round_: int, attempt: int) -> list[str]:
    """Ids of the returned records an upload corrects."""
    ids = await conn.fetchval(
        "select replaces from uploads where batch_id = $1 and round = $2 and attempt = $3",
        batch_id,
        round_,
        attempt,
    )
    return list(ids or ())


def _upload(row: asyncpg.Record) -> Upload:
    values = dict(row)
    for name in ("original", "findings", "manifest"):
        values[name] = StoredObject(**values[name]) if values[name] else None
    values["record_set"] = RecordSet(**values["record_set"]) if values["record_set"] else None
    values["rule_pack"] = RulePackRef(**values["rule_pack"]) if values["rule_pack"] else None
    return Upload(**values)
