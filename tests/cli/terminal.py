"""`xuewei` as it is run: in a process of its own, from the command line."""

import os
import subprocess
import sys
from pathlib import Path

_PROJECT = Path(__file__).parents[2]


def xuewei(
    *words: str | Path, cwd: Path | None = None, seconds: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command without terminal and without settings of ours from outside."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("XUEWEI_")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=cwd,
        env=inherited | {"PYTHONPATH": str(_PROJECT), "LANG": "C.UTF-8"} | environment,
    )
