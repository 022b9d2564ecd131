"""`xuewei up`, `down`, `status` and `clock`: the embedded stack at the terminal."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.stack import clock as stack_clock
from cli.stack.handle import Stack, StackFailedError
from cli.stack.layout import DEFAULT_FOLDER, FolderUnusableError, StackFolder
from cli.stack.options import StackOptions
from cli.stack.state import StackExit, StackState, StackStatus

Folder = Annotated[Path, typer.Option(help="where the stack keeps everything 数据目录")]


def up(
    folder: Folder = DEFAULT_FOLDER,
    detach: Annotated[
        bool, typer.Option("--detach/--foreground", help="come back when it is ready 后台运行")
    ] = False,
    kafka: Annotated[
        str | None, typer.Option(help="an Apache Kafka (host:port) instead of the embedded broker")
    ] = None,
    port: Annotated[
        list[str] | None, typer.Option(help="a fixed port, e.g. collector=8001; may be repeated 固定端口")
    ] = None,
) -> None:
    """Starts the embedded stack 启动内嵌环境 (development only 仅供开发); in the foreground until Ctrl-C.

    Exit codes: 1 a child cannot be kept running, 2 wrong option, 4 already running, 5 port taken, 6 folder unusable.
    """
    try:
        options = StackOptions(kafka=kafka, ports=dict(_read_port(text) for text in port or []))
    except ValueError as wrong:
        _leave(str(wrong), StackExit.WRONG_OPTION)
    if not detach:
        from cli.stack.supervisor import plan_with, supervise  # noqa: PLC0415 - heavy, and only needed here

        sys.exit(supervise(folder, plan_with(options), lambda line: print(line, flush=True)))
    try:
        stack = Stack(folder, options).start(outlive=True)
    except FolderUnusableError as refused:
        _leave(str(refused), StackExit.FOLDER_UNUSABLE)
    except StackFailedError as failed:
        _leave(str(failed), failed.exit_code)
    print(_describe(stack.state))


def down(folder: Folder = DEFAULT_FOLDER) -> None:
    """Stops the embedded stack 停止内嵌环境; what it keeps in its folder stays."""
    stack = Stack(folder)
    if not stack.is_running:
        print(f"no stack is running in {stack.folder.path}")
        return
    stack.stop()
    print("stopped")


def status(
    folder: Folder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="for programs; without secrets 输出JSON")] = False,
) -> None:
    """Shows the embedded stack 查看内嵌环境.

    Exit codes: 0 every child is ready, 1 some are not, 3 no stack is running in the folder.
    """
    stack = Stack(folder)
    known = StackState.load(stack.folder)
    if known is None or not stack.is_running:
        failed = f"; the last one failed: {known.reason}" if known and known.reason else ""
        _leave(f"no stack is running in {stack.folder.path}{failed}", StackExit.NOT_RUNNING)
    if as_json:
        shown = {name: each for name, each in asdict(known).items() if name not in _SECRET}
        print(json.dumps(shown, indent=1, ensure_ascii=False))
    else:
        print(_describe(known))
    sys.exit(StackExit.DONE if known.status is StackStatus.READY else StackExit.FAILED)


def clock(
    shift: Annotated[str | None, typer.Argument(help="+31d, +2h, +90m, +5s; -2h after a --")] = None,
    folder: Folder = DEFAULT_FOLDER,
    reset: Annotated[bool, typer.Option("--reset", help="back to real time 恢复真实时间")] = False,
) -> None:
    """Shows or moves the clock the services act by 查看或调整时钟 (development only 仅供开发)."""
    place = StackFolder(folder.resolve())
    if not place.is_locked():
        _leave(f"no stack is running in {place.path}", StackExit.NOT_RUNNING)
    if reset:
        stack_clock.reset(place)
    if shift is not None:
        try:
            stack_clock.move(place, stack_clock.parse_shift(shift))
        except ValueError as wrong:
            _leave(str(wrong), StackExit.WRONG_OPTION)
    shown = stack_clock.now(place).isoformat(timespec="seconds")
    print(f"the stack's clock shows {shown} ({stack_clock.offset(place)} from real time)")


_SECRET = {"databases", "client_secrets"}


def _read_port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isdecimal() or not 0 < int(number) < 65_536:
        raise ValueError(f"--port {text}: write NAME=NUMBER, for example collector=8001")
    return name, int(number)


def _describe(state: StackState) -> str:
    """The stack as a table for a person."""
    lines = [
        f"{state.status.value}, since {state.started_at}, supervisor is process {state.supervisor_process_id}"
    ]
    for child in state.children.values():
        restarts = f", started again {child.restarts}×" if child.restarts else ""
        process = f"process {child.process_id}" if child.process_id else "no process"
        address = state.addresses.get(child.name, "")
        lines.append(f"  {child.name:<18} {child.status.value:<9} {process:<15} {address}{restarts}")
    others = [name for name in state.addresses if name not in state.children]
    lines += [f"  {name:<18} {state.addresses[name]}" for name in others]
    return "\n".join(lines)


def _leave(message: str, code: StackExit) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)
