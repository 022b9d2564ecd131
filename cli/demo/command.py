"""`xuewei demo`, what `make demo` runs: a stack, nine units, every story, and a report that can fail."""

import asyncio
import json
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from cli.demo.board import Board
from cli.demo.cast import Cast
from cli.demo.play import cast_stories, play
from cli.demo.report import Report, told_facts
from cli.demo.stage import Stage
from cli.demo.story import Story
from cli.screen import open_screen
from cli.stack import Stack, StackFailedError, StackOptions
from cli.stack.layout import FolderUnusableError
from cli.stack.state import StackExit, already_running
from cli.words import Lang, LangOption, chosen, say
from contracts.deadlines import SHANGHAI
from contracts.topics import ServiceName

DEMO_FOLDER = Path(".xuewei/demo")
_MARKER = "made-by-xuewei-demo"
_FAILED = 1
_AWARDED_DAYS_AGO = 3
_SPANS_WRITTEN_SECONDS = 1.2


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="leave the stack up afterwards 结束后保留环境")
    ] = False,
    folder: Annotated[
        Path, typer.Option(help="the demo's own folder, made anew each time 演示目录")
    ] = DEMO_FOLDER,
    kafka: Annotated[
        str | None, typer.Option(help="an Apache Kafka (host:port) instead of the embedded broker")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Play the main job end to end on a fresh stack 演示全流程: upload, check, review, return, file, chase.

    Exit codes: 0 everything came out as told, 1 something did not, 4 a kept demo is still up, 6 folder unusable.
    """
    console, language = open_screen(), chosen(lang)
    stack = Stack(folder, StackOptions(kafka=kafka, throwaway=True))
    try:
        make_room(stack)
    except FolderUnusableError as refused:
        _leave(console, refused, StackExit.FOLDER_UNUSABLE)
    except StackFailedError as failed:
        _leave(console, failed, failed.exit_code)
    try:
        faults = _perform(stack, console, language, keep=keep)
    except StackFailedError as failed:
        _leave(console, failed, failed.exit_code)
    finally:
        if not keep:
            stack.stop()
    for line in _where_next(stack, language, keep=keep):
        console.print(line, soft_wrap=True)
    sys.exit(_FAILED if faults else StackExit.DONE)


def make_room(stack: Stack) -> None:
    """Empties the folder of an earlier demo; anybody else's folder is refused, and so is a demo still up."""
    place = stack.folder.path
    if stack.is_running:
        raise StackFailedError(already_running(stack.folder), StackExit.ALREADY_RUNNING)
    try:
        if place.exists() and any(place.iterdir()):
            if not (place / _MARKER).exists():
                raise FolderUnusableError(
                    f"{place} is not empty and was not made by xuewei demo: name another"
                )
            shutil.rmtree(place)
        place.mkdir(parents=True, exist_ok=True)
        (place / _MARKER).touch()
    except OSError as refused:
        raise FolderUnusableError(f"cannot use {place}: {refused.strerror} ({refused.filename})") from None


def _perform(stack: Stack, console: Console, lang: Lang, *, keep: bool) -> list[str]:
    """Starts the stack, plays and reports; answers what did not come out as told."""
    began = time.monotonic()
    with console.status(say(lang, "启动内嵌环境…", "starting the stack…")):
        stack.start(outlive=keep)
    seconds = time.monotonic() - began
    console.print(
        say(lang, f"内嵌环境已就绪({seconds:.1f} 秒)", f"the stack is up after {seconds:.1f} s")
        + f" [dim]{stack.folder.path}[/]",
        soft_wrap=True,
    )
    return asyncio.run(_play_and_report(stack, console, lang))


async def _play_and_report(stack: Stack, console: Console, lang: Lang) -> list[str]:
    began = time.monotonic()
    cast = Cast(stack)
    try:
        awarded_on = datetime.now(SHANGHAI).date() - timedelta(days=_AWARDED_DAYS_AGO)
        stage = Stage(stack, cast, stack.folder.path / "files", awarded_on)
        with Board(console, lang) as board:
            stories = cast_stories(cast, lang, board.news)
            board.show(stories)
            await play(stage, stories)
        return await _report(stage, console, lang, stories, time.monotonic() - began)
    finally:
        await cast.close()


async def _report(
    stage: Stage, console: Console, lang: Lang, stories: Sequence[Story], seconds: float
) -> list[str]:
    report = Report(console, stage, lang)
    keys = await stage.cast.receipt_keys()
    folder = stage.stack.folder.path / "receipts"
    await asyncio.to_thread(_keep_keys, folder, keys)
    report.batches(stories, json.loads(keys)["keys"], folder)
    await report.timelines(stories)
    await report.notices()
    clean = next((each for story in stories if story.letter == "a" for each in story.played), None)
    if clean is not None:
        await asyncio.sleep(_SPANS_WRITTEN_SECONDS)
        report.trace(clean)
    failed = [
        f"({story.letter}) {story.title}: {story.failure}" for story in stories if story.state != "done"
    ]
    faults = [*failed, *report.faults]
    played = [each for story in stories for each in story.played]
    console.print()
    console.print(_verdict(faults, told_facts(played), len(stories), seconds, lang), soft_wrap=True)
    return faults


def _keep_keys(folder: Path, keys: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "receipt-keys.json").write_bytes(keys)


def _verdict(faults: Sequence[str], facts: dict[str, int], stories: int, seconds: float, lang: Lang) -> str:
    if faults:
        head = say(lang, "未按预期:", "did not come out as told:")
        return "\n".join([f"[bold red]✗ {head}[/]", *(f"  [red]{escape(each)}[/]" for each in faults)])
    text = say(
        lang,
        f"{stories} 个情节全部如期完成:{facts['batches']} 个批次,{facts['records']} 条备案,{seconds:.0f} 秒",
        f"{stories} stories came out as told: {facts['batches']} batches, {facts['records']} records filed, "
        f"{seconds:.0f} s",
    )
    return f"[bold green]✓ {text}[/]"


def _where_next(stack: Stack, lang: Lang, *, keep: bool) -> list[str]:
    """Where to look when it is over."""
    place = _short(stack.folder.path)
    receipts = sorted((stack.folder.path / "receipts").glob("BA*.json"))
    lines = ["", f"[bold]{say(lang, '接下来', 'where to look next')}[/]"]
    lines += [
        f"  {place}/files       {say(lang, '样例文件', 'sample files')}",
        f"  {place}/receipts    {say(lang, '回执与公钥', 'receipts and public keys')}",
        f"  {place}/mail        {say(lang, '邮件', 'e-mails')}",
        f"  {place}/traces      {say(lang, '链路', 'spans')}",
        f"  {place}/logs        {say(lang, '日志', 'logs')}",
    ]
    if receipts:
        lines += [
            "",
            f"  xuewei receipt verify {_short(receipts[0])} --keys {place}/receipts/receipt-keys.json",
        ]
    if not keep:
        return [*lines, f"  xuewei demo --keep   {say(lang, '保留环境', 'leaves the stack up')}"]
    batch_id, unit = _a_batch(receipts)
    return [
        *lines,
        f"  xuewei status {batch_id} --folder {place} --unit {unit}",
        f"  xuewei findings {batch_id} --folder {place} --unit {unit}",
        f"  xuewei status --folder {place}",
        f"  xuewei clock --reset --folder {place}   {say(lang, '时钟现快 31 天', 'its clock is 31 days ahead')}",
        f"  xuewei down --folder {place}",
        "",
        *(f"  {stack.url(name)}/docs   {name}" for name in ServiceName),
        f"  {stack.url('mail')}        {say(lang, '邮箱', 'mail catcher')}",
    ]


def _a_batch(receipts: Sequence[Path]) -> tuple[str, str]:
    """A batch to try commands on, and its unit."""
    if not receipts:
        return "BATCH", "UNIT"
    said = json.loads(receipts[0].read_bytes())
    return said["batch_id"], said["unit"]["code"]


def _short(path: Path) -> str:
    """A path as one types it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _leave(console: Console, why: Exception, code: StackExit) -> NoReturn:
    console.print(str(why), style="red", soft_wrap=True)
    sys.exit(code)
