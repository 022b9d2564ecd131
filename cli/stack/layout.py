"""What lies where in the folder of an embedded stack."""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DEFAULT_FOLDER = Path(".xuewei")


class FolderUnusableError(RuntimeError):
    """The stack's folder cannot be made or written: says which and why."""


@dataclass(frozen=True, slots=True)
class StackFolder:
    """The one folder in which a stack keeps everything: state, data, logs, secrets."""

    path: Path

    def make(self) -> None:
        """Makes the folder, for its owner to write and look into; FolderUnusableError when that cannot be."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.logs, self.objects, self.traces, self.crash_points, self.held):
                folder.mkdir(exist_ok=True, mode=0o700)
            if not os.access(self.path, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied", str(self.path))
        except OSError as refused:
            reason = refused.strerror or str(refused)
            raise FolderUnusableError(
                f"cannot keep a stack in {self.path}: {reason} ({refused.filename})"
            ) from None

    def lock(self) -> int | None:
        """Takes the folder for this process until it ends (a descriptor to keep); None when another has it."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def is_locked(self) -> bool:
        """Whether a supervisor is alive in this folder."""
        with suppress(FileNotFoundError, NotADirectoryError):
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(descriptor)
        return False

    @property
    def state_path(self) -> Path:
        """What `xuewei status` reads: ports, processes, addresses, secrets."""
        return self.path / "state.json"

    @property
    def logs(self) -> Path:
        """One log per child."""
        return self.path / "logs"

    @property
    def objects(self) -> Path:
        """The local object store."""
        return self.path / "objects"

    @property
    def traces(self) -> Path:
        """Spans as JSON lines, one file per service."""
        return self.path / "traces"

    @property
    def crash_points(self) -> Path:
        """One file per service: the place in it where a test wants it killed."""
        return self.path / "crashpoints"

    @property
    def held(self) -> Path:
        """A file named like a child keeps that child stopped."""
        return self.path / "held"

    @property
    def issuer(self) -> Path:
        """The local issuer's key and the machine clients' secrets."""
        return self.path / "issuer"

    @property
    def mail(self) -> Path:
        """Every message the services sent (see mailbox)."""
        return self.path / "mail"

    @property
    def clock_offset_path(self) -> Path:
        """Seconds to add to the services' clock."""
        return self.path / "clock-offset"

    def log_path(self, child: str) -> Path:
        """Where one child's output goes."""
        return self.logs / f"{child}.log"
