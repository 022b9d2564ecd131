"""Bodies that are not what they say: nothing of them is kept, and the next upload works."""

import asyncio
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.client import Ask
from cli.problems import ServiceProblem
from contracts.vocabulary import Role
from tests.journeys.offices import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

BODY = b"XM,XBM\r\n" * 40_000


def object_paths(platform: Platform) -> set[Path]:
    """Every file in the object store, half-written ones too."""
    return {path for path in platform.stack.folder.objects.rglob("*") if path.is_file()}


def left_of(platform: Platform, digest: str) -> list[Path]:
    """What is kept under a digest, and what is half-written."""
    return [path for path in object_paths(platform) if digest in path.name or "incoming-" in path.name]


async def put_raw(
    platform: Platform, digest: str, announced: int, body: bytes, *, cut: bool = False, waits: bool = False
) -> bytes:
    """A PUT by hand that announces one length and sends another, and says that nothing more will come.

    ``cut`` drops the connection instead; ``waits`` keeps it open, as if the rest were still to be sent.
    """
    token = platform.stack.person_token("unit:10284", Role.COLLECTOR)
    address = urlsplit(platform.stack.url("collector"))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"PUT /v1/objects/{digest} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: text/csv\r\nContent-Length: {announced}\r\nConnection: close\r\n\r\n"
    )
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        if cut:
            writer.transport.abort()
            return b""
        if not waits:
            writer.write_eof()
        async with asyncio.timeout(30):
            return await reader.read()
    finally:
        writer.close()


async def until_nothing_is_left(platform: Platform, digest: str) -> None:
    async with asyncio.timeout(20):
        while left_of(platform, digest):
            await asyncio.sleep(0.1)


async def stored(platform: Platform, body: bytes) -> int:
    """Uploads as a client should; the status."""
    client = platform.client("collector", "unit:10284", Role.COLLECTOR)
    path = f"/v1/objects/{sha256(body).hexdigest()}"
    return (await client.ask(Ask("PUT", path, body, "text/csv"))).status_code


async def test_a_connection_cut_midway_leaves_nothing_and_the_next_upload_works(platform: Platform) -> None:
    body = BODY + b"cut"
    digest = sha256(body).hexdigest()
    for part in (len(body) // 2, len(body) - 1, 1):
        await put_raw(platform, digest, len(body), body[:part], cut=True)
    await until_nothing_is_left(platform, digest)
    assert await stored(platform, body) == 201
    assert await stored(platform, body) == 200


async def test_a_body_shorter_than_announced_is_not_kept(platform: Platform) -> None:
    body = BODY + b"short"
    digest = sha256(body).hexdigest()
    answer = await put_raw(platform, digest, len(body) + 10, body)
    assert answer == b"" or b" 422 " in answer.split(b"\r\n")[0] or b" 400 " in answer.split(b"\r\n")[0]
    await until_nothing_is_left(platform, digest)
    assert await stored(platform, body) == 201


async def test_a_body_longer_than_announced_is_not_the_object_it_claims_to_be(platform: Platform) -> None:
    body = BODY + b"long"
    digest = sha256(body).hexdigest()
    answer = await put_raw(platform, digest, len(body) - 7, body)
    refused = b" 422 " in answer.split(b"\r\n")[0] and b"digest-mismatch" in answer
    # What follows the announced length is no request: the server may hang up on it before it answers.
    assert refused or answer == b"" or b" 400 " in answer.split(b"\r\n")[0], answer[:200]
    await until_nothing_is_left(platform, digest)
    assert await stored(platform, body) == 201


async def test_bytes_that_do_not_have_the_digest_are_not_kept(platform: Platform) -> None:
    client = platform.client("collector", "unit:10284", Role.COLLECTOR)
    digest = sha256(BODY).hexdigest()
    with pytest.raises(ServiceProblem) as refused:
        await client.ask(Ask("PUT", f"/v1/objects/{digest}", BODY + b"!", "text/csv"))
    assert (refused.value.status, refused.value.code) == (422, "digest-mismatch")
    assert left_of(platform, digest) == []
    with pytest.raises(ServiceProblem) as malformed:
        await client.ask(Ask("PUT", "/v1/objects/ABC", BODY, "text/csv"))
    assert malformed.value.code == "digest-malformed"


async def test_a_body_over_the_limit_is_refused_before_it_is_sent(platform: Platform) -> None:
    """101 MB are announced and not one byte of them is sent: the answer comes all the same."""
    digest = sha256(b"huge").hexdigest()
    answer = await put_raw(platform, digest, 101 * 1024 * 1024, b"", waits=True)
    assert b" 413 " in answer.split(b"\r\n")[0], answer[:200]
    assert b"object-too-large" in answer


async def test_the_same_object_from_twenty_clients_at_once_is_stored_once(platform: Platform) -> None:
    body = BODY + b"at once"
    statuses = await asyncio.gather(*(stored(platform, body) for _ in range(20)))
    assert sorted(statuses)[0] == 200
    assert statuses.count(201) == 1
    assert len(left_of(platform, sha256(body).hexdigest())) == 1
