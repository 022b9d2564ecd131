"""Uploading objects: limits before the body, digest, length, nothing left of what does not fit."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.collector.university import CSV, PDF, University, digest
from tests.harness import running

DATA = b"XM,ZJHM\nsample,1\n" * 100


@pytest.fixture
async def small(collector, make_database, tmp_path):
    """A collector that takes scans of 2,000 bytes and other files of 1,000 bytes."""
    limits = {"scan_size_max_bytes": 2_000, "file_size_max_bytes": 1_000}
    async with running(collector, make_database(), tmp_path, **limits) as service:
        yield University(service)


def spooled(university):
    return list(university.service.work.objects.spool_folder().iterdir())


async def put(university, data, *, sha256=None, **headers):
    return await university.service.http.put(
        f"/v1/objects/{sha256 or digest(data)}",
        content=data,
        headers=university.lin | {"Content-Type": CSV} | headers,
    )


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_body_is_stored_under_its_digest(university):
    answer = await put(university, DATA)
    assert answer.status_code == 201
    assert answer.json() == {"sha256": digest(DATA), "size_bytes": len(DATA), "media_type": CSV}
    assert await university.service.work.objects.read(digest(DATA)) == DATA


async def test_the_same_body_again_changes_nothing(university):
    await put(university, DATA)
    before = await university.service.snapshot("objects")
    assert (await put(university, DATA)).status_code == 200
    assert await university.service.snapshot("objects") == before


async def test_a_body_of_unknown_length_is_taken_too(university):
    answer = await put(university, in_pieces(DATA[:50], DATA[50:]), sha256=digest(DATA))
    assert answer.status_code == 201


@pytest.mark.parametrize("name", ["ABC", "g" * 64, digest(DATA).upper(), digest(DATA) + "0"])
async def test_a_name_that_is_no_digest_is_refused(university, name):
    answer = await put(university, DATA, sha256=name)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest-malformed")


async def test_bytes_that_do_not_have_the_digest_leave_nothing(university):
    answer = await put(university, DATA, sha256="0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest-mismatch")
    assert not await university.service.work.objects.has("0" * 64)
    assert not await university.service.work.objects.has(digest(DATA))
    assert spooled(university) == []


async def test_an_announced_length_over_the_limit_is_refused_before_the_body_is_read(small):
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(True)
        yield b"x"

    answer = await put(small, body(), sha256="0" * 64, **{"Content-Length": "1001"})
    assert (answer.status_code, answer.json()["code"]) == (413, "object-too-large")
    assert answer.json()["limit_bytes"] == 1_000
    assert spooled(small) == []


async def test_without_a_length_the_limit_holds_while_streaming(small):
    answer = await put(small, in_pieces(b"x" * 600, b"x" * 600), sha256="0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (413, "object-too-large")
    assert spooled(small) == []


async def test_a_scan_may_be_larger_than_a_table(small):
    data = b"%PDF-1.7" + b"x" * 1_500
    assert (await put(small, data, **{"Content-Type": PDF})).status_code == 201
    assert (await put(small, data, **{"Content-Type": CSV})).status_code == 413


async def test_one_byte_more_or_less_than_the_limit_decides(small):
    assert (await put(small, b"x" * 1_000)).status_code == 201
    assert (await put(small, b"x" * 1_001)).status_code == 413


@pytest.mark.parametrize("announced", [len(DATA) - 1, len(DATA) + 1])
async def test_a_body_longer_or_shorter_than_announced_leaves_nothing(university, announced):
    headers = {"Content-Length": str(announced)}
    answer = await put(university, in_pieces(DATA), sha256=digest(DATA), **headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "object-length-wrong")
    assert not await university.service.work.objects.has(digest(DATA))
    assert spooled(university) == []


@pytest.mark.parametrize("headers", [{"Content-Length": "0"}, {}])
async def test_an_empty_body_is_refused(university, headers):
    answer = await put(university, in_pieces(), sha256=digest(b""), **headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "object-empty")


async def test_a_connection_cut_midway_leaves_nothing(university):
    app = university.service.http._transport.app
    pieces = [
        {"type": "http.request", "body": DATA[:100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = []

    async def receive():
        return pieces.pop(0)

    async def send(message):
        sent.append(message)

    headers = university.lin | {"Content-Type": CSV, "Content-Length": str(len(DATA))}
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"/v1/objects/{digest(DATA)}",
        "raw_path": b"",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 422
    assert not await university.service.work.objects.has(digest(DATA))
    assert spooled(university) == []
    assert await university.service.work.pool.fetchval("select count(*) from objects") == 0


async def test_the_same_body_twice_at_once_is_stored_once(university):
    answers = await asyncio.gather(*(put(university, DATA) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert await university.service.work.pool.fetchval("select count(*) from objects") == 1


async def test_a_nonsense_media_type_is_kept_as_bytes(university):
    answer = await put(university, DATA, **{"Content-Type": "<script>"})
    assert answer.json()["media_type"] == "application/octet-stream"


async def test_a_unit_may_not_refer_to_what_another_unit_uploaded(university):
    other = University(university.service, code="10001")
    await other.put(DATA)
    order = {
        "resolution_id": "0" * 32,
        "category": "X1",
        "records": {"sha256": digest(DATA), "filename": "x"},
    }
    answer = await university.ask_to_push(order)
    assert (answer.status_code, answer.json()["code"]) == (422, "object-unknown")
