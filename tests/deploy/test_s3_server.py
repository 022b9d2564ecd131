"""The S3 server of the tests does what the object store relies on: write-once, and nothing lost by a kill."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from minio.error import S3Error

from tests.s3_server import S3Server, S3UnavailableError, fetch_program

PUT_VALID = timedelta(minutes=5)
WRITE_ONCE = {"If-None-Match": "*"}


def put_once(server: S3Server, name: str, body: bytes) -> int:
    url = server.client().presigned_put_object(bucket_name=server.bucket, object_name=name, expires=PUT_VALID)
    return httpx.put(url, content=body, headers=WRITE_ONCE, trust_env=False).status_code


def read(server: S3Server, name: str) -> bytes:
    answer = server.client().get_object(bucket_name=server.bucket, object_name=name)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


@pytest.fixture
def own_server(s3_server: S3Server, tmp_path: Path) -> Iterator[S3Server]:
    del s3_server  # asked for so that a missing Go is told in one place
    server = S3Server(tmp_path).start()
    yield server
    server.kill()


@pytest.mark.s3
def test_a_second_body_under_the_same_name_is_refused(s3_server: S3Server) -> None:
    assert put_once(s3_server, "once/name", b"first") == 200
    assert put_once(s3_server, "once/name", b"second") == 412
    assert read(s3_server, "once/name") == b"first"


@pytest.mark.s3
def test_what_was_acknowledged_is_there_after_a_kill(own_server: S3Server) -> None:
    for number in range(20):
        assert put_once(own_server, f"kept/{number}", b"%d" % number) == 200
    own_server.kill()
    own_server.start()
    assert [read(own_server, f"kept/{number}") for number in range(20)] == [b"%d" % n for n in range(20)]


@pytest.mark.s3
def test_a_wrong_key_is_refused(s3_server: S3Server) -> None:
    stranger = S3Server(s3_server.folder)
    stranger.port = s3_server.port
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        put_once(stranger, "foreign", b"x")


def test_without_go_the_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XUEWEI_CACHE", str(tmp_path))
    with pytest.raises(S3UnavailableError, match="go is missing"):
        fetch_program()
