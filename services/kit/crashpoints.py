"""Places where tests may kill a service (kill -9), by name; in production they are nothing."""

import os
import signal
from pathlib import Path

POINTS = (
    "consumer.before-transaction",
    "consumer.before-commit",
    "consumer.after-commit",
    "relay.before-publish",
    "relay.after-publish",
    "request.before-commit",
    "request.after-commit",
    "objects.before-keep",
    "objects.after-keep",
    "sweep.before-commit",
    "sweep.after-commit",
)


class _Armed:
    path: Path | None = None


def arm(path: Path | None) -> None:
    """Names the file in which tests write the one point this process shall die at (None: never)."""
    _Armed.path = path


def crashpoint(name: str) -> None:
    """Dies here by SIGKILL if the armed file names this point; the name is taken out first: once only."""
    if _Armed.path is None or not _Armed.path.exists():
        return
    if _Armed.path.read_text("ascii").strip() == name:
        _Armed.path.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
