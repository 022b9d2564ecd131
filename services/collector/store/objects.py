"""Objects a unit uploaded: only its own uploads may be referred to."""

from datetime import datetime

from contracts.vocabulary import StoredObject
from services.kit.database import Connection


async def save_object(
    conn: Connection, unit_code: str, stored: StoredObject, person: str, now: datetime
) -> bool:
    """Remembers that a unit uploaded an object; False when it did so before."""
    return bool(
        await conn.fetchval(
            "insert into objects (unit_code, sha256, size_bytes, media_type, uploaded_by, uploaded_at)"
            " values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning true",
            unit_code,
            stored.sha256,
            stored.size_bytes,
            stored.media_type,
            person,
            now,
        )
    )


async def find_object(conn: Connection, unit_code: str, sha256: str) -> StoredObject | None:
    """The object if this unit uploaded it."""
    row = await conn.fetchrow(
        "select sha256, size_bytes, media_type from objects where unit_code = $1 and sha256 = $2",
        unit_code,
        sha256,
    )
    return StoredObject(**dict(row)) if row else None
