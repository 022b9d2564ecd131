"""Chasing (催办): what is owed and not done is told, louder each time, until it is done. The stack's clock moves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from cli.desks import NoticeDesk
from cli.problems import ServiceProblem
from contracts.vocabulary import Role
from tests.journeys.offices import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

SECONDS = 60.0


@pytest.fixture
async def later(platform: Platform) -> AsyncIterator[Platform]:
    """The platform whose clock a test may move; put back to real time afterwards."""
    yield platform
    platform.stack.reset_clock()


async def until_told(desk: NoticeDesk, about: str, steps: set[str]) -> list[dict[str, Any]]:
    """The notices an office has about something, once these steps were taken and its e-mails have left."""
    async with asyncio.timeout(SECONDS):
        while True:
            told = [each for each in await desk.inbox() if each["about"] == about]
            ended = all(each["email_state"] not in {"planned", "sending"} for each in told)
            if steps <= {each["step"] for each in told} and ended:
                return told
            await asyncio.sleep(0.3)


async def open_duties(desk: NoticeDesk, about: str) -> list[str]:
    return [each["deadline"] for each in await desk.obligations() if each["about"] == about]


async def until_done(desk: NoticeDesk, about: str) -> None:
    async with asyncio.timeout(SECONDS):
        while await open_duties(desk, about):
            await asyncio.sleep(0.2)


def mails_to(platform: Platform, address: str) -> list[str]:
    """Message-IDs of the e-mails an address was sent."""
    messages = platform.stack.mailbox.messages()
    return [str(each["Message-ID"]) for each in messages if str(each["To"]) == address]


async def test_returned_records_are_told_at_once_and_closed_by_the_correction(later: Platform) -> None:
    university = later.university("10335")
    unit = later.notices(university.office, Role.SUBMITTER)
    await unit.set_contact("zhejiang@unit.example")
    submission = university.make(count=5)
    batch = await university.file(submission, returned=[2])
    (told,) = await until_told(unit, batch.batch_id, {"returned"})
    assert (told["deadline"], told["email_state"]) == ("T04", "sent")
    assert len(mails_to(later, "zhejiang@unit.example")) == 1
    assert await open_duties(unit, batch.batch_id) == ["T04"]
    await university.replace(batch.batch_id, submission.records[:1])
    await university.check_and_submit(batch.batch_id)
    await until_done(unit, batch.batch_id)
    await asyncio.sleep(6)  # longer than a sweep: what is done is not chased
    assert len(mails_to(later, "zhejiang@unit.example")) == 1


async def test_a_resolution_without_records_is_chased_and_escalated_when_it_is_overdue(
    later: Platform,
) -> None:
    university = later.university("10337")
    submission = university.make(count=4)
    resolution = await university.register(submission)
    unit = later.notices(university.office, Role.SUBMITTER)
    province = later.notices("province:33", Role.APPROVER)
    await unit.set_contact("gongda@unit.example")
    await province.set_contact("zhejiang@province.example")
    assert resolution.due.deadline == "T01"
    about = resolution.resolution_id
    before = len(mails_to(later, "gongda@unit.example"))
    later.stack.move_clock(timedelta(days=31))
    told = await until_told(unit, about, {"overdue"})
    assert [each["step"] for each in told] == ["overdue"]
    assert told[0]["article"] == "12(4)"
    assert len(mails_to(later, "gongda@unit.example")) == before + 1
    superior = await until_told(province, about, {"escalated"})
    assert [each["step"] for each in superior] == ["escalated"]
    supervised = await province.client.get("/v1/obligations", of="supervised", limit=500)
    (duty,) = [each for each in supervised.json()["obligations"] if each["about"] == about]
    assert duty["over"] is True
    assert duty["days_left"] < 0
    with pytest.raises(ServiceProblem) as refused:
        await university.submit(submission)
    assert refused.value.code == "window-closed"


async def test_an_overdue_review_is_chased_and_closed_when_it_is_signed(later: Platform) -> None:
    university = later.university("10286")
    batch = await university.submit(university.make(count=4))
    province = later.notices("province:32", Role.APPROVER)
    national = later.notices("national_office", Role.APPROVER)
    await university.province.until_arrived(batch.batch_id)
    later.stack.move_clock(timedelta(days=31))
    told = await until_told(province, batch.batch_id, {"overdue"})
    assert [(each["step"], each["deadline"]) for each in told] == [("overdue", "T03")]
    superior = await until_told(national, batch.batch_id, {"escalated"})
    assert [each["step"] for each in superior] == ["escalated"]
    review = await university.province.reviewer.review(batch.batch_id, 1, wait_seconds=0)
    assert (review.colour, review.due.days_left < 0) == ("over", True)
    await university.province.decide(batch.batch_id)
    filed = await university.until(batch.batch_id, "filed")
    await until_done(province, batch.batch_id)
    what = [entry.what for entry in await university.collector.timeline(filed.batch_id)]
    assert what.count("notice_sent") >= 2
    again = [each for each in await province.inbox() if each["about"] == batch.batch_id]
    assert len(again) == 1


async def test_nobody_is_told_anything_while_nothing_is_owed(later: Platform) -> None:
    university = later.university("10336")
    filed = await university.file(university.make(count=3))
    unit = later.notices(university.office, Role.SUBMITTER)
    await until_done(unit, filed.batch_id)
    await asyncio.sleep(6)
    assert [each for each in await unit.inbox() if each["about"] == filed.batch_id] == []
