"""E-mail by SMTP (RFC 5321): one message per notice, its Message-ID made from the notice's id."""

from email.message import EmailMessage

import aiosmtplib

from services.notifier.settings import Settings

PERMANENT = 500


class MailRefused(Exception):
    """The mail server refused for good (5xx): the address or the message is wrong."""


class MailUnavailable(Exception):
    """The mail server is away or asks to come later (4xx); nothing was accepted."""


async def send_mail(settings: Settings, *, to: str, subject: str, body: str, notice_id: str) -> None:
    """Hands a message to the mail server; raises MailRefused or MailUnavailable, else it was accepted."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Message-ID"] = f"<{notice_id}@xuewei>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    try:
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
            start_tls=settings.smtp_starttls,
            timeout=settings.smtp_timeout_seconds,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(each.code >= PERMANENT for each in error.recipients):
            raise MailRefused from None
        raise MailUnavailable from None
    except aiosmtplib.SMTPResponseException as error:
        raise (MailRefused if error.code >= PERMANENT else MailUnavailable) from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        raise MailUnavailable from None
