"""Idempotency keys at their edges: a claim lives and dies with what it was made for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from contracts.topics import ServiceName
from contracts.vocabulary import Office
from services.kit.problems import Problem
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.work import UnansweredRequest
from tests.harness import UnderTest, running

UNIT = Office.unit("10284")


@pytest.fixture
async def s(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "no-migrations", {})
    async with running(service, make_database(), tmp_path) as under_test:
        yield under_test


async def claim(s: UnderTest, *, refuse: bool = False, answer: bool = True) -> object:
    async with s.work.transaction() as tx:
        kept = await tx.claim_request(UNIT, "key", "digest")
        if kept is not None:
            return kept
        if refuse:
            raise Problem("window-closed")
        if answer:
            await tx.keep_answer(202, {"batch_id": "b"})
        return None


async def test_a_refused_request_leaves_its_key_free(s: UnderTest) -> None:
    with pytest.raises(Problem):
        await claim(s, refuse=True)
    assert await claim(s) is None


async def test_a_request_that_waited_for_a_refused_one_is_worked_on(s: UnderTest) -> None:
    async with s.work.pool.acquire() as other:
        first = other.transaction()
        await first.start()
        await other.execute("insert into requests values ('unit:10284', 'key', 'digest')")
        second = asyncio.create_task(claim(s))
        await asyncio.sleep(0.2)
        assert not second.done()
        await first.rollback()
        assert await second is None


async def test_a_claim_without_an_answer_is_not_committed(s: UnderTest) -> None:
    with pytest.raises(UnansweredRequest):
        await claim(s, answer=False)
    assert await claim(s) is None
