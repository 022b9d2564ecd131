"""Faults of the world around a service, and input nobody should send: each gets a clear answer, none a loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import pytest
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from contracts import topics
from contracts.message import Message
from contracts.topics import ServiceName
from contracts.vocabulary import new_id
from services.kit.consumer import Consumer
from services.kit.dead_letters import Incoming
from services.kit.health import Health
from services.kit.http import work_of
from services.kit.identity import require
from services.kit.objects import ObjectMissing, ObjectStoreAway
from services.kit.relay import Relay
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.sweeps import Sweep, Sweeper
from services.kit.work import Work
from tests.harness import UnderTest, event, running
from tests.kit.test_delivery import received

TOPIC = topics.BATCH_RECEIVED
router = APIRouter()

FAULTS: dict[str, Callable[[], Exception]] = {
    "store away": lambda: ObjectStoreAway("no answer"),
    "connection refused": lambda: ConnectionRefusedError("10.0.0.7:5432"),
    "too slow": TimeoutError,
    "database stops": lambda: asyncpg.AdminShutdownError("terminating connection"),
    "database starts": lambda: asyncpg.CannotConnectNowError("starting up"),
    "connection lost": lambda: asyncpg.ConnectionDoesNotExistError("closed in the middle"),
    "connection closed": lambda: asyncpg.InterfaceError("connection is closed"),
    "connection cut off": lambda: asyncpg.InternalClientError("cannot switch to state 15"),
    "too many connections": lambda: asyncpg.TooManyConnectionsError("sorry"),
    "deadlock": lambda: asyncpg.DeadlockDetectedError("deadlock detected"),
}


class Asked(BaseModel):
    text: str


@router.post("/v1/faults/{name}")
async def fail(name: str) -> None:
    raise FAULTS[name]()


@router.get("/v1/missing")
async def miss() -> None:
    raise ObjectMissing("0" * 64)


@router.get("/v1/rows")
async def rows(
    work: Annotated[Work, Depends(work_of)], round_: Annotated[int, Query(alias="round")] = 1, topic: str = ""
) -> int:
    return int(
        await work.pool.fetchval(
            "select count(*) from inbox where $1 > 0::integer and topic = $2", round_, topic
        )
    )


@router.post("/v1/texts")
async def take(asked: Asked, _: Annotated[Any, Depends(require())]) -> int:
    return len(asked.text)


@pytest.fixture
async def s(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "none", {}, routers=(router,))
    async with running(
        service,
        make_database(),
        tmp_path,
        handler_tries_max=2,
        dead_letters_in_a_row_max=2,
        json_body_max_bytes=10_000,
    ) as under_test:
        under_test.http._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
        yield under_test


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_passes_asks_the_client_to_come_again(s: UnderTest, name: str) -> None:
    answer = await s.http.post(f"/v1/faults/{name}")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert "10.0.0.7" not in answer.text


async def test_an_object_that_is_missing_is_named_as_such(s: UnderTest) -> None:
    answer = await s.http.get("/v1/missing")
    assert (answer.status_code, answer.json()["code"]) == (500, "object-missing")


@pytest.mark.parametrize("query", ["round=99999999999", "topic=a%00b"])
async def test_a_value_the_database_cannot_hold_is_a_request_of_the_wrong_form(
    s: UnderTest, query: str
) -> None:
    answer = await s.http.get(f"/v1/rows?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")


async def test_every_refusal_of_the_frame_has_a_code_too(s: UnderTest) -> None:
    wrong_method = await s.http.delete("/v1/missing")
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, "method-not-allowed")
    assert wrong_method.headers["allow"] == "GET"
    headers = {**s.signed_in("p", "unit:10284", "collector"), "content-type": "application/json"}
    not_text = await s.http.post("/v1/texts", content=b'{"text": "\xff"}', headers=headers)
    assert (not_text.status_code, not_text.json()["code"]) == (400, "request-invalid")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_larger_than_the_limit_is_refused_before_it_is_kept(
    s: UnderTest, announced: bool
) -> None:
    taken = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" " * 1000

    content: Any = b" " * 1_000_000 if announced else parts()
    answer = await s.http.post("/v1/texts", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")
    assert answer.json()["limit_bytes"] == 10_000
    assert taken < 20


async def test_a_fault_names_the_trace_it_is_recorded_under(s: UnderTest) -> None:
    trace_id = new_id()
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    answer = await s.http.post("/v1/faults/none of these", headers=headers)
    assert (answer.status_code, answer.json()["trace_id"]) == (500, trace_id)


@pytest.mark.parametrize("roles", [None, [{"name": "collector"}], 7, "collector"])
async def test_a_token_with_roles_of_another_form_is_refused(s: UnderTest, roles: Any) -> None:
    token = s.tokens.token("p", "unit:10284")
    s.tokens._claims[token]["roles"] = roles
    answer = await s.http.post("/v1/texts", json={"text": ""}, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")


async def test_a_key_with_a_nul_byte_cannot_block_the_topic(s: UnderTest) -> None:
    consumer = Consumer(s.work, {TOPIC: _never})
    body = f'{{"id": "{new_id()}", "type": "unknown"}}'.encode()
    await consumer.hear(Incoming(TOPIC.name, 0, 0, b"a\x00b", body))
    assert await s.work.pool.fetchval("select message_key from dead_letters") == b"a\x00b"


async def test_a_message_the_database_cannot_hold_dies_and_is_not_tried_for_ever(s: UnderTest) -> None:
    async def keep(message: Message[Any], work: Work) -> None:
        async with work.once(message) as tx:
            assert tx is not None
            await tx.conn.execute("create table kept (round integer)")
            await tx.conn.execute("insert into kept values ($1)", message.data.round)

    consumer = Consumer(s.work, {TOPIC: keep})
    message = event(TOPIC, received().model_copy(update={"round": 10**12}))
    body = message.model_dump_json(serialize_as_any=True).encode()
    await consumer.hear(Incoming(TOPIC.name, 0, 0, b"k", body))
    assert await s.work.pool.fetchval("select reason_code from dead_letters") == "message-invalid"


async def test_a_dead_letter_that_cannot_be_kept_is_left_in_the_topic_without_haste(s: UnderTest) -> None:
    consumer = Consumer(s.work, {TOPIC: _never})
    await s.work.pool.execute("alter table dead_letters rename to away")
    started = asyncio.get_running_loop().time()
    with pytest.raises(asyncpg.UndefinedTableError):
        await consumer.hear(Incoming(TOPIC.name, 0, 0, b"k", b"not JSON"))
    assert asyncio.get_running_loop().time() - started > 1


async def _never(message: Message[Any], work: Work) -> None:
    raise AssertionError


async def test_sweeps_leave_connections_to_their_own_work(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    done: list[str] = []

    async def look(work: Work) -> int:
        async with work.transaction(crash="sweep") as tx:
            done.append(await tx.conn.fetchval("select 'done'"))
        return 1

    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "none", {})
    sweeps = tuple(Sweep(f"s{number}", 60, look) for number in range(4))
    async with running(service, make_database(), tmp_path, database_connections_max=2) as under_test:
        sweeping = asyncio.create_task(Sweeper(under_test.work, sweeps).run())
        async with asyncio.timeout(10):
            while len(done) < 4:
                await asyncio.sleep(0.05)
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)


async def test_a_service_that_stopped_hearing_is_neither_alive_nor_ready(s: UnderTest) -> None:
    consumer = Consumer(s.work, {TOPIC: _never})
    health = Health(s.work, consumer, Relay(s.work), Sweeper(s.work, ()), hearing=True)
    assert (health.live()[0], (await health.ready())[0]) == (True, True)
    for number in range(s.work.settings.dead_letters_in_a_row_max):
        await consumer.hear(Incoming(TOPIC.name, 0, number, b"k", b"not JSON"))
    assert (health.live()[0], (await health.ready())[0]) == (False, False)
    assert health.live()[1]["dead_letters_in_a_row"] == s.work.settings.dead_letters_in_a_row_max
