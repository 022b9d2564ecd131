"""E-mail as mail servers really answer: cut off, late, refusing an address, and what people type into fields."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from contracts import topics
from contracts.vocabulary import new_id
from services.notifier.app import SERVICE
from services.notifier.sweeps import chase, deliver, tell_cut_off
from tests.harness import UnderTest, running
from tests.notifier.conftest import MailServer
from tests.notifier.events import resolution, reviewed
from tests.notifier.test_sweeps import look, with_contacts


class CutOff:
    """A mail server that takes a whole message, keeps it, and never answers: it hangs up or stays silent."""

    def __init__(self, silence_seconds: float) -> None:
        self.silence_seconds = silence_seconds
        self.letters = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            await self._take(reader, writer)
        writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.letters += 1
                await asyncio.sleep(self.silence_seconds)
                break
            writer.write(b"250 OK\r\n")


@pytest.fixture(params=[0.0, 1.5], ids=["hangs up", "stays silent"])
async def cut_off(request: pytest.FixtureRequest) -> AsyncIterator[CutOff]:
    server = CutOff(request.param)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


async def test_a_letter_whose_receipt_is_not_confirmed_is_told_as_unknown_and_never_sent_again(
    cut_off: CutOff, make_database: Callable[[], str], tmp_path: Path
) -> None:
    async with running(
        SERVICE, make_database(), tmp_path, smtp_port=cut_off.port, smtp_timeout_seconds=0.5
    ) as s:
        await with_contacts(s)
        await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
        for _ in range(3):
            await look(s)
            s.clock.pass_days(0.1)
        assert cut_off.letters == 1
        assert [each.data.reason_code for each in await s.said(topics.NOTICE_FAILED)] == ["delivery-unknown"]


async def test_a_delivery_that_was_told_as_unknown_is_not_told_as_sent_too(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    await chase(s.work)
    taken = mail.handle_DATA

    async def slow(*words: object) -> str:
        await asyncio.sleep(1)
        return await taken(*words)  # type: ignore[arg-type]

    mail.handle_DATA = slow  # type: ignore[method-assign, assignment]
    delivering = asyncio.create_task(deliver(s.work))
    await asyncio.sleep(0.5)
    await s.work.pool.execute(
        "update notices set claimed_at = claimed_at - interval '1 hour' where state = 'sending'"
    )
    assert await tell_cut_off(s.work) == 1
    await delivering
    told = [each.data.channel for each in await s.said(topics.NOTICE_SENT)]
    assert told == ["inbox"]
    state = await s.work.pool.fetchval("select state from notices where channel = 'email'")
    assert (state, len(await s.said(topics.NOTICE_FAILED))) == ("failed", 1)


@pytest.mark.parametrize("number", ["校学位\n〔2026〕5号", "校学位\r\nBcc: a@example.edu.cn"])
async def test_a_resolution_number_with_line_breaks_cannot_hurt_the_letters_of_others(
    s: UnderTest, mail: MailServer, number: str
) -> None:
    await with_contacts(s)
    await s.hear(topics.RESOLUTION_REGISTERED, resolution(number=number, resolution_id=new_id()))
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5, resolution_number=number))
    for _ in range(3):
        s.clock.pass_days(14)
        await look(s)
    assert {envelope.rcpt_tos[0] for envelope in mail.letters} <= {
        "unit-10284@example.edu.cn",
        "province-32@example.edu.cn",
    }
    assert len(mail.letters) >= 4


async def test_an_address_the_mail_server_cannot_write_to_fails_in_the_open(
    s: UnderTest, mail: MailServer
) -> None:
    headers = s.signed_in("p", "unit:10284", "submitter")
    answer = await s.http.put("/v1/contact", json={"email": "学位办@例子.中国"}, headers=headers)
    assert answer.status_code == 200
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    for _ in range(4):
        await look(s)
        s.clock.pass_days(0.1)
    reasons = [each.data.reason_code for each in await s.said(topics.NOTICE_FAILED)]
    assert (len(mail.letters), len(reasons)) in {(1, 0), (0, 1)}


async def test_a_mail_server_that_refuses_the_sender_for_good_is_told_once(
    s: UnderTest, mail: MailServer
) -> None:
    await with_contacts(s)
    mail.answer = "554 no"
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 5))
    for _ in range(3):
        await look(s)
        s.clock.pass_days(0.1)
    assert [each.data.reason_code for each in await s.said(topics.NOTICE_FAILED)] == ["mail-refused"]
