"""Nervous clients: the same wish twice, at once, with another key, or another wish under the same key."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from cli.problems import ServiceProblem
from tests.journeys.offices import Platform, University

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


async def order_of(university: University, count: int = 5) -> dict[str, object]:
    """What a university asks for when it creates a batch, with everything uploaded."""
    submission = university.make(count=count)
    resolution = await university.register(submission)
    records = await university.collector.upload(submission.records_path)
    return {
        "resolution_id": resolution.resolution_id,
        "category": submission.category,
        "records": records.reference(),
    }


async def ask(university: University, order: dict[str, object], key: str) -> httpx.Response:
    return await university.collector.client.post("/v1/batches", order, idempotency_key=key)


async def test_the_same_request_twice_makes_one_batch(platform: Platform) -> None:
    university = platform.university()
    order, key = await order_of(university), uuid4().hex
    first, second = await ask(university, order, key), await ask(university, order, key)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()


async def test_ten_equal_requests_at_once_make_one_batch(platform: Platform) -> None:
    university = platform.university()
    order, key = await order_of(university), uuid4().hex
    answers = await asyncio.gather(*(ask(university, order, key) for _ in range(10)))
    assert all(answer.json() == answers[0].json() for answer in answers)
    (batch_id,) = {answer.json()["batch_id"] for answer in answers}
    mine = await university.collector.batches()
    assert [each.batch_id for each in mine].count(batch_id) == 1
    newest = {each.batch_id for each in mine[:2]}
    assert batch_id in newest
    collected = await university.until(batch_id, "collected")
    assert collected.attempt == 1


async def test_the_same_content_with_other_keys_at_once_is_received_once(platform: Platform) -> None:
    university = platform.university("10286")
    order = await order_of(university)
    answers = await asyncio.gather(
        *(ask(university, order, uuid4().hex) for _ in range(6)), return_exceptions=True
    )
    received = [answer for answer in answers if isinstance(answer, httpx.Response)]
    refused = [answer for answer in answers if isinstance(answer, ServiceProblem)]
    assert (len(received), len(refused)) == (1, 5)
    batch_id = received[0].json()["batch_id"]
    assert {(each.code, each.facts["batch_id"]) for each in refused} == {("batch-already-received", batch_id)}


async def test_another_body_under_a_used_key_is_refused_and_changes_nothing(platform: Platform) -> None:
    university = platform.university()
    order, key = await order_of(university), uuid4().hex
    batch_id = (await ask(university, order, key)).json()["batch_id"]
    before = [each.batch_id for each in await university.collector.batches()]
    with pytest.raises(ServiceProblem) as refused:
        await ask(university, await order_of(university), key)
    assert (refused.value.status, refused.value.code) == (409, "idempotency-key-reused")
    assert [each.batch_id for each in await university.collector.batches()] == before
    assert (await university.until_read(batch_id)).state == "collected"


async def test_the_same_key_of_another_university_is_another_key(platform: Platform) -> None:
    key = uuid4().hex
    one, other = platform.university("10335"), platform.university("10336")
    first = await ask(one, await order_of(one), key)
    second = await ask(other, await order_of(other), key)
    assert first.json()["batch_id"] != second.json()["batch_id"]


async def test_every_act_asked_for_twice_is_done_once(platform: Platform) -> None:
    university = platform.university("10337")
    batch = await university.push(university.make(count=5))
    for _ in range(2):
        await university.checker.check(batch.batch_id)
    for _ in range(2):
        await university.submitter.submit(batch.batch_id)
    for _ in range(2):
        await university.province.assess(batch.batch_id)
    for _ in range(2):
        await university.province.approver.sign(batch.batch_id, 1)
    filed = await university.until(batch.batch_id, "filed")
    assert [each.filed_count for each in filed.filings] == [5]
    what = await university.until_told(batch.batch_id, "reviewed", "format_checked")
    once = ["received", "collected", "checked", "submitted", "reviewed", "format_checked", "filed"]
    assert sorted(each for each in what if not each.startswith("notice")) == sorted(once)


async def test_a_withdrawal_and_a_signature_at_the_same_moment_end_the_same_everywhere(
    platform: Platform,
) -> None:
    """Whoever is first decides; unit and province never tell two stories."""
    university = platform.university("10288")

    async def race() -> tuple[str, str]:
        batch = await university.submit(university.make(count=3))
        await university.province.assess(batch.batch_id)
        path = f"/v1/batches/{batch.batch_id}/withdrawal"
        await asyncio.gather(
            university.submitter.client.post(path, {"reason": "wrong-file"}),
            university.province.approver.sign(batch.batch_id, 1),
            return_exceptions=True,
        )
        ended = await university.until(batch.batch_id, "withdrawn", "filed")
        review = await university.province.reviewer.review(batch.batch_id, 1, wait_seconds=0)
        return ended.state, review.state

    stories = {await race() for _ in range(4)}
    assert stories <= {("withdrawn", "withdrawn"), ("filed", "completed")}
