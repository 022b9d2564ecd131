"""The queue: own units only, the most urgent first, and waiting for what is to come."""

import asyncio
from datetime import timedelta
from time import monotonic

import pytest

from contracts import topics
from tests.harness import NOON, UnderTest, event
from tests.provincial_review.desk import approver, assess, look, path, reviewer, sign
from tests.provincial_review.submissions import BATCH, TRACE, Submission, submission, withdrawal

JIANGSU, BEIJING, MILITARY = "province:32", "province:11", "military:JD"
BELOW = (
    "",
    "/records",
    "/findings",
    "/comparison",
    "/scan",
    "/returned",
    "/format-check/returned",
)


async def arrive(service: UnderTest, number: int, days_ago: float = 0, **changes: object) -> Submission:
    """A round of one record that was submitted some days ago."""
    sent = await submission(service.work.objects, 1, batch_id=f"{number:032x}", **changes)
    message = event(topics.BATCH_SUBMITTED, sent.event, at=NOON - timedelta(days=days_ago))
    await service.hear_again(topics.BATCH_SUBMITTED, message)
    return sent


async def queue(service: UnderTest, office: str = JIANGSU, **query: object) -> list[dict[str, object]]:
    answer = await service.http.get("/v1/reviews", params=query, headers=reviewer(service, office=office))
    assert answer.status_code == 200, answer.text
    return answer.json()["reviews"]


async def test_the_most_urgent_comes_first_in_its_colour_and_pages_follow(service: UnderTest):
    for number, days_ago in enumerate((1, 35, 22)):
        await arrive(service, number, days_ago)

    lines = await queue(service)

    assert [(int(str(line["batch_id"]), 16), line["colour"]) for line in lines] == [
        (1, "over"),
        (2, "near"),
        (0, "normal"),
    ]
    assert await queue(service, limit=1, offset=1) == lines[1:2]


async def test_the_queue_can_be_asked_for_a_state(service: UnderTest):
    for number in range(4):
        await arrive(service, number)
    for number in (1, 2):
        await assess(service, at=path(f"{number:032x}"))
    await sign(service, at=path(f"{2:032x}"))
    await service.hear(topics.BATCH_WITHDRAWN, withdrawal(batch_id=f"{3:032x}"))

    async def numbers(*states: str) -> list[int]:
        return [int(str(line["batch_id"]), 16) for line in await queue(service, state=list(states))]

    assert [await numbers(each) for each in ("waiting", "assessed", "completed", "withdrawn")] == [
        [0],
        [1],
        [2],
        [3],
    ]
    assert await numbers() == [0, 1]


async def test_each_office_sees_only_its_own_units(service: UnderTest):
    await arrive(service, 1)
    await arrive(service, 2, province_code="11", unit_code="10001")
    await arrive(service, 3, province_code="JD", unit_code="91901")

    for office, own in ((JIANGSU, 1), (BEIJING, 2), (MILITARY, 3)):
        assert [int(str(line["batch_id"]), 16) for line in await queue(service, office)] == [own]


@pytest.mark.parametrize("office", [BEIJING, MILITARY])
async def test_another_offices_review_does_not_show_that_it_exists(service: UnderTest, office: str):
    await arrive(service, 1)
    at = path(f"{1:032x}")
    reading = [await look(service, below, at=at, by=reviewer(service, office=office)) for below in BELOW]
    acting = [
        await assess(service, at=at, by=reviewer(service, office=office)),
        await sign(service, at=at, by=approver(service, office=office)),
    ]
    unknown = await look(service, at=path("f" * 32), by=reviewer(service, office=office))
    for answer in (*reading, *acting):
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert answer.json()["title"] == unknown.json()["title"]


