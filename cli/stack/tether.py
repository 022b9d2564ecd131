"""A child process that cannot outlive the process that started it (no orphan after a `kill -9`).

`tethered` builds the command line; this same file is then the small program that runs first in the child: it
gives up root if asked, ties its life to the parent (PR_SET_PDEATHSIG) and becomes the wanted program. A program
of its own, because Python code between fork and exec can deadlock when the parent has threads, and because the
unprivileged user may not be able to read this Python: so everything is imported before root is given up.
Imports nothing but the standard library, and little of it: it runs before every child.
"""

import ctypes
import os
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_NO_IDENTITY = -1
_PARENT_GONE = 125


def tethered(command: list[str], *, death_signal: int, user_id: int | None = None) -> list[str]:
    """The command line that runs `command` tethered to the calling process.

    The signal is sent when the *thread* that starts the child ends: start children from a thread that stays.
    With `user_id` (only root may) the child gives up root and its supplementary groups, and works in "/".
    """
    own_file = str(Path(__file__).resolve())
    identity = _NO_IDENTITY if user_id is None else user_id
    head = [sys.executable, "-I", "-S", own_file]
    return [*head, str(os.getpid()), str(death_signal), str(identity), *command]


def _give_up_root(user_id: int) -> None:
    os.setgroups([])
    os.setgid(user_id)
    os.setuid(user_id)
    os.chdir("/")


def _die_with_parent(parent_process_id: int, death_signal: int) -> None:
    if sys.platform == "linux":
        # After the change of user: changing it clears the setting.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent_process_id:
        sys.exit(_PARENT_GONE)


def main(arguments: list[str]) -> None:
    """Becomes the command: `tether.py PARENT_PID SIGNAL USER_ID COMMAND…` (USER_ID -1: stay who you are)."""
    parent_process_id, death_signal, user_id = (int(value) for value in arguments[:3])
    command = arguments[3:]
    if user_id != _NO_IDENTITY:
        _give_up_root(user_id)
    _die_with_parent(parent_process_id, death_signal)
    os.execv(command[0], command)  # noqa: S606 - becoming the wanted program is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
