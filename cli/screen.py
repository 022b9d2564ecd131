"""The screen (屏幕): colour and the terminal's width where there is one, wide plain lines where there is none."""

import os
import sys

from rich.console import Console

_PLAIN_WIDTH = 150


def open_screen() -> Console:
    """A console for people and for logs; NO_COLOR and COLUMNS are honoured."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=int(os.environ.get("COLUMNS", _PLAIN_WIDTH)))
