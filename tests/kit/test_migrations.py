"""Plain-SQL migrations: applied once, in order, by whoever comes first; never changed afterwards."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from services.kit.database import KIT_MIGRATIONS, MigrationChanged, migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_first.sql").write_text("create table things (thing_id int primary key);")
    (folder / "0002_second.sql").write_text("alter table things add column name text;")
    return folder


async def test_migrations_run_once_and_in_order(make_database: Callable[[], str], folder: Path) -> None:
    url = make_database()
    assert await migrate(url, [KIT_MIGRATIONS, folder]) == [
        "kit/0001_messages",
        "shop/0001_first",
        "shop/0002_second",
    ]
    assert await migrate(url, [KIT_MIGRATIONS, folder]) == []


async def test_several_processes_may_migrate_at_once(make_database: Callable[[], str], folder: Path) -> None:
    url = make_database()
    done = await asyncio.gather(*(migrate(url, [folder]) for _ in range(4)))
    assert sorted(len(each) for each in done) == [0, 0, 0, 2]


async def test_a_changed_migration_is_refused(make_database: Callable[[], str], folder: Path) -> None:
    url = make_database()
    await migrate(url, [folder])
    (folder / "0001_first.sql").write_text("create table others (id int);")
    with pytest.raises(MigrationChanged, match="shop/0001_first"):
        await migrate(url, [folder])


async def test_a_migration_that_fails_leaves_nothing_half_done(
    make_database: Callable[[], str], folder: Path
) -> None:
    url = make_database()
    (folder / "0003_broken.sql").write_text("create table half (id int); select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(url, [folder])
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("select to_regclass('half')") is None
        assert await connection.fetchval("select count(*) from migrations") == 2
    finally:
        await connection.close()
