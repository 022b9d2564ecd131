"""DEVELOPMENT ONLY: an SMTP server on loopback that delivers nothing and keeps every message in a folder.

`python -m cli.stack.mail FOLDER SMTP_PORT HTTP_PORT`; the second port shows a list of the messages to a browser.
"""

import asyncio
import sys
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from cli.stack.mailbox import ENVELOPE_TO, Mailbox
from cli.stack.ports import LOOPBACK

_MESSAGE_SIZE_MAX_BYTES = 10 * 1024 * 1024


class _Keeper:
    """Keeps what arrives, or refuses it while the mailbox says so."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = self._mailbox.refusal()
        if refusal is not None:
            return refusal
        content = envelope.content or b""
        self._mailbox.keep(content if isinstance(content, bytes) else content.encode(), envelope.rcpt_tos)
        return "250 kept"


def make_page(mailbox: Mailbox) -> Starlette:
    """The list of messages for a browser, newest first; a click shows one as text."""

    async def show_all(_: Request) -> Response:
        rows = zip(mailbox.paths(), mailbox.messages(), strict=False)
        lines = [_line(path, message) for path, message in rows]
        return HTMLResponse(
            f"<!doctype html><meta charset=utf-8><h1>邮件 mail</h1><ol>{''.join(reversed(lines))}</ol>"
        )

    async def show_one(request: Request) -> Response:
        wanted = request.path_params["name"]
        for path in mailbox.paths():
            if path.name == wanted:
                return PlainTextResponse(path.read_bytes())
        return PlainTextResponse("no such message", status_code=404)

    only_us = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    return Starlette(routes=[Route("/", show_all), Route("/{name}", show_one)], middleware=[only_us])


def _line(path: Path, message: EmailMessage) -> str:
    recipient, subject = (escape(str(message.get(name, ""))) for name in (ENVELOPE_TO, "Subject"))
    return f'<li><a href="/{escape(path.name)}">{subject or "(no subject)"}</a> → {recipient}</li>'


async def serve(mailbox: Mailbox, smtp_port: int, http_port: int) -> None:
    """Takes messages and shows them until told to stop."""
    keeper = _Keeper(mailbox)

    def talk() -> SMTP:
        return SMTP(keeper, enable_SMTPUTF8=True, data_size_limit=_MESSAGE_SIZE_MAX_BYTES)

    smtp = await asyncio.get_running_loop().create_server(talk, LOOPBACK, smtp_port)
    config = uvicorn.Config(make_page(mailbox), host=LOOPBACK, port=http_port, access_log=False)
    async with smtp:
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(Mailbox(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])))
