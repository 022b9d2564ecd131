"""The embedded stack (内嵌环境): the same service code with other addresses, on one machine, for development and tests."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cli.stack.handle import Stack, StackFailedError
    from cli.stack.options import StackOptions
    from cli.stack.state import StackExit

__all__ = ["Stack", "StackExit", "StackFailedError", "StackOptions"]

_HOMES = {"Stack": "handle", "StackFailedError": "handle", "StackOptions": "options", "StackExit": "state"}


def __getattr__(name: str) -> Any:
    """Loads what is asked for when it is asked for: every child imports this package, few need the handle."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"cli.stack.{_HOMES[name]}"), name)
