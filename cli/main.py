"""`xuewei`: one table of commands; a command's module is loaded when it is called, so the list shows at once.

To add a command write a function with typer's annotations (or a `typer.Typer` with commands of its own) in a
module of its own and add a line here.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `xuewei`; `home` is `module:function` or `module:app`."""

    word: str
    home: str
    about: str
    about_zh: str


COMMANDS = (
    Command("up", "cli.stack.commands:up", "start the embedded stack", "启动内嵌环境"),
    Command("down", "cli.stack.commands:down", "stop the embedded stack", "停止内嵌环境"),
    Command("status", "cli.status:status", "show a batch, or the embedded stack", "查看批次或内嵌环境"),
    Command("clock", "cli.stack.commands:clock", "move the embedded stack's clock", "调整内嵌环境的时钟"),
    Command("demo", "cli.demo.command:demo", "play universities, provinces and the centre", "演示全流程"),
    Command("push", "cli.push:push", "report a resolution and its degree records", "报送决议与学位授予信息"),
    Command("findings", "cli.findings:findings", "show what a batch's check found", "查看校验发现"),
    Command("receipt", "cli.receipt:receipt", "fetch and verify receipts", "领取与核验回执"),
    Command("sample", "cli.sample.command:sample", "make sample files of made-up people", "生成样例数据"),
)

_USAGE = 2


def main() -> None:
    """Runs the command named by the first word; `xuewei WORD --help` explains each."""
    words = sys.argv[1:]
    if not words or words[0] in {"-h", "--help", "help"}:
        print(_help())
        sys.exit(0 if words else _USAGE)
    found = next((command for command in COMMANDS if command.word == words[0]), None)
    if found is None:
        print(f"xuewei: there is no command {words[0]}\n\n{_help()}", file=sys.stderr)
        sys.exit(_USAGE)
    _run(found, words[1:])


def _help() -> str:
    width = max(len(command.word) for command in COMMANDS)
    lines = [f"  {each.word:<{width}}  {each.about} {each.about_zh}" for each in COMMANDS]
    return "\n".join(["xuewei 学位: usage: xuewei COMMAND … (xuewei COMMAND --help explains it)", "", *lines])


def _run(command: Command, words: list[str]) -> None:
    import typer  # noqa: PLC0415 - not needed to show the list

    module, _, name = command.home.partition(":")
    wanted: typer.Typer | Callable[..., None] = getattr(import_module(module), name)
    if not isinstance(wanted, typer.Typer):
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command()(wanted)
        wanted = app
    wanted(args=words, prog_name=f"xuewei {command.word}")


if __name__ == "__main__":
    main()
