"""The S3 server of the tests does what the object store relies on: write-once, and nothing lost by a kill."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from minio.error import S3Error

from services.kit.objects import ObjectStoreAway
from services.kit.objects_s3 import S3Objects
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


@pytest.mark.s3
async def test_a_store_that_is_away_is_told_without_the_signed_address(own_server: S3Server) -> None:
    objects = S3Objects(own_server.client(), own_server.bucket)
    kept = await objects.put(b"kept", "text/plain")
    own_server.kill()
    with pytest.raises(ObjectStoreAway) as away:
        await objects.put(b"later", "text/plain")
    assert "Signature" not in str(away.value)
    assert own_server.endpoint not in str(away.value)
    own_server.start()
    assert await objects.read(kept) == b"kept"


@pytest.mark.s3
async def test_a_missing_bucket_is_a_fault_and_not_a_missing_object(s3_server: S3Server) -> None:
    objects = S3Objects(s3_server.client(), "no-such-bucket")
    with pytest.raises(ObjectStoreAway, match="NoSuchBucket"):
        await objects.read("0" * 64)
    with pytest.raises(ObjectStoreAway, match="NoSuchBucket"):
        await objects.put(b"x", "text/plain")


def test_without_go_the_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XUEWEI_CACHE", str(tmp_path))
    with pytest.raises(S3UnavailableError, match="go is missing"):
        fetch_program()
