"""The notifier under test, and a mail server that keeps what it is sent."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from cli.stack.ports import free_port
from services.notifier.app import SERVICE
from tests.harness import UnderTest, running


class MailServer:
    """Keeps every message; ``answer`` is what it says to DATA."""

    def __init__(self) -> None:
        self.port = free_port()
        self.letters: list[Envelope] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        if self.answer.startswith("250"):
            self.letters.append(envelope)
        return self.answer


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
async def s(make_database: Callable[[], str], tmp_path: Path, mail: MailServer) -> AsyncIterator[UnderTest]:
    async with running(
        SERVICE, make_database(), tmp_path, smtp_host="127.0.0.1", smtp_port=mail.port, mail_tries_max=3
    ) as under_test:
        yield under_test
