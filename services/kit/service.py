"""A service put together: settings, database, objects, Kafka both ways, HTTP, sweeps, telemetry.

Every service is one ``Service`` value in its app.py; ``main`` runs it or its migrations.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
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
STOP_SECONDS = 8


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
        try:
            async with asyncio.timeout(3):
                await pool.close()
        except TimeoutError:
            pool.terminate()


async def serve(service: Service, settings: ServiceSettings) -> None:
    """Runs a service until it is told to stop (SIGTERM, SIGINT), which takes at most 15 seconds."""
    crashpoints.arm(settings.crashpoint_path)
    async with open_work(service, settings) as work:
        consumer = Consumer(work, service.handlers)
        health = Health(work, consumer, Relay(work), Sweeper(work, service.sweeps))
        verifier = OidcVerifier(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url)
        app = build_app(service.name, service.routers, work, verifier, health, service.count_states)
        server = _Server(
            uvicorn.Config(
                app,
                host=settings.http_host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=STOP_SECONDS,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        parts = [
            asyncio.create_task(health.relay.run(), name="relay"),
            asyncio.create_task(_hear(consumer, health), name="consumer"),
            asyncio.create_task(health.sweeper.run(), name="sweeps"),
        ]
        await _until_stopped(server, parts, _asked_to_stop())


class _Server(uvicorn.Server):
    """Leaves the signals alone: uvicorn would raise them again and end the process before we have stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _asked_to_stop() -> asyncio.Task[Any]:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(_log_stray_fault)
    for way in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(way, asked.set)
    return asyncio.create_task(asked.wait(), name="asked to stop")


def _log_stray_fault(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # asyncio's own words would hold the text of the exception, which may carry data.
    log.error("stray fault", extra={"about": context.get("message")}, exc_info=context.get("exception"))


async def _until_stopped(
    server: uvicorn.Server, parts: list[asyncio.Task[None]], asked: asyncio.Task[Any]
) -> None:
    """Waits for the signal, or for a part that should run for ever; stops hearing while requests are finished.

    Raises the fault that ended a part: then the supervisor starts us again.
    """
    serving = asyncio.create_task(server.serve(), name="http")
    try:
        ended, _ = await asyncio.wait({serving, asked, *parts}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        for task in (asked, *parts):
            task.cancel()
        await asyncio.gather(serving, *parts, return_exceptions=True)
    for task in ended - {asked}:
        log.critical("part ended", extra={"part": task.get_name()})
        task.result()


async def _hear(consumer: Consumer, health: Health) -> None:
    broker = await _start_hearing(consumer)
    health.hearing = True
    try:
        await asyncio.Event().wait()
    finally:
        health.hearing = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS + 1):
                await broker.stop()


async def _start_hearing(consumer: Consumer) -> KafkaBroker:
    settings = consumer.work.settings
    while True:
        broker = consumer.broker()
        try:
            created = await create_topics(
                settings.kafka_bootstrap_servers,
                settings.kafka_replication_factor,
                settings.kafka_partitions_max,
            )
            if created:
                log.info("topics created", extra={"count": len(created)})
            await broker.start()
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("no broker yet", extra={"fault": type(error).__name__})
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await broker.stop()
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
    except Exception:  # noqa: BLE001 its text may carry data: only the log's form of it is shown
        log.critical("service ended by a fault", exc_info=True)
        sys.exit(1)
    finally:
        provider.shutdown()


def uvicorn_loop(running: Any) -> None:
    """Runs a coroutine on uvloop."""
    import uvloop  # noqa: PLC0415 not on every platform

    uvloop.run(running)
