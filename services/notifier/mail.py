"""E-mail by SMTP (RFC 5321): one message per notice, its Message-ID made from the notice's id."""

from email.message import EmailMessage
from enum import Enum, auto
from typing import Any

import aiosmtplib

from services.notifier.settings import Settings

PERMANENT = 500


class Delivery(Enum):
    """How handing a message to the mail server ended."""

    ACCEPTED = auto()
    REFUSED = auto()
    """The server refused for good (5xx), or no server can be sent this: the address or the message is wrong."""
    PUT_OFF = auto()
    """The server is away or asks to come later (4xx); nothing was accepted."""
    UNKNOWN = auto()
    """The server was given the message and did not answer: it may or may not have taken it."""


class _Client(aiosmtplib.SMTP):
    """Remembers whether the message itself was on its way: from then on silence is no refusal."""

    handing_over = False

    async def data(self, *words: Any, **options: Any) -> aiosmtplib.SMTPResponse:
        self.handing_over = True
        return await super().data(*words, **options)


async def send_mail(settings: Settings, *, to: str, subject: str, body: str, notice_id: str) -> Delivery:
    """Hands a message to the mail server and tells how that ended."""
    client = _Client(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password.get_secret_value() or None,
        start_tls=settings.smtp_starttls,
        timeout=settings.smtp_timeout_seconds,
    )
    try:
        message = _written(settings, to, subject, body, notice_id)
        async with client:
            await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _verdict(min(each.code for each in error.recipients))
    except aiosmtplib.SMTPResponseException as error:
        return _verdict(error.code)
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        return Delivery.UNKNOWN if client.handing_over else Delivery.PUT_OFF
    except ValueError:  # an address or a text that cannot be written as a message
        return Delivery.REFUSED
    return Delivery.ACCEPTED


def _written(settings: Settings, to: str, subject: str, body: str, notice_id: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Message-ID"] = f"<{notice_id}@xuewei>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def _verdict(code: int) -> Delivery:
    return Delivery.REFUSED if code >= PERMANENT else Delivery.PUT_OFF
