"""What the demo ends with: batches and receipts, timelines, notices, one trace, where to look next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.demo.stage import Stage
from cli.demo.story import Played, Story
from cli.demo.trace_tree import draw, read_spans, services_of
from cli.receipt_keys import Keys
from cli.views import TimelineEntry
from cli.words import Lang, say
from contracts.deadlines import SHANGHAI
from contracts.receipts import VerifiedReceipt, verify_receipt
from contracts.vocabulary import RecordCategory, Role

_NARROW = 110
_NOTICES = frozenset({"notice_sent", "notice_failed"})
_SHORT_ZH = {
    "received": "接收",
    "unreadable": "无法读取",
    "findings": "有错误",
    "collected": "采集",
    "checked": "校核",
    "submitted": "上报",
    "reviewed": "审核",
    "format_checked": "形式审查",
    "filed": "备案",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in an office's inbox, and how its e-mail fared."""

    office: str
    at: datetime
    step: str
    deadline: str
    article: str
    about: str
    subject: str
    email: str
    notice_id: str


class Report:
    """Prints the demo's results and counts what is not as it should be."""

    def __init__(self, console: Console, stage: Stage, lang: Lang) -> None:
        """Nothing is wrong yet."""
        self._console = console
        self._stage = stage
        self._lang = lang
        self.faults: list[str] = []

    def batches(self, stories: Sequence[Story], keys: Keys, receipts: Path) -> None:
        """Every filed batch with its receipts, each verified offline and kept in a folder."""
        table = self._table(
            ("", ""), ("单位", "unit"), ("类别", "cat."), ("批次", "batch"), ("状态", "state"), ("轮次", "round"),
            ("条数", "records"), ("备案号", "filing"), ("回执核验", "receipt"), ("文件", "file"),
        )  # fmt: skip
        played = [each for story in stories for each in story.played]
        for each in sorted(played, key=lambda one: one.story):
            for filing in each.batch.filings:
                valid = self._verified(each, filing.round, filing.filed_count, keys, receipts)
                table.add_row(
                    each.story,
                    each.unit_code,
                    each.category,
                    each.batch.batch_id[:8],
                    say(self._lang, each.batch.state_zh, each.batch.state),
                    str(filing.round),
                    str(filing.filed_count),
                    filing.filing_number,
                    say(self._lang, "[green]有效[/]", "[green]valid[/]") if valid else "[red]✗[/]",
                    self._last(each.file_form),
                )
        self._section("批次与回执(回执已离线核验)", "Batches and receipts (verified offline)")
        self._console.print(table)
        absent = [str(each) for each in RecordCategory if each not in {one.category for one in played}]
        if absent:
            self.faults.append(f"no batch of category {', '.join(absent)}")

    def _verified(self, played: Played, round_: int, count: int, keys: Keys, folder: Path) -> bool:
        data = played.receipts.get(round_, b"")
        number = next(each.filing_number for each in played.batch.filings if each.round == round_)
        (folder / f"{number}.json").write_bytes(data)
        outcome = verify_receipt(data, keys)
        said = outcome.receipt if isinstance(outcome, VerifiedReceipt) else {}
        good = (said.get("batch_id"), said.get("round"), said.get("filed_count")) == (
            played.batch.batch_id,
            round_,
            count,
        )
        if not good:
            self.faults.append(f"the receipt of batch {played.batch.batch_id}, round {round_} does not hold")
        return good

    async def timelines(self, stories: Sequence[Story]) -> None:
        """What happened to each batch, on one line each, with the seconds since it was received."""
        self._section("时间线(自接收起的秒数)", "Timelines (seconds since the file was received)")
        for story in stories:
            for each in story.played:
                desk = self._stage.cast.unit(each.unit_code, Role.COLLECTOR)
                entries = await desk.timeline(each.batch.batch_id)
                head = f"[bold]{each.batch.batch_id[:8]}[/] {each.unit_code} {each.category}"
                self._console.print(f"{head}  {_compact(entries, self._lang)}")
                kinds = Counter(entry.what for entry in entries)
                if not {"received", "collected", "checked", "submitted", "reviewed", "filed"} <= set(kinds):
                    self.faults.append(f"the timeline of {each.batch.batch_id} has gaps: {sorted(kinds)}")

    async def notices(self) -> None:
        """Whom the notifier told what, when, and whether the e-mail arrived; compared with the mail catcher."""
        told = [each for office in self._stage.cast.offices() for each in await self._inbox(office)]
        table = self._table(
            ("时间", "when"), ("收件机构", "to"), ("阶段", "step"), ("期限", "limit"), ("邮件", "e-mail"), ("主题", "subject"),
        )  # fmt: skip
        for each in sorted(told, key=lambda one: (one.at, one.office)):
            colour = {"escalated": "red", "overdue": "red", "returned": "yellow"}.get(each.step, "default")
            table.add_row(
                each.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M"),
                each.office,
                f"[{colour}]{each.step}[/]",
                f"{each.deadline} §{each.article}",
                each.email,
                self._last(each.subject),
            )
        mails = self._stage.stack.mailbox.messages()
        self._section(
            f"通知({len(told)} 条,邮箱收到 {len(mails)} 封)",
            f"Notices ({len(told)}; {len(mails)} e-mails caught)",
        )
        self._console.print(table)
        self._compare(told, [str(mail["Message-ID"]) for mail in mails])

    async def _inbox(self, office: str) -> list[Told]:
        return [
            Told(
                office,
                datetime.fromisoformat(each["told_at"]),
                each["step"],
                each["deadline"],
                str(each["article"]),
                each["about"],
                each["subject"],
                str(each["email_state"]),
                each["notice_id"],
            )
            for each in await self._stage.cast.notices(office).inbox()
        ]

    def _compare(self, told: Sequence[Told], mail_ids: Sequence[str]) -> None:
        """Every notice that says `sent` arrived once, and no other mail did."""
        twice = [mail for mail, count in Counter(mail_ids).items() if count > 1]
        sent = sum(each.email == "sent" for each in told)
        if twice or sent != len(mail_ids):
            self.faults.append(f"{sent} e-mails are called sent, {len(mail_ids)} arrived, {len(twice)} twice")
        if not told:
            self.faults.append("nobody was told anything")

    def trace(self, played: Played) -> None:
        """The trace of one batch from the first request to the receipt."""
        spans = read_spans(self._stage.stack.folder.traces, played.batch.acceptance_number)
        self._section("一个批次的链路(受理号)", "The trace of one batch (acceptance number 受理号)")
        title = (
            f"[bold]{played.batch.acceptance_number}[/] {played.unit_code} {played.category} · xuewei push"
        )
        self._console.print(draw(spans, title))
        if len(services_of(spans)) < 4:
            self.faults.append(f"the trace shows {services_of(spans)} only")

    def _section(self, zh: str, en: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{say(self._lang, zh, en)}[/]", align="left", style="dim")

    def _last(self, text: str) -> Text:
        """The last cell of a row: cut off, not folded, where the terminal is narrow."""
        return Text(text, no_wrap=self._console.width < _NARROW, overflow="ellipsis")

    def _table(self, *columns: tuple[str, str]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold dim")
        for zh, en in columns:
            right = en in {"round", "records"}
            last = en in {"subject", "file"}
            table.add_column(
                say(self._lang, zh, en),
                justify="right" if right else "left",
                no_wrap=not last,
                overflow="fold",
            )
        return table


def _compact(entries: Sequence[TimelineEntry], lang: Lang) -> str:
    """Each event once with its time, notices counted."""
    own = [each for each in entries if each.what not in _NOTICES]
    began_at = own[0].at
    parts = [
        f"{say(lang, _SHORT_ZH.get(each.what, each.what_zh), each.what.replace('_', ' '))} "
        f"[dim]{_since((each.at - began_at).total_seconds())}[/]"
        for each in own
    ]
    told = len(entries) - len(own)
    if told:
        parts.append(say(lang, f"通知 {told} 次", f"{told} notices"))
    return " → ".join(parts)


def _since(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds < 3600 else f"+{seconds / 86_400:.0f}d"


def told_facts(played: Sequence[Played]) -> dict[str, Any]:
    """Counts for the last line."""
    return {"batches": len(played), "records": sum(each.batch.counts.filed for each in played)}
