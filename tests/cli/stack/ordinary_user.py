"""Running our code as an ordinary user when the tests themselves run as root."""

import os
import sys
from pathlib import Path

import pytest

from cli.stack.postgres_files import may_traverse

_PACKAGES = next(path for path in sys.path if path.endswith("site-packages"))
PYTHON_PATH = os.pathsep.join([str(Path(__file__).parents[3]), _PACKAGES])


def python_of_everybody() -> str:
    """A Python of our version that every user may run; skips where root alone has one."""
    if os.geteuid() != 0:
        return sys.executable
    candidates = [Path(sys.executable), Path(f"/usr/bin/python3.{sys.version_info.minor}")]
    for candidate in candidates:
        if candidate.exists() and may_traverse(candidate.resolve().parent):
            return str(candidate)
    pytest.skip("only root can run a Python here; run the tests as an ordinary user too")
