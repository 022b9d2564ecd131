"""Schema = sum of migrations: each service's committed snapshot is what its migrations make of nothing."""

from collections.abc import Callable

import asyncpg
import pytest

from services.kit.schema import describe, every_service, schema_of, settle, snapshot_path
from services.kit.service import Service


@pytest.mark.parametrize("service", every_service(), ids=lambda service: str(service.name))
async def test_the_migrations_make_exactly_the_schema_that_was_reviewed(
    service: Service, make_database: Callable[[], str]
) -> None:
    made = await schema_of(service, make_database())
    assert made == snapshot_path(service).read_text("utf-8"), (
        "run python -m services.kit.schema and look at it"
    )


@pytest.mark.parametrize(
    "drift",
    [
        "alter table outbox add column hurry boolean",
        "alter table outbox alter column subject drop not null",
        "alter table outbox alter column written_at drop default",
        "alter table inbox drop constraint inbox_state_check",
        "drop index outbox_to_publish",
        "alter table requests alter column status type bigint",
        "create function f() returns int language sql as 'select 1'",
    ],
)
async def test_a_drift_of_any_kind_shows(drift: str, make_database: Callable[[], str]) -> None:
    service, url = every_service()[0], make_database()
    before = await schema_of(service, url)
    connection = await asyncpg.connect(url)
    await connection.execute(drift)
    await connection.close()
    assert await describe(url) != before


async def test_the_command_leaves_no_database_behind(make_database: Callable[[], str]) -> None:
    url = make_database()
    assert await settle(url, check=True) == []
    connection = await asyncpg.connect(url)
    left = await connection.fetchval("select count(*) from pg_database where datname like 'schema\\_%'")
    await connection.close()
    assert left == 0
