"""How a push looks: a live line where there is a terminal, plain lines where there is none."""

from types import TracebackType
from typing import Self, assert_never

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from cli.client import Retry
from cli.findings import read_findings, show_findings
from cli.pushing import Checked, Moved, Received, Registered, Step, Uploading
from cli.screen import open_screen
from cli.views import BatchView
from cli.words import Lang, say


class PushScreen:
    """Tells each step of a push as it happens."""

    def __init__(self, lang: Lang, console: Console | None = None) -> None:
        """Colour where the terminal has it; NO_COLOR is honoured."""
        self._lang = lang
        self._console = console or open_screen()
        self._live: Status | None = None

    def __enter__(self) -> Self:
        """Begins the live line."""
        if self._console.is_terminal:
            self._live = self._console.status("…")
            self._live.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Ends the live line."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def retry(self, retry: Retry) -> None:
        """A try failed and will be repeated."""
        text = say(
            self._lang,
            f"{retry.address}:{retry.reason};{retry.pause_seconds:.1f} 秒后重试",
            f"{retry.address}: {retry.reason}; trying again in {retry.pause_seconds:.1f} s",
        )
        self._line(f"[yellow]…[/] {escape(text)}")

    def tell(self, step: Step) -> None:
        """Shows one step."""
        match step:
            case Uploading(path, size_bytes):
                size = f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:.1f} kB"
                self._news(say(self._lang, f"上传 {path.name}({size})", f"uploading {path.name} ({size})"))
            case Registered(resolution):
                days = resolution.due.days_left
                zh = f"决议 {resolution.number} 已登记,报送期限 {resolution.due.last_day}(还有 {days} 天)"
                en = f"resolution {resolution.number} registered; due {resolution.due.last_day} ({days} days left)"
                self._line(f"[green]✓[/] {escape(say(self._lang, zh, en))}")
            case Received(path, batch, again):
                self._received(path.name, batch, again=again)
            case Moved(_, batch):
                stage = say(self._lang, batch.progress.stage_zh, batch.progress.stage)
                rows = f" {batch.progress.rows}" if batch.progress.rows else ""
                self._news(f"{say(self._lang, batch.state_zh, batch.state)} · {stage}{rows}")
            case Checked(path, batch, findings):
                self._checked(path.name, batch, findings)
            case _:
                assert_never(step)

    def _received(self, name: str, batch: BatchView, *, again: bool) -> None:
        zh = "此前已接收(未重复报送)" if again else "已接收"
        en = "was received before (nothing is doubled)" if again else "received"
        text = say(
            self._lang,
            f"{name}:批次 {batch.batch_id} {zh},受理号 {batch.acceptance_number}",
            f"{name}: batch {batch.batch_id} {en}, acceptance number {batch.acceptance_number}",
        )
        self._line(f"[green]✓[/] {escape(text)}")

    def _checked(self, name: str, batch: BatchView, findings: bytes) -> None:
        counts = batch.counts
        state = say(self._lang, batch.state_zh, batch.state)
        if batch.unreadable:
            text = say(self._lang, str(batch.unreadable.get("text_zh")), str(batch.unreadable.get("text_en")))
            fix = say(self._lang, str(batch.unreadable.get("fix_zh")), str(batch.unreadable.get("fix")))
            self._line(f"[red]✗[/] {escape(f'{name}: {text} → {fix}')}")
        else:
            mark = "[red]✗[/]" if batch.state == "draft" else "[green]✓[/]"
            zh = (
                f"{state}:{counts.records} 条,错误 {counts.errors},核实 {counts.warnings},提示 {counts.notes}"
            )
            en = (
                f"{state}: {counts.records} records, {counts.errors} errors, "
                f"{counts.warnings} to check, {counts.notes} notes"
            )
            self._line(f"{mark} {escape(name)}: {say(self._lang, zh, en)}")
            if findings:
                show_findings(self._console, read_findings(findings), self._lang)
        self._next(name, batch)

    def _next(self, name: str, batch: BatchView) -> None:
        if batch.next is None:
            return
        due = batch.next.due
        until = "" if due is None else say(self._lang, f",至 {due.last_day}", f", until {due.last_day}")
        text = say(self._lang, f"下一步:{batch.next.what_zh}{until}", f"next: {batch.next.what_en}{until}")
        self._line(f"  [dim]{escape(text)}[/]")
        if batch.state == "draft":
            self._line(f"  [dim]xuewei push {escape(name)} --batch {batch.batch_id}[/]")

    def _line(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _news(self, text: str) -> None:
        if self._live is not None:
            self._live.update(escape(text))
        else:
            self._console.print(f"… {escape(text)}", soft_wrap=True)
