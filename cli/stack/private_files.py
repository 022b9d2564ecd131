"""Files with secrets or letters in them: written whole or not at all, readable by their owner only."""

import json
import os
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    scratch.replace(path)


def load_or_make_secrets(path: Path, names: Iterable[str]) -> dict[str, str]:
    """A secret for each of these names; missing ones are made and kept in this file."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {str(name): secrets.token_urlsafe(24) for name in names if name not in known}
    if missing:
        known |= missing
        write_private(path, json.dumps(known, indent=1).encode())
    return known
