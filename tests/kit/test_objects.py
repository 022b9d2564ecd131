"""One suite over every adapter of the object store: the local disk, and a real S3 server."""

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.kit.objects import (
    BodyTooLarge,
    DigestMismatch,
    LocalObjects,
    ObjectDamaged,
    ObjectMissing,
    ObjectStore,
)
from services.kit.objects_s3 import S3Objects
from services.kit.settings import ServiceSettings

BYTES = "学位授予决议".encode() * 1000
DIGEST = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "disk":
        return LocalObjects(tmp_path / "objects")
    server = request.getfixturevalue("s3_server")
    settings = ServiceSettings(
        environment="development",
        database_url=SecretStr("postgresql://nowhere"),
        kafka_bootstrap_servers="nowhere:1",
        object_store_url=f"s3://{server.bucket}",
        oidc_issuer="http://nowhere",
        s3_endpoint=server.endpoint,
        s3_access_key=SecretStr(server.access_key),
        s3_secret_key=SecretStr(server.secret_key),
        s3_secure=False,
    )
    return S3Objects.open(settings, bucket=server.bucket)


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def broken_off(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
    raise ConnectionResetError


async def test_what_was_put_is_read_back(store: ObjectStore) -> None:
    stored = await store.put(BYTES, "application/pdf")
    assert (stored.sha256, stored.size_bytes, stored.media_type) == (DIGEST, len(BYTES), "application/pdf")
    assert await store.read(stored) == BYTES
    assert await store.has(DIGEST)


async def test_putting_the_same_bytes_again_changes_nothing(store: ObjectStore) -> None:
    data = BYTES + b"again"
    digest = hashlib.sha256(data).hexdigest()
    first = await store.put_stream(in_pieces(data), digest, "text/csv", size_max_bytes=10**6)
    second = await store.put_stream(in_pieces(data[:9], data[9:]), digest, "text/csv", size_max_bytes=10**6)
    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0]
    assert await store.read(digest) == data


async def test_a_body_that_is_not_its_digest_leaves_nothing(store: ObjectStore) -> None:
    wrong = hashlib.sha256(b"something else").hexdigest()
    with pytest.raises(DigestMismatch):
        await store.put_stream(in_pieces(BYTES), wrong, "text/csv", size_max_bytes=10**6)
    assert not await store.has(wrong)
    assert not list(store.spool_folder().glob("incoming-*"))


async def test_a_body_over_the_limit_leaves_nothing(store: ObjectStore) -> None:
    data = b"0" * 1001
    digest = hashlib.sha256(data).hexdigest()
    with pytest.raises(BodyTooLarge):
        await store.put_stream(in_pieces(data), digest, "text/csv", size_max_bytes=1000)
    assert not await store.has(digest)


async def test_a_connection_cut_midway_leaves_nothing(store: ObjectStore) -> None:
    digest = hashlib.sha256(b"whole").hexdigest()
    with pytest.raises(ConnectionResetError):
        await store.put_stream(broken_off(b"who"), digest, "text/csv", size_max_bytes=1000)
    assert not await store.has(digest)
    assert not list(store.spool_folder().glob("incoming-*"))


async def test_an_object_that_is_not_there_is_missing(store: ObjectStore) -> None:
    nowhere = hashlib.sha256(b"never stored").hexdigest()
    assert not await store.has(nowhere)
    with pytest.raises(ObjectMissing):
        await store.read(nowhere)


async def test_flipped_bits_on_the_disk_are_found_at_read(tmp_path: Path) -> None:
    store = LocalObjects(tmp_path)
    await store.put(BYTES, "text/csv")
    path = store.path_of(DIGEST)
    path.chmod(0o644)
    path.write_bytes(BYTES[:-1] + b"\x00")
    with pytest.raises(ObjectDamaged):
        await store.read(DIGEST)


async def test_an_object_is_proven_without_being_handed_over(store: ObjectStore) -> None:
    stored = await store.put(BYTES, "application/pdf")
    await store.prove(stored)
    with pytest.raises(ObjectMissing):
        await store.prove(stored.model_copy(update={"sha256": "0" * 64}))


async def test_flipped_bits_do_not_pass_the_proof(tmp_path: Path) -> None:
    store = LocalObjects(tmp_path)
    stored = await store.put(BYTES, "application/pdf")
    path = store.path_of(DIGEST)
    path.chmod(0o644)
    path.write_bytes(BYTES[:-1] + b"\0")
    with pytest.raises(ObjectDamaged):
        await store.prove(stored)


def test_what_a_killed_process_left_in_the_spool_is_removed_after_a_day(tmp_path: Path) -> None:
    spools = tmp_path / "objects" / "incoming"
    spools.mkdir(parents=True)
    abandoned, arriving = spools / "incoming-abandoned", spools / "incoming-arriving"
    for path in (abandoned, arriving):
        path.write_bytes(BYTES)
    yesterday = time.time() - 25 * 3600
    os.utime(abandoned, (yesterday, yesterday))
    LocalObjects(tmp_path / "objects")
    assert [path.name for path in spools.iterdir()] == [arriving.name]
