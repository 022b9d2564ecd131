"""The embedded PostgreSQL: starts, keeps, recovers, refuses strangers, leaves nothing behind."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from cli.stack.postgres import THROWAWAY, EmbeddedPostgres
from tests.cli.stack.ordinary_user import PYTHON_PATH, python_of_everybody


def _is_alive(process_id: int) -> bool:
    stat = Path(f"/proc/{process_id}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def _fetch_value(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_fresh_database_is_empty_and_takes_what_the_services_need(
    make_database: Callable[[], str],
) -> None:
    url = make_database()
    assert url != make_database()
    assert await _fetch_value(url, "SELECT count(*) FROM pg_stat_user_tables") == 0
    assert await _fetch_value(url, "SHOW server_encoding") == "UTF8"
    assert await _fetch_value(url, "SHOW data_checksums") == "on"
    assert await _fetch_value(url, "SHOW timezone") == "UTC"
    await _fetch_value(url, "CREATE EXTENSION pg_trgm")


async def test_an_owner_reaches_its_own_database_and_no_other(postgres_server: EmbeddedPostgres) -> None:
    own = postgres_server.create_database("mine", owner="me", password="it's/secret")
    postgres_server.create_database("theirs", owner="them", password="theirs")
    assert await _fetch_value(own, "SELECT current_user") == "me"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres_server.url("theirs", owner="me", password="it's/secret"))
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres_server.url("mine", owner="me", password="guess"))


async def test_creating_a_database_twice_keeps_what_is_in_it(postgres_server: EmbeddedPostgres) -> None:
    url = postgres_server.create_database("kept")
    await _fetch_value(url, "CREATE TABLE t AS SELECT 7 AS n")
    assert postgres_server.create_database("kept") == url
    assert await _fetch_value(url, "SELECT n FROM t") == 7


def test_a_database_name_that_is_sql_is_refused(postgres_server: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        postgres_server.create_database('x"; DROP DATABASE kept; --')


async def test_committed_rows_survive_a_kill_and_the_server_comes_back_on_its_port(
    session_folder: Path,
) -> None:
    server = EmbeddedPostgres(session_folder / "killed", settings={"max_connections": "20"})
    server.start()
    url = server.create_database("d")
    await _fetch_value(url, "CREATE TABLE t AS SELECT 7 AS n")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    assert await _fetch_value(url, "SELECT n FROM t") == 7
    server.remove()
    assert not server.folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders the server's user cannot reach")
async def test_root_may_keep_its_folder_to_itself(session_folder: Path) -> None:
    closed = session_folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres", settings=THROWAWAY)
    server.start()
    try:
        assert await _fetch_value(server.url(), "SELECT 1") == 1
        assert server.data_folder.stat().st_uid != 0
    finally:
        server.stop()
    data = server.data_folder
    shutil.rmtree(closed)
    assert data.exists()
    other = EmbeddedPostgres(session_folder / "closed-too" / "postgres")
    other.folder.mkdir(parents=True)
    other.folder.parent.chmod(0o700)
    home = other.data_folder.parent
    assert home != data.parent
    assert not data.exists()  # the folder it belonged to was deleted
    other.remove()
    assert not home.exists()


_RUNNER = """
import os, sys
from pathlib import Path
from cli.stack.postgres import THROWAWAY, EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), settings=THROWAWAY)
server.start()
print(server.process.pid, flush=True)
sys.stdin.read()
"""


def test_an_ordinary_user_runs_the_server_as_that_user(session_folder: Path) -> None:
    home = session_folder / "ordinary"
    home.mkdir()
    user_id = os.geteuid() or pwd.getpwnam("nobody").pw_uid
    os.chown(home, user_id, -1)
    command = [python_of_everybody(), "-c", _RUNNER, str(home / "postgres")]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        user=user_id,
        env=os.environ | {"PYTHONPATH": PYTHON_PATH},
        cwd=home,
    ) as runner:
        assert runner.stdout is not None
        server = Path(f"/proc/{int(runner.stdout.readline())}")
        assert server.stat().st_uid == user_id
        assert (home / "postgres" / "data").stat().st_uid == user_id
        runner.communicate()


def test_a_killed_runner_leaves_no_server_behind(session_folder: Path) -> None:
    command = [sys.executable, "-c", _RUNNER, str(session_folder / "orphaned")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        server = int(runner.stdout.readline())
        assert _is_alive(server)
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    deadline = time.monotonic() + 10
    while _is_alive(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_alive(server)