@pytest.mark.parametrize(
    ("office", "roles", "status", "code"),
    [
        ("unit:10284", ("reviewer", "approver"), 403, "office-foreign"),
        ("national_centre", ("reviewer", "approver"), 403, "office-foreign"),
        (JIANGSU, ("collector", "submitter"), 403, "role-missing"),
        (JIANGSU, (), 403, "role-missing"),
    ],
)
async def test_other_offices_and_other_roles_are_kept_out(
    service: UnderTest, office: str, roles: tuple[str, ...], status: int, code: str
):
    await arrive(service, 1)
    at, by = path(f"{1:032x}"), service.signed_in("x-1", office, *roles)
    answers = [await look(service, below, at=at, by=by) for below in BELOW]
    answers += [await assess(service, at=at, by=by), await sign(service, at=at, by=by)]
    answers.append(await service.http.get("/v1/reviews", headers=by))
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(status, code)}


async def test_a_reviewer_does_not_sign_and_an_approver_does_not_assess(service: UnderTest):
    await arrive(service, 1)
    at = path(f"{1:032x}")
    by_approver = await assess(service, at=at, by=approver(service))
    by_reviewer = await sign(service, at=at, by=reviewer(service))
    assert (by_approver.status_code, by_approver.json()["needs"]) == (403, ["reviewer"])
    assert (by_reviewer.status_code, by_reviewer.json()["needs"]) == (403, ["approver"])


async def test_nobody_looks_without_a_token(service: UnderTest):
    for below in BELOW:
        answer = await service.http.get(path() + below)
        assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")


@pytest.mark.parametrize(
    "address",
    [
        "/v1/reviews?state=rejected",
        "/v1/reviews?limit=201",
        "/v1/reviews/not-a-batch/1",
        f"{path()}?wait_seconds=31",
        f"{path()}/records?limit=501",
        f"{path()}/records?only=everything",
        f"{path()}/findings?format=xml",
        path(round_=0),
    ],
)
async def test_an_address_that_makes_no_sense_is_told_so(service: UnderTest, address: str):
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects, 1)).event)
    answer = await service.http.get(address, headers=reviewer(service))
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")


async def test_a_review_can_be_waited_for(service: UnderTest):
    sent = await submission(service.work.objects, 1)
    waiting = asyncio.create_task(look(service, wait_seconds=20))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    started = monotonic()
    await service.hear(topics.BATCH_SUBMITTED, sent.event)
    assert (await waiting).json()["state"] == "waiting"
    assert monotonic() - started < 4  # by the hint, not by looking again


async def test_a_change_can_be_waited_for(service: UnderTest):
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects, 1)).event)
    seen = (await look(service)).json()["version"]
    waiting = asyncio.create_task(look(service, seen=seen, wait_seconds=20))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await assess(service)
    view = (await waiting).json()
    assert (view["state"], view["version"]) == ("assessed", seen + 1)


async def test_waiting_ends_with_what_is_there(service: UnderTest):
    absent = await look(service, wait_seconds=0.2)
    assert absent.status_code == 404
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects, 1)).event)
    assert (await look(service, seen=99, wait_seconds=0.2)).json()["state"] == "waiting"


async def test_how_many_reviews_are_in_each_state_is_measured(service: UnderTest):
    assert service.service.count_states is not None
    await arrive(service, 1)
    await arrive(service, 2)
    await assess(service, at=path(f"{2:032x}"))
    assert await service.service.count_states(service.work) == {"waiting": 1, "assessed": 1}


async def test_every_act_goes_on_in_the_trace_of_the_batch(service: UnderTest):
    await service.hear(
        topics.BATCH_SUBMITTED, (await submission(service.work.objects, 1)).event, traceparent=TRACE
    )
    await assess(service)
    await sign(service)
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert said.traceparent is not None
    assert said.traceparent.split("-")[1] == TRACE.split("-")[1]
    assert said.subject == BATCH


async def test_the_queue_is_read_from_its_index(service: UnderTest):
    await service.work.pool.execute("analyze reviews")
    async with service.work.pool.acquire() as conn, conn.transaction():
        await conn.execute("set local enable_seqscan = off")
        plan = await conn.fetch(
            "explain select batch_id from reviews where province_code = '32' and state = any('{waiting}')"
            " order by due_at, batch_id, round limit 50"
        )
    assert any("reviews_queue" in line[0] for line in plan)
