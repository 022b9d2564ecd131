"""What surrounds a review in PostgreSQL: resolution, request to withdraw, format check, filings, notices."""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.batches import BatchWithdrawn
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.notices import NoticeFailed, NoticeSent
from contracts.resolutions import ResolutionRegistered
from contracts.vocabulary import Act, StoredObject
from services.kit.database import Connection


@dataclass(frozen=True, slots=True)
class KeptResolution:
    """A resolution (决议) as the unit registered it."""

    number: str
    effective_on: date
    headcount: int
    page_count: int


@dataclass(frozen=True, slots=True)
class KeptWithdrawal:
    """A unit's request to withdraw (撤回) a round, whatever became of it."""

    unit_code: str
    act: Act
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class KeptFormatCheck:
    """What the national centre's format check (形式审查) of a round gave."""

    passed_count: int
    returned_count: int
    returned: StoredObject | None
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class KeptFiling:
    """A filing (备案) of records of a round."""

    filing_number: str
    filed_count: int
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice (通知) about a batch: to which office, when, how, delivered or why not."""

    recipient_office: str
    step: str
    channel: str
    told_at: datetime
    delivered: bool
    reason_code: str | None


async def save_resolution(conn: Connection, resolution: ResolutionRegistered, at: datetime) -> None:
    """Keeps a registered resolution; a later copy of the same one changes nothing."""
    await conn.execute(
        "insert into resolutions (resolution_id, unit_code, province_code, number, effective_on, headcount,"
        " page_count, scan, roster, registered_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " on conflict do nothing",
        resolution.resolution_id,
        resolution.unit_code,
        resolution.province_code,
        resolution.number,
        resolution.effective_on,
        resolution.headcount,
        resolution.page_count,
        resolution.scan.model_dump(mode="json"),
        resolution.roster and resolution.roster.model_dump(mode="json"),
        at,
    )


async def find_resolution(conn: Connection, resolution_id: str, unit_code: str) -> KeptResolution | None:
    """The resolution of a unit; None when it was not heard of yet."""
    row = await conn.fetchrow(
        "select number, effective_on, headcount, page_count from resolutions"
        " where resolution_id = $1 and unit_code = $2",
        resolution_id,
        unit_code,
    )
    return KeptResolution(**row) if row else None


async def save_withdrawal(conn: Connection, asked: BatchWithdrawn, at: datetime) -> None:
    """Keeps a request to withdraw a round."""
    await conn.execute(
        "insert into withdrawals (batch_id, round, unit_code, province_code, act, asked_at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        asked.batch_id,
        asked.round,
        asked.unit_code,
        asked.province_code,
        asked.act.model_dump(mode="json"),
        at,
    )


async def find_withdrawal(conn: Connection, batch_id: str, round_: int) -> KeptWithdrawal | None:
    """The request to withdraw a round, if there was one."""
    row = await conn.fetchrow(
        "select unit_code, act, asked_at from withdrawals where batch_id = $1 and round = $2",
        batch_id,
        round_,
    )
    if row is None:
        return None
    return KeptWithdrawal(row["unit_code"], Act.model_validate(row["act"]), row["asked_at"])


async def save_format_check(conn: Connection, check: FormatCheckCompleted, at: datetime) -> None:
    """Keeps the result of a format check."""
    await conn.execute(
        "insert into format_checks (batch_id, round, passed_count, returned_count, returned, checked_at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        check.batch_id,
        check.round,
        check.passed_count,
        check.returned_count,
        check.returned and check.returned.model_dump(mode="json"),
        at,
    )


async def find_format_check(conn: Connection, batch_id: str, round_: int) -> KeptFormatCheck | None:
    """The result of a round's format check, once it is there."""
    row = await conn.fetchrow(
        "select passed_count, returned_count, returned, checked_at from format_checks"
        " where batch_id = $1 and round = $2",
        batch_id,
        round_,
    )
    if row is None:
        return None
    returned = row["returned"] and StoredObject.model_validate(row["returned"])
    return KeptFormatCheck(row["passed_count"], row["returned_count"], returned, row["checked_at"])


async def save_filing(conn: Connection, filed: BatchFiled) -> None:
    """Keeps that records of a round were filed."""
    await conn.execute(
        "insert into filings (filing_number, batch_id, round, filed_count, filed_at, receipt)"
        " values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        filed.filing_number,
        filed.batch_id,
        filed.round,
        filed.filed_count,
        filed.filed_at,
        filed.receipt.model_dump(mode="json"),
    )


async def list_filings(conn: Connection, batch_id: str, round_: int) -> list[KeptFiling]:
    """The filings of a round."""
    rows = await conn.fetch(
        "select filing_number, filed_count, filed_at from filings where batch_id = $1 and round = $2"
        " order by filed_at, filing_number",
        batch_id,
        round_,
    )
    return [KeptFiling(**row) for row in rows]


async def save_notice(conn: Connection, notice: NoticeSent | NoticeFailed) -> None:
    """Keeps that a notice was delivered, or that it could not be."""
    failed = isinstance(notice, NoticeFailed)
    await conn.execute(
        "insert into notices (notice_id, about, recipient_office, step, channel, deadline, told_at, delivered,"
        " reason_code) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        notice.notice_id,
        notice.about,
        notice.recipient_office,
        notice.step,
        notice.channel,
        notice.deadline,
        notice.failed_at if failed else notice.sent_at,
        not failed,
        notice.reason_code if failed else None,
    )


async def list_notices(conn: Connection, about: str) -> list[KeptNotice]:
    """The notices about a batch, oldest first."""
    rows = await conn.fetch(
        "select recipient_office, step, channel, told_at, delivered, reason_code from notices"
        " where about = $1 order by told_at, notice_id",
        about,
    )
    return [KeptNotice(**row) for row in rows]
