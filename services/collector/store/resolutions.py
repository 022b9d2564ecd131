"""Resolutions (学位授予决议) as registered."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from contracts.vocabulary import StoredObject
from services.kit.database import Connection

_SELECT = (
    "select resolution_id, unit_code, province_code, number, effective_on, levels, headcount, scan, page_count,"
    " roster, roster_filename, registered_by, registered_at from resolutions"
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A registered resolution: since when it is in effect, for how many, its scan and its list of names."""

    resolution_id: str
    unit_code: str
    province_code: str
    number: str
    effective_on: date
    levels: tuple[str, ...]
    headcount: int
    scan: StoredObject
    page_count: int
    roster: StoredObject | None
    roster_filename: str | None
    registered_by: str
    registered_at: datetime

    def says_the_same_as(self, other: "Resolution") -> bool:
        """Whether both have the same content, whoever registered them and when."""
        return _content(self) == _content(other)


def _content(resolution: Resolution) -> tuple[object, ...]:
    roster = resolution.roster.sha256 if resolution.roster else None
    return (
        resolution.number,
        resolution.effective_on,
        sorted(resolution.levels),
        resolution.headcount,
        resolution.scan.sha256,
        roster,
    )


async def save_resolution(conn: Connection, resolution: Resolution) -> bool:
    """Registers a resolution; False when the unit has one of this number already."""
    return bool(
        await conn.fetchval(
            "insert into resolutions (resolution_id, unit_code, province_code, number, effective_on, levels,"
            " headcount, scan, page_count, roster, roster_filename, registered_by, registered_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            " on conflict (unit_code, number) do nothing returning true",
            resolution.resolution_id,
            resolution.unit_code,
            resolution.province_code,
            resolution.number,
            resolution.effective_on,
            list(resolution.levels),
            resolution.headcount,
            resolution.scan.model_dump(),
            resolution.page_count,
            resolution.roster.model_dump() if resolution.roster else None,
            resolution.roster_filename,
            resolution.registered_by,
            resolution.registered_at,
        )
    )


async def find_resolution_by_number(conn: Connection, unit_code: str, number: str) -> Resolution | None:
    """The unit's resolution of this number."""
    row = await conn.fetchrow(_SELECT + " where unit_code = $1 and number = $2", unit_code, number)
    return _resolution(row) if row else None


async def find_resolution(conn: Connection, unit_code: str, resolution_id: str) -> Resolution | None:
    """The resolution if it is the unit's."""
    row = await conn.fetchrow(
        _SELECT + " where unit_code = $1 and resolution_id = $2",
        unit_code,
        resolution_id,
    )
    return _resolution(row) if row else None


async def load_resolution(conn: Connection, resolution_id: str) -> Resolution:
    """The resolution of a batch."""
    row = await conn.fetchrow(_SELECT + " where resolution_id = $1", resolution_id)
    assert row is not None
    return _resolution(row)


async def list_resolutions(conn: Connection, unit_code: str, limit: int) -> list[Resolution]:
    """The unit's resolutions, latest in effect first."""
    rows = await conn.fetch(
        _SELECT + " where unit_code = $1 order by effective_on desc, number limit $2",
        unit_code,
        limit,
    )
    return [_resolution(row) for row in rows]


def _resolution(row: asyncpg.Record) -> Resolution:
    values = dict(row)
    values["levels"] = tuple(values["levels"])
    values["scan"] = StoredObject(**values["scan"])
    values["roster"] = StoredObject(**values["roster"]) if values["roster"] else None
    return Resolution(**values)
