"""The embedded stack (内嵌环境): the same service code with other addresses, on one machine, for development and tests."""

from cli.stack.handle import Stack, StackFailedError
from cli.stack.options import StackOptions
from cli.stack.state import StackExit

__all__ = ["Stack", "StackExit", "StackFailedError", "StackOptions"]
