"""Findings (校验发现) at the terminal: `xuewei findings BATCH`, their summary, their table."""

import asyncio
import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.access import AccessUnknown, BatchArgument, ConfigOption, FolderOption, UnitOption, find_access
from cli.client import Client
from cli.desks import UnitDesk
from cli.exits import Exit, UnitApp, leave
from cli.problems import CLIENT_FAULTS, told
from cli.screen import open_screen
from cli.stack.layout import DEFAULT_FOLDER
from cli.words import Lang, LangOption, chosen, say

findings = UnitApp()
Finding = dict[str, Any]

_BOM = b"\xef\xbb\xbf"
_SEVERITIES = {
    "error": ("强制", "error", "red"),
    "warn": ("核实", "check", "yellow"),
    "note": ("提示", "note", "cyan"),
}


class FindingsForm(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


@findings.command()
def findings_command(
    batch_id: BatchArgument,
    form: Annotated[FindingsForm, typer.Option("--format", help="table, jsonl or csv")] = FindingsForm.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="a file instead 保存到")] = None,
    config: ConfigOption = None,
    folder: FolderOption = DEFAULT_FOLDER,
    unit: UnitOption = None,
    lang: LangOption = None,
) -> None:
    """Show every finding of a batch's present file 查看校验发现.

    Exit codes: 0 no errors, 1 errors to mend, 3 not allowed or unknown, 4 unreachable, 64 usage.
    """
    language = chosen(lang)
    try:
        access = find_access(config, folder, unit)
        content, lines = asyncio.run(_fetch(access.collector_url, access.tokens, batch_id, form))
    except AccessUnknown as unknown:
        leave([str(unknown)], Exit.USAGE)
    except CLIENT_FAULTS as fault:
        leave(told(fault, language), fault.exit_code)
    found = read_findings(lines)
    if output is not None:
        try:
            output.write_bytes(content)
        except OSError as refused:
            leave([f"{output}: {refused.strerror}"], Exit.CANNOT_READ)
    elif form is FindingsForm.TABLE:
        show_findings(open_screen(), found, language, limit=None)
    else:
        typer.echo(content, nl=False)
    has_errors = any(each["severity"] == "error" for each in found)
    raise SystemExit(Exit.FINDINGS if has_errors else Exit.ACCEPTED)


async def _fetch(url: str, tokens: Any, batch_id: str, form: FindingsForm) -> tuple[bytes, bytes]:
    async with Client(url, tokens) as client:
        desk = UnitDesk(client)
        lines = await desk.findings(batch_id)
        return (await desk.findings(batch_id, "csv") if form is FindingsForm.CSV else lines), lines


def read_findings(lines: bytes) -> list[Finding]:
    """Findings from JSON Lines."""
    return [json.loads(line) for line in lines.splitlines() if line.strip()]


def as_table(lines: bytes) -> bytes:
    """JSON Lines as CSV that a spreadsheet opens as text; no cell is run as a formula."""
    found = read_findings(lines)
    if not found:
        return b""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: _inert(value) for name, value in each.items()} for each in found)
    return _BOM + text.getvalue().encode()


def show_findings(console: Console, found: Sequence[Finding], lang: Lang, *, limit: int | None = 20) -> None:
    """The findings as a table, errors first; with a limit the rest is counted by rule."""
    if not found:
        console.print(say(lang, "没有校验发现", "no findings"))
        return
    order = list(_SEVERITIES)
    sorted_ = sorted(found, key=lambda each: (order.index(each["severity"]), each["row"] or 0))
    shown = sorted_ if limit is None else sorted_[:limit]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for zh, en in (
        ("行", "row"),
        ("程度", "level"),
        ("规则", "rule"),
        ("数据项", "field"),
        ("发现", "finding"),
    ):
        table.add_column(
            say(lang, zh, en), justify="right" if en == "row" else "left", no_wrap=en != "finding"
        )
    for each in shown:
        zh, en, colour = _SEVERITIES[each["severity"]]
        text = say(lang, each["message_zh"], each["message_en"])
        fix = say(lang, each["fix_zh"], each["fix_en"])
        table.add_row(
            str(each["row"] or "—"),
            f"[{colour}]{say(lang, zh, en)}[/]",
            each["rule"],
            each["field"] or "",
            f"{text} [dim]→ {fix}[/]" if fix else text,
        )
    console.print(table)
    if len(shown) < len(sorted_):
        rest = Counter(each["rule"] for each in sorted_[len(shown) :])
        listed = ", ".join(f"{rule} × {count}" for rule, count in rest.most_common())
        console.print(
            say(lang, f"另有 {rest.total()} 条:{listed}", f"and {rest.total()} more: {listed}"), style="dim"
        )


def _inert(value: object) -> object:
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) else value
