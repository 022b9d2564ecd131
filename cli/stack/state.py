"""What is known of a running stack, kept as state.json for `xuewei status`, tests and the demo."""

import json
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any, Self

from cli.stack.layout import StackFolder
from cli.stack.private_files import write_private


class StackExit(IntEnum):
    """Exit codes of `xuewei up`, `down`, `status`, and of the supervisor."""

    DONE = 0
    FAILED = 1
    WRONG_OPTION = 2
    NOT_RUNNING = 3
    ALREADY_RUNNING = 4
    PORT_TAKEN = 5
    FOLDER_UNUSABLE = 6


class StackStatus(StrEnum):
    """How the stack as a whole is."""

    STARTING = "starting"
    READY = "ready"
    RECOVERING = "recovering"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class ChildStatus(StrEnum):
    """How one child is."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    UNWELL = "unwell"
    HELD = "held"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ChildState:
    """One child: its process (None: not running) and how often it was started again after it ended by itself."""

    name: str
    status: ChildStatus = ChildStatus.WAITING
    process_id: int | None = None
    restarts: int = 0
    log_path: str = ""


@dataclass(frozen=True, slots=True)
class StackState:
    """A stack: holds secrets, so it is kept readable by its owner only."""

    status: StackStatus = StackStatus.STARTING
    reason: str = ""
    exit_code: int = 0
    supervisor_process_id: int = 0
    started_at: str = ""
    ready_after_seconds: float | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    client_secrets: dict[str, str] = field(default_factory=dict)
    children: dict[str, ChildState] = field(default_factory=dict)

    def save(self, folder: StackFolder) -> None:
        """Keeps it, whole or not at all."""
        write_private(folder.state_path, json.dumps(asdict(self), indent=1, ensure_ascii=False).encode())

    @classmethod
    def load(cls, folder: StackFolder) -> Self | None:
        """What was kept last; None when there never was a stack in this folder."""
        try:
            found: dict[str, Any] = json.loads(folder.state_path.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        found["status"] = StackStatus(found["status"])
        found["children"] = {
            name: ChildState(**(child | {"status": ChildStatus(child["status"])}))
            for name, child in found["children"].items()
        }
        return cls(**found)

    def with_child(self, child: ChildState) -> Self:
        """The same with news of one child."""
        return replace(self, children=self.children | {child.name: child})


def already_running(folder: StackFolder) -> str:
    """What to tell somebody who starts a second stack in the same folder."""
    state = StackState.load(folder)
    process = f" (process {state.supervisor_process_id})" if state else ""
    return f"a stack is already running in {folder.path}{process}: see `xuewei status`, stop it with `xuewei down`"
