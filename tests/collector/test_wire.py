"""Bodies over a real connection: cut midway, longer than announced, announced too large, in chunks."""

import asyncio
import contextlib

import pytest
import uvicorn

from tests.collector.university import digest

DATA = b"XM,ZJHM\nsample,1\n" * 5_000


@pytest.fixture
async def port(university):
    """The collector behind a real HTTP server on a free loopback port."""
    app = university.service.http._transport.app
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


def head(university, sha256, *lines):
    token = university.lin["Authorization"]
    first = [f"PUT /v1/objects/{sha256} HTTP/1.1", "Host: service", f"Authorization: {token}", *lines]
    return "\r\n".join([*first, "", ""]).encode()


async def exchange(port, *pieces, cut=False):
    """Sends pieces and returns what comes back before the connection ends; ``cut`` hangs up at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.05)
    if cut:
        writer.transport.abort()
        return b""
    async with asyncio.timeout(30):
        answer = await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                answer += await reader.read()
    writer.close()
    return answer


async def nothing_is_left(university):
    folder = university.service.work.objects.spool_folder()
    for _ in range(100):
        if not list(folder.iterdir()):
            break
        await asyncio.sleep(0.05)
    assert list(folder.iterdir()) == []
    assert not await university.service.work.objects.has(digest(DATA))
    assert await university.service.work.pool.fetchval("select count(*) from objects") == 0


async def test_a_connection_cut_midway_leaves_nothing(university, port):
    await exchange(
        port, head(university, digest(DATA), f"Content-Length: {len(DATA)}"), DATA[:20_000], cut=True
    )
    await nothing_is_left(university)


async def test_after_a_cut_the_same_upload_succeeds(university, port):
    announced = head(university, digest(DATA), f"Content-Length: {len(DATA)}")
    await exchange(port, announced, DATA[:20_000], cut=True)
    answer = await exchange(port, announced, DATA)
    assert b" 201 " in answer.splitlines()[0]
    assert await university.service.work.objects.read(digest(DATA)) == DATA


async def test_an_announced_length_over_the_limit_is_answered_before_the_body_is_sent(university, port):
    answer = await exchange(port, head(university, digest(DATA), "Content-Length: 999999999999"))
    assert b" 413 " in answer.splitlines()[0]
    await nothing_is_left(university)


async def test_what_is_sent_past_the_announced_length_is_not_taken(university, port):
    announced = head(university, digest(DATA), f"Content-Length: {len(DATA) - 100}")
    answer = await exchange(port, announced, DATA)
    # The HTTP server may refuse the excess as a malformed next request before the digest is looked at.
    assert answer.split()[1] in {b"400", b"422"}
    await nothing_is_left(university)


async def test_chunks_are_taken_and_checked(university, port):
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (DATA[:1000], DATA[1000:])]
    chunked = head(university, digest(DATA), "Transfer-Encoding: chunked")
    assert b" 201 " in (await exchange(port, chunked, *chunks, b"0\r\n\r\n")).splitlines()[0]


async def test_chunks_that_end_too_early_leave_nothing(university, port):
    chunked = head(university, digest(DATA), "Transfer-Encoding: chunked")
    await exchange(port, chunked, b"%x\r\n%s\r\n" % (1000, DATA[:1000]), cut=True)
    await nothing_is_left(university)
