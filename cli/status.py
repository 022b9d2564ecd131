"""`xuewei status BATCH`: where a batch stands, what happened to it, who must act next; without BATCH the stack."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.access import AccessUnknown, ConfigOption, OptionalBatchArgument, UnitOption, find_access
from cli.client import Client
from cli.desks import UnitDesk
from cli.exits import Exit, UnitApp, leave
from cli.problems import CLIENT_FAULTS, told
from cli.screen import open_screen
from cli.stack.layout import DEFAULT_FOLDER
from cli.views import BatchView, Due, TimelineEntry
from cli.words import Lang, LangOption, chosen, say

status = UnitApp()


@status.command()
def status_command(
    batch_id: OptionalBatchArgument = None,
    folder: Annotated[
        Path, typer.Option(help="where a local stack keeps everything 数据目录")
    ] = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="for programs 输出JSON")] = False,
    config: ConfigOption = None,
    unit: UnitOption = None,
    lang: LangOption = None,
) -> None:
    """Show where a batch stands 查看批次, or without BATCH the embedded stack 查看内嵌环境.

    Exit codes for a batch: 0 shown, 3 not allowed or unknown, 4 unreachable, 64 usage; for the stack: 0 every
    child is ready, 1 some are not, 3 none is running in the folder.
    """
    if batch_id is None:
        from cli.stack import commands  # noqa: PLC0415 - what is not asked for is not loaded

        commands.status(folder, as_json=as_json)
        return
    language = chosen(lang)
    try:
        access = find_access(config, folder, unit)
        batch, timeline = asyncio.run(_fetch(access.collector_url, access.tokens, batch_id))
    except AccessUnknown as unknown:
        leave([str(unknown)], Exit.USAGE)
    except CLIENT_FAULTS as fault:
        leave(told(fault, language), fault.exit_code)
    if as_json:
        typer.echo(batch.model_dump_json(indent=1))
        return
    console = open_screen()
    for line in (*describe(batch, language), "", *timeline_lines(timeline, language)):
        console.print(line, soft_wrap=True)


async def _fetch(url: str, tokens: Any, batch_id: str) -> tuple[BatchView, list[TimelineEntry]]:
    async with Client(url, tokens) as client:
        desk = UnitDesk(client)
        return await desk.batch(batch_id), await desk.timeline(batch_id)


def describe(batch: BatchView, lang: Lang) -> list[str]:
    """A batch for a person, as rich markup."""
    counts = batch.counts
    lines = [
        f"[bold]{say(lang, batch.state_zh, batch.state)}[/] · {batch.unit_code} {batch.category} "
        f"{batch.category_zh if lang is Lang.ZH else ''} · {escape(batch.resolution_number)}",
        say(lang, f"批次 {batch.batch_id},第 {batch.round} 轮第 {batch.attempt} 次上传",
            f"batch {batch.batch_id}, round {batch.round}, upload {batch.attempt}"),
        say(lang, f"受理号 {batch.acceptance_number}", f"acceptance number {batch.acceptance_number}"),
        say(
            lang,
            f"本次文件 {counts.records} 条:错误 {counts.errors},核实 {counts.warnings},提示 {counts.notes}",
            f"present file: {counts.records} records, {counts.errors} errors, {counts.warnings} to check, "
            f"{counts.notes} notes",
        ),
        say(
            lang,
            f"累计:通过 {counts.approved},退回 {counts.returned},已备案 {counts.filed},待更正 {counts.owed}",
            f"so far: {counts.approved} approved, {counts.returned} returned, {counts.filed} filed, "
            f"{counts.owed} owed",
        ),
    ]  # fmt: skip
    lines += [
        say(
            lang,
            f"备案号 {each.filing_number}(第 {each.round} 轮,{each.filed_count} 条)",
            f"filing {each.filing_number} (round {each.round}, {each.filed_count} records)",
        )
        for each in batch.filings
    ]
    if batch.next is not None:
        what = say(lang, batch.next.what_zh, batch.next.what_en)
        lines.append(say(lang, "下一步:", "next: ") + what + _until(batch.next.due, lang))
    return lines


def _until(due: Due | None, lang: Lang) -> str:
    if due is None:
        return ""
    if due.days_left < 0:
        text = say(lang, f"已逾期 {-due.days_left} 天", f"overdue by {-due.days_left} days")
        return f" [red]({text},{due.deadline})[/]"
    return say(
        lang,
        f"(至 {due.last_day},还有 {due.days_left} 天,第{due.article}条)",
        f" (until {due.last_day}, {due.days_left} days left, Article {due.article})",
    )


def timeline_lines(timeline: list[TimelineEntry], lang: Lang) -> list[str]:
    """What happened, a line each, as rich markup."""
    return [_timeline_line(each, lang) for each in timeline]


def _timeline_line(entry: TimelineEntry, lang: Lang) -> str:
    when = entry.at.astimezone().strftime("%m-%d %H:%M:%S")
    round_ = f"R{entry.round}" if entry.round else "  "
    shown = {name: value for name, value in entry.facts.items() if value is not None and name not in _DIGESTS}
    facts = ", ".join(f"{name} {value}" for name, value in shown.items())
    reason = f" [{entry.reason_code}]" if entry.reason_code else ""
    text = say(lang, entry.what_zh, entry.what_en)
    return f"[dim]{when} {round_}[/] {text}{escape(reason)} [dim]{entry.office} {escape(facts)}[/]"


_DIGESTS = frozenset({"original", "size_bytes"})
