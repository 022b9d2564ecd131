"""pytest plugin: a real S3 server (versitygw, posix backend) for the tests marked `s3`.

Built once by Go into the cache folder (`$XUEWEI_CACHE`, else `.xuewei`); a start takes about 0.1 s.
"""

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio

from cli.stack.kafka_jars import cache_folder
from cli.stack.ports import LOOPBACK, free_port, is_port_taken
from cli.stack.tether import tethered
from tests.kafka_fixtures import server_is_missing

VERSION = "v1.8.0"
MODULE = f"github.com/versity/versitygw/cmd/versitygw@{VERSION}"
BUCKET = "xuewei-objects"
READY_SECONDS_MAX = 30.0


class S3UnavailableError(RuntimeError):
    """No S3 server can run here; the text says what is missing."""


class S3Server:
    """An S3 server on loopback that belongs to this process, with one bucket and one pair of keys."""

    def __init__(self, folder: Path) -> None:
        """Plans a server that keeps its buckets in `folder`."""
        self.folder = folder
        self.bucket = BUCKET
        self.access_key = "xuewei"
        self.secret_key = secrets.token_urlsafe(24)
        self.port = free_port()
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """host:port, as the minio client wants it; plain HTTP."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.folder / "versitygw.log"

    def client(self) -> Minio:
        """A client with the keys of this server."""
        return Minio(
            endpoint=self.endpoint, access_key=self.access_key, secret_key=self.secret_key, secure=False
        )

    def start(self) -> "S3Server":
        """Starts the server (again) on what the folder holds and makes the bucket."""
        program = fetch_program()
        buckets, versions = self.folder / "buckets", self.folder / "versions"
        for folder in (buckets, versions):
            folder.mkdir(parents=True, exist_ok=True)
        options = ["--port", self.endpoint, "--quiet", "--region", "us-east-1"]
        command = [str(program), *options, "posix", "--versioning-dir", str(versions), str(buckets)]
        keys = {"ROOT_ACCESS_KEY": self.access_key, "ROOT_SECRET_KEY": self.secret_key}
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                tethered(command, death_signal=signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **keys},
            )
        self._wait_until_ready()
        if not self.client().bucket_exists(bucket_name=self.bucket):
            self.client().make_bucket(bucket_name=self.bucket)
        return self

    def kill(self) -> None:
        """Ends the server at once, as a power cut would; `start` brings it back."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def _wait_until_ready(self) -> None:
        give_up = time.monotonic() + READY_SECONDS_MAX
        while not is_port_taken(self.port):
            ended = self._running is None or self._running.poll() is not None
            if ended or time.monotonic() > give_up:
                raise S3UnavailableError(f"versitygw did not start: {self.log.read_text()[-1000:]}")
            time.sleep(0.02)


def fetch_program() -> Path:
    """The versitygw program, built by Go unless it is here; raises S3UnavailableError without Go."""
    folder = cache_folder() / f"versitygw-{VERSION}"
    program = folder / "versitygw"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _build(program)
    return program


def _build(program: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise S3UnavailableError("go is missing: it builds the S3 server versitygw")
    part = program.parent / "part"
    ended = subprocess.run(
        [go, "install", MODULE],
        env={**os.environ, "GOBIN": str(part)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if ended.returncode != 0:
        raise S3UnavailableError(f"go install {MODULE} ended with {ended.returncode}: {ended.stderr[-1000:]}")
    (part / "versitygw").rename(program)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server, shared by the session: `.endpoint`, `.access_key`, `.secret_key`, `.bucket`."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        try:
            server.start()
        except S3UnavailableError as unavailable:
            server_is_missing(str(unavailable))
        yield server
    finally:
        server.kill()
