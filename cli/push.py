"""`xuewei push`: what a university runs to report a resolution's degree records (报送学位授予信息)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.access import Access, AccessUnknown, BatchOption, ConfigOption, FolderOption, UnitOption, find_access
from cli.client import Client, Patience
from cli.desks import UnitDesk
from cli.exits import Exit, UnitApp, leave
from cli.findings import as_table
from cli.material import (
    Material,
    MaterialIncomplete,
    MaterialUnreadable,
    Wishes,
    gather,
    levels_of,
)
from cli.problems import CLIENT_FAULTS, told
from cli.push_screen import PushScreen
from cli.pushing import Pushed, push_correction, push_material
from cli.stack.layout import DEFAULT_FOLDER
from cli.words import LangOption, chosen
from contracts.vocabulary import RecordCategory

push = UnitApp()


@push.command()
def push_command(
    paths: Annotated[
        list[Path], typer.Argument(metavar="DIR|FILE…", help="record files, or their folder 文件")
    ],
    resolution: Annotated[Path | None, typer.Option(help="scan of the resolution, PDF 决议扫描件")] = None,
    number: Annotated[str | None, typer.Option(help="number of the resolution 决议文号")] = None,
    effective_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day it takes effect 生效日期")
    ] = None,
    headcount: Annotated[int | None, typer.Option(min=1, help="how many it awards 决议人数")] = None,
    levels: Annotated[str | None, typer.Option(help="2 doctor, 3 master, 4 bachelor: 2,3 学位层次")] = None,
    category: Annotated[
        RecordCategory | None, typer.Option(help="record category; else by the file's name 采集类别")
    ] = None,
    roster: Annotated[Path | None, typer.Option(help="list of names of the resolution 决议名单")] = None,
    batch: BatchOption = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="do not wait for the check 不等待校验")] = False,
    findings_out: Annotated[
        Path | None, typer.Option(help="all findings as .csv or .jsonl 校验发现保存到")
    ] = None,
    patience_seconds: Annotated[
        float, typer.Option(min=0, help="how long to go on trying when a service is away 重试时限")
    ] = 60.0,
    config: ConfigOption = None,
    folder: FolderOption = DEFAULT_FOLDER,
    unit: UnitOption = None,
    lang: LangOption = None,
) -> None:
    """Push a resolution and its degree records 报送决议与学位授予信息; again is harmless.

    Exit codes: 0 accepted, 1 findings to mend, 2 cannot read, 3 not allowed, 4 service unreachable, 64 usage.
    A folder may hold resolution.toml with the resolution's data. Credentials: XUEWEI_CLIENT_ID,
    XUEWEI_CLIENT_SECRET, XUEWEI_OIDC_ISSUER, XUEWEI_COLLECTOR_URL, or --config FILE.
    """
    language = chosen(lang)
    screen = PushScreen(language)
    try:
        access = find_access(config, folder, unit)
        day = effective_on.date() if effective_on else None
        said_levels = levels_of(levels.split(",")) if levels else ()
        wishes = Wishes(number, day, headcount, said_levels, resolution, roster, category)
        wanted = _correction(batch, paths) if batch else gather(paths, wishes)
        patience = Patience(seconds=patience_seconds)
        with screen:
            pushed = asyncio.run(_run(access, screen, patience, wanted, wait=not no_wait))
    except (MaterialIncomplete, AccessUnknown) as missing:
        leave([str(missing)], Exit.USAGE)
    except MaterialUnreadable as unreadable:
        leave([str(unreadable)], Exit.CANNOT_READ)
    except CLIENT_FAULTS as fault:
        leave(told(fault, language), fault.exit_code)
    if findings_out is not None:
        _save_findings(findings_out, pushed)
    raise SystemExit(max(each.exit_code for each in pushed))


@dataclass(frozen=True, slots=True)
class Correction:
    """A file that takes the place of a draft's, or corrects what was returned."""

    batch_id: str
    records: Path


def _correction(batch_id: str, paths: Sequence[Path]) -> Correction:
    if len(paths) != 1 or paths[0].is_dir():
        raise MaterialIncomplete("--batch goes with exactly one file")
    if not paths[0].exists():
        raise MaterialUnreadable(f"{paths[0]}: there is no such file")
    return Correction(batch_id, paths[0])


async def _run(
    access: Access, screen: PushScreen, patience: Patience, wanted: Material | Correction, *, wait: bool
) -> list[Pushed]:
    async with Client(
        access.collector_url, access.tokens, patience=patience, on_retry=screen.retry
    ) as client:
        desk = UnitDesk(client)
        match wanted:
            case Material():
                return await push_material(desk, wanted, screen.tell, wait=wait)
            case Correction(batch_id, records):
                return [await push_correction(desk, batch_id, records, screen.tell, wait=wait)]


def _save_findings(path: Path, pushed: Sequence[Pushed]) -> None:
    """All findings in one file, as a table for a spreadsheet or as JSON Lines."""
    lines = b"".join(each.findings for each in pushed)
    try:
        path.write_bytes(as_table(lines) if path.suffix.lower() == ".csv" else lines)
    except OSError as refused:
        leave([f"{path}: {refused.strerror}"], Exit.CANNOT_READ)
