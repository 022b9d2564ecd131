"""A service put together: settings, database, objects, Kafka both ways, HTTP, sweeps, telemetry.

Every service is one ``Service`` value in its app.py; ``main`` runs it or its migrations.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import APIRouter
from faststream.kafka import KafkaBroker

from contracts.topics import ServiceName, Topic, said_by
from contracts.vocabulary import Published
from services.kit import crashpoints, logs, telemetry
from services.kit.clock import Clock
from services.kit.consumer import Consumer, Handler
from services.kit.database import KIT_MIGRATIONS, migrate, open_pool
from services.kit.health import Health
from services.kit.hints import Hints
from services.kit.http import build_app
from services.kit.identity import OidcVerifier
from services.kit.kafka import KafkaError, create_topics
from services.kit.logs import log
from services.kit.objects import ObjectStore
from services.kit.relay import Relay
from services.kit.settings import ServiceSettings
from services.kit.storage import open_objects
from services.kit.sweeps import Sweep, Sweeper
from services.kit.work import Work

StateCounts = Callable[[Work], Awaitable[Mapping[str, int]]]
START_AGAIN_SECONDS = 1.0


async def _nothing(_: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    """All that a service is: what it hears and does, its doors, its clocks, where it keeps things.

    ``count_states`` tells how many of its things are in which state (for metrics); ``set_up`` and
    ``tear_down`` may open what belongs to this service alone.
    """

    name: ServiceName
    settings: type[ServiceSettings]
    migrations: Path
    handlers: Mapping[Topic[Any], Handler]
    routers: tuple[APIRouter, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    count_states: StateCounts | None = None
    set_up: Callable[[Any], Awaitable[None]] = _nothing
    tear_down: Callable[[Any], Awaitable[None]] = _nothing
    title_zh: str = ""

    @property
    def produces(self) -> tuple[Topic[Published], ...]:
        """The topics this service says."""
        return said_by(self.name)

    def migration_folders(self) -> tuple[Path, Path]:
        """The kit's migrations, then the service's own."""
        return KIT_MIGRATIONS, self.migrations


@asynccontextmanager
async def open_work(
    service: Service,
    settings: ServiceSettings,
    *,
    objects: ObjectStore | None = None,
    clock: Clock | None = None,
) -> AsyncGenerator[Work]:
    """Opens database, objects and hints for a service; closes them afterwards."""
    url = settings.database_url.get_secret_value()
    pool = await open_pool(url, settings.database_connections_max)
    try:
        async with Hints(url) as hints:
            work = Work(
                service=service.name,
                pool=pool,
                objects=objects or open_objects(settings),
                clock=clock or Clock(settings.clock_offset_path),
                settings=settings,
                hints=hints,
            )
            await service.set_up(work)
            try:
                yield work
            finally:
                await service.tear_down(work)
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await pool.close()


async def serve(service: Service, settings: ServiceSettings) -> None:
    """Runs a service until it is told to stop (SIGTERM, SIGINT): first stops hearing, then the rest."""
    crashpoints.arm(settings.crashpoint_path)
    async with open_work(service, settings) as work:
        consumer = Consumer(work, service.handlers)
        health = Health(work, consumer, Relay(work), Sweeper(work, service.sweeps))
        verifier = OidcVerifier(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url)
        app = build_app(service.name, service.routers, work, verifier, health, service.count_states)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=settings.http_host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=10,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        tasks = [
            asyncio.create_task(health.relay.run(), name="relay"),
            asyncio.create_task(_hear(consumer, health), name="consumer"),
            asyncio.create_task(health.sweeper.run(), name="sweeps"),
        ]
        try:
            await _until_stopped(server, tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _until_stopped(server: uvicorn.Server, tasks: list[asyncio.Task[None]]) -> None:
    serving = asyncio.create_task(server.serve(), name="http")
    done, _ = await asyncio.wait({serving, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    if serving not in done:  # a part that runs for ever ended: let the supervisor start us again
        server.should_exit = True
        await serving
        for task in done:
            task.result()
    await serving


async def _hear(consumer: Consumer, health: Health) -> None:
    broker = await _start_hearing(consumer)
    health.hearing = True
    try:
        await asyncio.Event().wait()
    finally:
        health.hearing = False
        await broker.stop()


async def _start_hearing(consumer: Consumer) -> KafkaBroker:
    settings = consumer.work.settings
    while True:
        try:
            created = await create_topics(
                settings.kafka_bootstrap_servers,
                settings.kafka_replication_factor,
                settings.kafka_partitions_max,
            )
            if created:
                log.info("topics created", extra={"count": len(created)})
            broker = consumer.broker()
            await broker.start()
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("no broker yet", extra={"fault": type(error).__name__})
            await asyncio.sleep(START_AGAIN_SECONDS)
        else:
            return broker


def main(service: Service) -> None:
    """The service's command line: without words it serves, with ``migrate`` it migrates its database."""
    settings = service.settings()  # pyright: ignore[reportCallIssue]  # read from the environment
    logs.set_up(service.name)
    if sys.argv[1:] == ["migrate"]:
        names = asyncio.run(migrate(settings.database_url.get_secret_value(), service.migration_folders()))
        log.info("migrated", extra={"migrations": names})
        return
    provider = telemetry.set_up(service.name, settings)
    try:
        uvicorn_loop(serve(service, settings))
    finally:
        provider.shutdown()


def uvicorn_loop(running: Any) -> None:
    """Runs a coroutine on uvloop."""
    import uvloop  # noqa: PLC0415 not on every platform

    uvloop.run(running)
