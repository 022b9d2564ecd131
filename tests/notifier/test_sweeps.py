"""Chasing and delivering: every notice once, to the right office, and none for what was done meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from contracts import topics
from contracts.reviews import ReviewOutcome
from services.notifier.app import SERVICE
from services.notifier.sweeps import chase, deliver, tell_cut_off
from tests.harness import UnderTest, running
from tests.notifier.conftest import MailServer
from tests.notifier.events import BATCH, filed, format_checked, resolution, reviewed, submitted


async def with_contacts(s: UnderTest) -> None:
    for office, role in (("unit:10284", "submitter"), ("province:32", "approver")):
        headers = s.signed_in("p", office, role)
        email = f"{office.replace(':', '-')}@example.edu.cn"
        answer = await s.http.put("/v1/contact", json={"email": email}, headers=headers)
        assert answer.status_code == 200, answer.text


async def look(s: UnderTest) -> None:
    await chase(s.work)
    await deliver(s.work)


def letters(mail: MailServer) -> list[tuple[str, str]]:
    return [
        (
            envelope.rcpt_tos[0].split("@")[0],
            message_from_bytes(envelope.content, policy=policy.default)["Subject"],
        )
        for envelope in mail.letters
    ]


async def test_a_returned_batch_is_told_at_once_and_chased_when_overdue(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await look(s)
    assert letters(mail) == [
        ("unit-10284", "【退回】南京大学(10284):5 条学位授予信息被退回,请于 2026-06-25 前重新上报")
    ]
    s.clock.pass_days(11)
    await look(s)
    assert letters(mail)[1][1].startswith("【已逾期】")
    s.clock.pass_days(3)
    await look(s)
    assert letters(mail)[2][0] == "province-32"
    assert letters(mail)[2][1].startswith("【督办】南京大学")


async def test_a_resolution_never_submitted_is_chased_up_to_the_province(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    await s.hear(topics.RESOLUTION_REGISTERED, resolution())
    await look(s)
    assert letters(mail) == []
    for _ in range(40):
        s.clock.pass_days(1)
        await look(s)
    assert [each[0] for each in letters(mail)] == ["unit-10284"] * 5 + ["province-32"]


async def test_looking_again_tells_nothing_again(s: UnderTest, mail: MailServer) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    for _ in range(3):
        await look(s)
    assert len(mail.letters) == 1
    assert len(await s.said(topics.NOTICE_SENT)) == 2  # inbox and e-mail


async def test_what_was_done_in_the_meantime_is_not_chased(s: UnderTest, mail: MailServer) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await chase(s.work)
    await s.hear(topics.BATCH_SUBMITTED, submitted(5, round=2))
    await deliver(s.work)
    assert letters(mail) == []
    states = await s.work.pool.fetch("select state from notices where channel = 'email'")
    assert [row["state"] for row in states] == ["dropped"]


async def test_nothing_is_told_when_nothing_is_owed(s: UnderTest, mail: MailServer) -> None:
    await with_contacts(s)
    for topic, payload in (
        (topics.RESOLUTION_REGISTERED, resolution()),
        (topics.BATCH_SUBMITTED, submitted()),
        (topics.REVIEW_COMPLETED, reviewed(50, 0)),
        (topics.FORMAT_CHECK_COMPLETED, format_checked(50, 0)),
        (topics.BATCH_FILED, filed()),
    ):
        await s.hear(topic, payload)
    for _ in range(60):
        s.clock.pass_days(1)
        await look(s)
    assert mail.letters == []
    assert await s.said(topics.NOTICE_SENT) == []


async def test_a_sent_notice_is_announced_with_step_channel_and_office(s: UnderTest) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await look(s)
    said = [message.data for message in await s.said(topics.NOTICE_SENT)]
    assert {(each.channel, each.step, each.recipient_office, each.about) for each in said} == {
        ("inbox", "returned", "unit:10284", BATCH),
        ("email", "returned", "unit:10284", BATCH),
    }


async def test_without_an_address_the_inbox_has_it_and_the_failure_shows(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await look(s)
    (failed,) = await s.said(topics.NOTICE_FAILED)
    assert failed.data.reason_code == "contact-missing"
    inbox = await s.http.get("/v1/notices", headers=s.signed_in("p", "unit:10284", "collector"))
    assert inbox.json()["notices"][0]["email_reason"] == "contact-missing"


async def test_an_address_that_is_refused_for_good_is_told_once(s: UnderTest, mail: MailServer) -> None:
    await with_contacts(s)
    mail.answer = "550 no such user"
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    for _ in range(3):
        await look(s)
        s.clock.pass_days(0.01)
    assert [each.data.reason_code for each in await s.said(topics.NOTICE_FAILED)] == ["mail-refused"]


async def test_a_mail_server_that_is_away_for_a_while_gets_the_letter_later(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    mail.answer = "451 come later"
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await look(s)
    await look(s)
    assert mail.letters == []
    mail.answer = "250 OK"
    s.clock.set(s.clock.now() + timedelta(minutes=2))
    await look(s)
    assert len(mail.letters) == 1
    assert await s.said(topics.NOTICE_FAILED) == []


async def test_a_mail_server_that_stays_away_is_given_up_in_the_open(s: UnderTest, mail: MailServer) -> None:
    await with_contacts(s)
    mail.answer = "451 come later"
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    for _ in range(6):
        await look(s)
        s.clock.set(s.clock.now() + timedelta(minutes=10))
    assert [each.data.reason_code for each in await s.said(topics.NOTICE_FAILED)] == ["mail-unavailable"]


async def test_a_delivery_cut_off_by_a_crash_is_told_as_unknown_and_never_sent_again(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await chase(s.work)
    await s.work.pool.execute(
        "update notices set state = 'sending', claimed_at = now() - interval '5 minutes' where channel = 'email'"
    )
    assert await tell_cut_off(s.work) == 1
    await look(s)
    assert mail.letters == []
    assert [each.data.reason_code for each in await s.said(topics.NOTICE_FAILED)] == ["delivery-unknown"]


@pytest.mark.parametrize("step", ["returned", "due_soon", "due", "overdue", "escalated"])
async def test_letters_name_article_and_date_and_nobody(s: UnderTest, mail: MailServer, step: str) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    for _ in range(20):
        await look(s)
        s.clock.pass_days(1)
    bodies = {
        str(row["step"]).split("-")[0]: row["body"]
        for row in await s.work.pool.fetch("select step, body from notices")
    }
    assert "规程第13(2), 17条" in bodies[step]
    assert "2026-06-25 24:00" in bodies[step]
    assert "Asia/Shanghai" in bodies[step]


async def test_with_a_long_limit_a_return_is_still_told_at_once(
    make_database: Callable[[], str], tmp_path: Path, mail: MailServer
) -> None:
    async with running(
        SERVICE, make_database(), tmp_path, smtp_port=mail.port, correction_due_days=60
    ) as under_test:
        await with_contacts(under_test)
        await under_test.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
        await look(under_test)
        assert len(letters(mail)) == 1


async def test_a_withdrawn_round_is_told_as_withdrawn_not_as_no_records_returned(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 0, outcome=ReviewOutcome.WITHDRAWN))
    await look(s)
    assert letters(mail) == [
        ("unit-10284", "【撤回】南京大学(10284):撤回的批次请于 2026-06-25 前更正并重新上报")
    ]
    body = await s.work.pool.fetchval("select body from notices where channel = 'email'")
    assert "条被退回" not in body
    assert "were returned" not in body
