"""The folder in which the mail catcher keeps what was sent: read it, or tell the catcher to refuse."""

import email.policy
import secrets
import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from cli.stack.private_files import write_private

_POLICY = email.policy.default
ENVELOPE_TO = "X-Envelope-To"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One folder of .eml files, names in the order of arrival."""

    folder: Path

    def paths(self) -> list[Path]:
        """The messages kept so far, oldest first."""
        return sorted((self.folder / "messages").glob("*.eml"))

    def messages(self) -> list[EmailMessage]:
        """The messages kept so far, parsed, oldest first; `X-Envelope-To` says to whom they were handed over."""
        return [
            email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=_POLICY)  # pyright: ignore[reportCallIssue, reportArgumentType]
            for path in self.paths()
        ]

    def keep(self, content: bytes, recipients: list[str]) -> None:
        """Keeps one message as it was received, with its envelope's recipients in a header of ours."""
        head = f"{ENVELOPE_TO}: {', '.join(recipients)}\r\n".encode()
        write_private(
            self.folder / "messages" / f"{time.time_ns()}-{secrets.token_hex(3)}.eml", head + content
        )

    def refuse(self, reply: str | None) -> None:
        """From now on every message is answered with this SMTP reply (`451 try later`); None: accepted again."""
        path = self.folder / "refusal"
        if reply is None:
            path.unlink(missing_ok=True)
        else:
            write_private(path, reply.encode("ascii"))

    def refusal(self) -> str | None:
        """The reply with which messages are refused at the moment, if they are."""
        try:
            return (self.folder / "refusal").read_text("ascii").strip() or None
        except FileNotFoundError:
            return None
