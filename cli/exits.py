"""Exit codes (退出码) of the commands an institution runs, and the command-line app that keeps to them."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NoReturn

import typer

# typer brings its own copy of click from some version on: what it raises is found through what it exports.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
_INTERRUPTED = 130


class Exit(IntEnum):
    """What a script may rely on; when several things happened the highest one counts."""

    ACCEPTED = 0
    FINDINGS = 1
    CANNOT_READ = 2
    NOT_ALLOWED = 3
    UNREACHABLE = 4
    USAGE = 64


class UnitApp(typer.Typer):
    """A typer app in which a wrong command line ends with 64, so that 2 says `cannot read` and nothing else."""

    def __init__(self, help_text: str | None = None) -> None:
        """`help_text` is shown by --help."""
        super().__init__(add_completion=False, pretty_exceptions_enable=False, help=help_text)

    def __call__(self, *_: Any, args: Sequence[str] | None = None, prog_name: str | None = None) -> NoReturn:
        """Runs the command line and leaves with its exit code."""
        command = typer.main.get_command(self)
        try:
            code = command.main(args=args, prog_name=prog_name, standalone_mode=False)
        except typer.Abort:
            raise SystemExit(_INTERRUPTED) from None
        except _USAGE_ERROR as wrong:
            show = getattr(wrong, "show", None)
            if show is not None:
                show()
            raise SystemExit(Exit.USAGE) from None
        raise SystemExit(code if isinstance(code, int) else Exit.ACCEPTED)


def leave(lines: Sequence[str], code: Exit) -> NoReturn:
    """Tells why on the error stream and ends the command."""
    typer.echo("\n".join(lines), err=True)
    raise SystemExit(code)
