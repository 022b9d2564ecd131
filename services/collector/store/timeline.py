"""The timeline of a batch: what happened and who was told. Codes, ids and counts only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.database import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a batch; ``facts`` holds counts, ids and codes."""

    round: int
    attempt: int
    at: datetime
    what: str
    office: str
    person: str | None
    reason_code: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice (通知) about a batch or its resolution: to whom, how, when, delivered or not."""

    notice_id: str
    about: str
    recipient_office: str
    step: str
    channel: str
    deadline: str | None
    at: datetime
    delivered: bool
    reason_code: str | None = None


async def append_entry(conn: Connection, batch_id: str, entry: Entry) -> None:
    """Adds to a batch's timeline."""
    await conn.execute(
        "insert into entries (batch_id, round, attempt, at, what, office, person, reason_code, facts)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        batch_id,
        entry.round,
        entry.attempt,
        entry.at,
        entry.what,
        entry.office,
        entry.person,
        entry.reason_code,
        dict(entry.facts),
    )


async def list_entries(conn: Connection, batch_id: str) -> list[Entry]:
    """A batch's timeline, in the order it was written."""
    rows = await conn.fetch(
        "select round, attempt, at, what, office, person, reason_code, facts from entries"
        " where batch_id = $1 order by position",
        batch_id,
    )
    return [Entry(**dict(row)) for row in rows]


async def save_notice(conn: Connection, notice: Notice) -> None:
    """Keeps that a notice was sent or failed; the first word on a notice counts."""
    await conn.execute(
        "insert into notices (notice_id, about, recipient_office, step, channel, deadline, at, delivered,"
        " reason_code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        notice.notice_id,
        notice.about,
        notice.recipient_office,
        notice.step,
        notice.channel,
        notice.deadline,
        notice.at,
        notice.delivered,
        notice.reason_code,
    )


async def list_notices(conn: Connection, batch_id: str, resolution_id: str) -> list[Notice]:
    """The notices about a batch or its resolution, oldest first."""
    rows = await conn.fetch(
        "select notice_id, about, recipient_office, step, channel, deadline, at, delivered, reason_code"
        " from notices where about = any($1::text[]) order by at, notice_id",
        [batch_id, resolution_id],
    )
    return [Notice(**dict(row)) for row in rows]
