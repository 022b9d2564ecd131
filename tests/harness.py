"""A service under test: real PostgreSQL, real objects on disk, its real HTTP app, tokens signed by a test key.

``async with running(SERVICE, make_database(), tmp_path) as under_test`` gives handlers, API and store one
``Work``; ``under_test.said(topic)`` reads what it put into its outbox.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from contracts.message import Message
from contracts.topics import Topic
from contracts.vocabulary import Published
from services.kit.clock import Clock
from services.kit.database import migrate
from services.kit.http import build_app
from services.kit.problems import Problem
from services.kit.service import Service, open_work
from services.kit.settings import ServiceSettings
from services.kit.work import Work

NOON = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
"""15 June 2026, 12:00 in Shanghai: the tests' now."""


@dataclass(frozen=True)
class SetClock(Clock):
    """A clock that tests set."""

    at: list[datetime] = field(default_factory=lambda: [NOON])

    def now(self) -> datetime:
        return self.at[0]

    def set(self, instant: datetime) -> None:
        self.at[0] = instant

    def pass_days(self, days: float) -> None:
        self.at[0] += timedelta(days=days)


class TestTokens:
    """A verifier whose tokens are the claims themselves, for tests that are not about tokens."""

    __test__ = False

    def __init__(self) -> None:
        self._claims: dict[str, dict[str, Any]] = {}

    def token(self, person: str, office: str, /, *roles: str, **claims: Any) -> str:
        token = f"{person}|{office}|{','.join(roles)}"
        self._claims[token] = {"sub": person, "office": office, "roles": list(roles), **claims}
        return token

    async def claims(self, token: str) -> dict[str, Any]:
        if token not in self._claims:
            raise Problem("token-invalid")
        return self._claims[token]


@dataclass
class UnderTest:
    """A service, its Work, an HTTP client on its app, and what tests ask of them."""

    service: Service
    work: Work
    clock: SetClock
    tokens: TestTokens
    http: httpx.AsyncClient

    def signed_in(self, person: str, office: str, *roles: str) -> dict[str, str]:
        """Headers of a request by a person of an office holding roles."""
        return {"Authorization": f"Bearer {self.tokens.token(person, office, *roles)}"}

    async def hear(self, topic: Topic[Any], payload: Published, **envelope: Any) -> Message[Any]:
        """Hands the service an event as if it came from Kafka, through JSON and back; returns the message."""
        message = event(topic, payload, self.clock.now(), **envelope)
        again = Message[topic.payload].model_validate_json(message.model_dump_json(serialize_as_any=True))
        await self.service.handlers[topic](again, self.work)
        return again

    async def hear_again(self, topic: Topic[Any], message: Message[Any]) -> None:
        """The same message a second time."""
        await self.service.handlers[topic](message, self.work)

    async def said(self, topic: Topic[Any]) -> list[Message[Any]]:
        """What the service put into its outbox on a topic, oldest first."""
        rows = await self.work.pool.fetch(
            "select body from outbox where topic = $1 order by position", topic.name
        )
        return [Message[topic.payload].model_validate_json(row["body"]) for row in rows]

    async def snapshot(self, *tables: str) -> dict[str, list[Mapping[str, Any]]]:
        """All rows of tables (and of the outbox), to show that something changed nothing."""
        names = (*tables, "outbox")
        return {
            name: [dict(row) for row in await self.work.pool.fetch(f"select * from {name} order by 1")]
            for name in names
        }


def event(topic: Topic[Any], payload: Published, at: datetime = NOON, **envelope: Any) -> Message[Any]:
    """A message on a topic with the right type, source and subject."""
    return Message[Any](
        source=f"xuewei/{topic.producer}",
        type=topic.name,
        subject=str(getattr(payload, topic.key)),
        time=at,
        data=payload,
        **envelope,
    )


def settings_for(service: Service, database_url: str, folder: Path, **changes: Any) -> ServiceSettings:
    """Settings of a service under test; ``changes`` replace single ones."""
    values: dict[str, Any] = {
        "environment": "development",
        "database_url": SecretStr(database_url),
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "object_store_url": f"file://{folder / 'objects'}",
        "oidc_issuer": "http://127.0.0.1:1",
        **changes,
    }
    return service.settings(**values)


@asynccontextmanager
async def running(
    service: Service, database_url: str, folder: Path, **changes: Any
) -> AsyncIterator[UnderTest]:
    """Migrates an empty database and opens the service on it, without Kafka."""
    settings = settings_for(service, database_url, folder, **changes)
    await migrate(database_url, service.migration_folders())
    clock, tokens = SetClock(), TestTokens()
    async with open_work(service, settings, clock=clock) as work:
        app = build_app(service.name, service.routers, work, tokens, count_states=service.count_states)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            yield UnderTest(service, work, clock, tokens, http)
