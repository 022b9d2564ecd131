"""PostgreSQL: a pool, and plain-SQL migrations that are applied once, in order, under a lock."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

type_alias = PoolConnectionProxy  # asyncpg hands out proxies; both speak the same language

Connection = asyncpg.Connection | PoolConnectionProxy

KIT_MIGRATIONS = Path(__file__).parent / "migrations"
# What a database that goes away makes of a statement. InternalClientError: the server's last word reached a
# connection between two statements, and the next one finds it in a state of which it knows nothing.
DATABASE_FAULTS: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# A value that no try will ever make fit: a number too large, text with a NUL character. asyncpg finds some of
# them before it asks the server, and its DataError for that is another class of the same name.
UNHOLDABLE: tuple[type[Exception], ...] = (asyncpg.DataError, asyncpg.exceptions._base.DataError)  # pyright: ignore[reportPrivateUsage]

MIGRATION_LOCK = 7_204_200_801  # any fixed number: 学位办〔2020〕8号


async def open_pool(url: str, connections_max: int) -> asyncpg.Pool:
    """A pool of connections that read and write JSON as Python values and times in UTC."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=connections_max,
        init=_prepare,
        reset=_keep_session,
        command_timeout=60,
        server_settings={
            "timezone": "UTC",
            "application_name": "xuewei",
            # A process that hangs in the middle of a unit of work does not hold its locks for ever.
            "idle_in_transaction_session_timeout": "10min",
        },
    )


async def _keep_session(_: asyncpg.Connection) -> None:
    """Nothing to undo when a connection comes back, so no round trip for it.

    asyncpg rolls back what is open by itself; nobody leaves settings, listeners or cursors behind, and who
    needs a lock that outlives a transaction (relay, sweeps) has a connection outside the pool.
    """


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
    )


class MigrationChanged(Exception):
    """An applied migration's file was changed afterwards; write a new migration instead."""


async def migrate(url: str, folders: Iterable[Path]) -> list[str]:
    """Applies what is new in ``folders`` (files in name order, each in one transaction); returns the names.

    Safe to run from several processes at once. Raises MigrationChanged when an applied file differs.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1)", MIGRATION_LOCK)
        await connection.execute(
            "create table if not exists migrations"
            " (name text primary key, sha256 text not null, applied_at timestamptz not null default now())"
        )
        applied = {
            row["name"]: row["sha256"]
            for row in await connection.fetch("select name, sha256 from migrations")
        }
        migrations = [migration for folder in folders for migration in read_migrations(folder)]
        return [each.name for each in migrations if await _apply(connection, each, applied)]
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file: its name, its SQL and its digest."""

    name: str
    sql: str
    sha256: str


def read_migrations(folder: Path) -> list[Migration]:
    """The migrations of a folder in the order of their names."""
    return [
        Migration(f"{folder.parent.name}/{path.stem}", sql, hashlib.sha256(sql.encode()).hexdigest())
        for path in sorted(folder.glob("*.sql"))
        for sql in [path.read_text("utf-8")]
    ]


async def _apply(connection: asyncpg.Connection, migration: Migration, applied: dict[str, str]) -> bool:
    if migration.name in applied:
        if applied[migration.name] != migration.sha256:
            raise MigrationChanged(f"{migration.name} was changed after it was applied")
        return False
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into migrations (name, sha256) values ($1, $2)", migration.name, migration.sha256
        )
    return True
