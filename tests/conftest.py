"""What every test may ask for: a real PostgreSQL, a fresh database, a broker of Kafka's protocol."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cli.stack import Stack, StackOptions
from cli.stack.broker import EmbeddedBroker
from cli.stack.postgres import THROWAWAY, EmbeddedPostgres

_PREFIX = "xuewei-test-"


def _is_alive(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()


def _remove_folders_of_killed_runs() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        with suppress(ValueError):
            if not _is_alive(int(folder.name.removeprefix(_PREFIX).split("-")[0])):
                shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """A folder that lives as long as this test process and that an unprivileged child can reach."""
    _remove_folders_of_killed_runs()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(session_folder: Path) -> Iterator[EmbeddedPostgres]:
    """One real PostgreSQL per test process; it does not outlive it."""
    server = EmbeddedPostgres(session_folder / "postgres", settings=THROWAWAY)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def make_database(postgres_server: EmbeddedPostgres) -> Callable[[], str]:
    """Each call makes a fresh empty database and answers its URL."""
    numbers = itertools.count(1)
    return lambda: postgres_server.create_database(f"test_{next(numbers)}")


@pytest.fixture(scope="session")
def kafka_broker(session_folder: Path) -> Iterator[str]:
    """The bootstrap address of one in-memory broker per test process; it knows no topic: create yours first."""
    broker = EmbeddedBroker(session_folder / "broker")
    broker.start()
    yield broker.bootstrap_servers
    broker.stop()


@pytest.fixture(scope="session")
def stack(session_folder: Path) -> Iterator[Stack]:
    """The whole embedded stack, one per test process (tests that use it carry the marker `stack`)."""
    with Stack(session_folder / "stack", StackOptions(throwaway=True)) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests of the whole stack in one test process: with `--dist loadgroup` they share one stack."""
    for item in items:
        if item.get_closest_marker("stack"):
            item.add_marker(pytest.mark.xdist_group("stack"))


pytest_plugins = ["tests.kafka_fixtures", "tests.s3_server"]  # real Kafka and S3 where their tools are
