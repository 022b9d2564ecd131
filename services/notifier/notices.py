"""Where notices (通知) are planned, delivered and kept: each step of a ladder once per office and channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.deadlines import DeadlineId
from contracts.vocabulary import Office, new_id
from services.kit.database import Connection
from services.notifier.letters import Letter


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice with what its delivery needs."""

    notice_id: str
    obligation_id: str
    step: str
    office: str
    channel: str
    subject: str
    body: str
    tries: int
    about: str
    deadline: DeadlineId
    traceparent: str | None
    obligation_state: str
    email: str | None


async def list_told(conn: Connection, obligation_id: str) -> set[str]:
    """Names of the steps that were taken for an obligation."""
    rows = await conn.fetch("select distinct step from notices where obligation_id = $1", obligation_id)
    return {row["step"] for row in rows}


async def plan_notice(
    conn: Connection,
    obligation_id: str,
    step: str,
    office: Office,
    channel: str,
    letter: Letter,
    now: datetime,
) -> str | None:
    """Plans a notice; None when this step told this office on this channel already."""
    return await conn.fetchval(
        "insert into notices (notice_id, obligation_id, step, office, channel, state, subject, body, next_try_at,"
        " planned_at) values ($1, $2, $3, $4, $5, 'planned', $6, $7, $8, $8)"
        " on conflict (obligation_id, step, office, channel) do nothing returning notice_id",
        new_id(),
        obligation_id,
        step,
        str(office),
        channel,
        letter.subject,
        letter.body,
        now,
    )


async def list_to_deliver(conn: Connection, now: datetime, limit: int = 100) -> list[str]:
    """Ids of planned e-mails whose time has come."""
    rows = await conn.fetch(
        "select notice_id from notices where state = 'planned' and next_try_at <= $1 order by planned_at limit $2",
        now,
        limit,
    )
    return [row["notice_id"] for row in rows]


async def list_cut_off(conn: Connection, older_than: timedelta) -> list[str]:
    """Ids of deliveries that were begun and never ended: the process died in between (database's clock)."""
    rows = await conn.fetch(
        "select notice_id from notices where state = 'sending' and claimed_at < now() - $1::interval",
        older_than,
    )
    return [row["notice_id"] for row in rows]


async def lock_notice(conn: Connection, notice_id: str, state: str) -> Notice | None:
    """Locks a notice if it is still in ``state`` and nobody else has it."""
    row = await conn.fetchrow(
        "select n.notice_id, n.obligation_id, n.step, n.office, n.channel, n.subject, n.body, n.tries, o.about,"
        " o.deadline, o.traceparent, o.state as obligation_state, c.email"
        " from notices n join obligations o using (obligation_id) left join contacts c on c.office = n.office"
        " where n.notice_id = $1 and n.state = $2 for update of n skip locked",
        notice_id,
        state,
    )
    if row is None:
        return None
    values: dict[str, Any] = {**dict(row), "deadline": DeadlineId(row["deadline"])}
    return Notice(**values)


async def begin_sending(conn: Connection, notice_id: str) -> None:
    """Marks a delivery as begun, before the mail server is asked."""
    await conn.execute(
        "update notices set state = 'sending', claimed_at = now(), tries = tries + 1 where notice_id = $1",
        notice_id,
    )


async def try_again(conn: Connection, notice_id: str, at: datetime) -> None:
    """Puts a delivery off after a passing failure."""
    await conn.execute(
        "update notices set state = 'planned', claimed_at = null, next_try_at = $2 where notice_id = $1",
        notice_id,
        at,
    )


async def end_notice(
    conn: Connection, notice_id: str, state: str, now: datetime, reason_code: str | None = None
) -> None:
    """Ends a notice: sent, failed or dropped."""
    await conn.execute(
        "update notices set state = $2, ended_at = $3, reason_code = $4, next_try_at = null, claimed_at = null"
        " where notice_id = $1",
        notice_id,
        state,
        now,
        reason_code,
    )


async def list_inbox(conn: Connection, office: str, *, unread: bool, limit: int) -> list[dict[str, Any]]:
    """The in-app inbox of an office, newest first, with how the e-mail of the same step fared."""
    rows = await conn.fetch(
        "select n.notice_id, n.step, n.subject, n.body, n.planned_at as told_at, n.read_at, o.obligation_id,"
        " o.deadline, o.about, o.round, o.article, o.due_at, o.state as obligation_state, m.state as email_state,"
        " m.reason_code as email_reason from notices n join obligations o using (obligation_id)"
        " left join notices m on m.obligation_id = n.obligation_id and m.step = n.step and m.office = n.office"
        " and m.channel = 'email' where n.office = $1 and n.channel = 'inbox' and (not $2 or n.read_at is null)"
        " order by n.planned_at desc, n.notice_id limit $3",
        office,
        unread,
        limit,
    )
    return [dict(row) for row in rows]


async def mark_read(conn: Connection, notice_id: str, office: str, now: datetime) -> bool:
    """Marks a notice of the office's inbox as read; False when there is none."""
    return bool(
        await conn.fetchval(
            "update notices set read_at = coalesce(read_at, $3)"
            " where notice_id = $1 and office = $2 and channel = 'inbox' returning true",
            notice_id,
            office,
            now,
        )
    )


async def save_contact(conn: Connection, office: str, email: str, person: str, now: datetime) -> None:
    """Keeps the address at which an office wants its notices."""
    await conn.execute(
        "insert into contacts (office, email, changed_at, changed_by) values ($1, $2, $3, $4)"
        " on conflict (office) do update set email = $2, changed_at = $3, changed_by = $4",
        office,
        email,
        now,
        person,
    )


async def find_contact(conn: Connection, office: str) -> str | None:
    """The address of an office."""
    return await conn.fetchval("select email from contacts where office = $1", office)
