"""The mail catcher: keeps what is sent, delivers nothing, refuses when told to."""

import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from cli.stack.mailbox import Mailbox
from cli.stack.ports import free_ports, is_listening


@dataclass(frozen=True, slots=True)
class RunningCatcher:
    mailbox: Mailbox
    smtp_port: int
    page_url: str

    def send(self, subject: str) -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "a@a.example", "b@b.example"
        message.set_content("请于30日内报送。")
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as smtp:
            smtp.send_message(message)


@pytest.fixture(scope="module")
def catcher(session_folder: Path) -> Iterator[RunningCatcher]:
    folder, (smtp_port, http_port) = session_folder / "mail", free_ports(2)
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "cli.stack.mail",
        str(folder),
        str(smtp_port),
        str(http_port),
    ]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 20
        while not (is_listening(smtp_port) and is_listening(http_port)) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.02)
        yield RunningCatcher(Mailbox(folder), smtp_port, f"http://127.0.0.1:{http_port}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in {0, -signal.SIGTERM}


def test_a_message_is_kept_with_its_text_and_recipient(catcher: RunningCatcher) -> None:
    catcher.send("催办 <1>")
    kept = catcher.mailbox.messages()[-1]
    assert kept["Subject"] == "催办 <1>"
    assert kept["X-Envelope-To"] == "b@b.example"
    assert "请于30日内报送" in kept.get_content()
    assert catcher.mailbox.paths()[-1].stat().st_mode & 0o777 == 0o600


def test_messages_are_shown_newest_first_and_each_can_be_read(catcher: RunningCatcher) -> None:
    catcher.send("older")
    catcher.send("newer & <b>")
    page = httpx.get(catcher.page_url, trust_env=False).text
    assert page.index("newer &amp; &lt;b&gt;") < page.index("older")
    name = catcher.mailbox.paths()[-1].name
    assert "Subject: newer" in httpx.get(f"{catcher.page_url}/{name}", trust_env=False).text
    assert httpx.get(f"{catcher.page_url}/..%2Frefusal", trust_env=False).status_code == 404


def test_it_refuses_while_told_to_and_keeps_nothing(catcher: RunningCatcher) -> None:
    before = len(catcher.mailbox.paths())
    catcher.mailbox.refuse("451 4.3.0 try later")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        catcher.send("not now")
    assert refused.value.smtp_code == 451
    catcher.mailbox.refuse(None)
    catcher.send("now")
    assert [m["Subject"] for m in catcher.mailbox.messages()[before:]] == ["now"]
