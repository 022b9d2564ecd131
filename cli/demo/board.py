"""The board (进度): a live table of the stories where there is a terminal, a line per event where there is none."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table

from cli.demo.story import Story
from cli.words import Lang, say

_MARKS = {"done": "[green]✓[/]", "failed": "[red]✗[/]", "waiting": "[dim]…[/]"}


class Board:
    """Shows how far each story is."""

    def __init__(self, console: Console, lang: Lang) -> None:
        """Shows nothing yet."""
        self._console = console
        self._lang = lang
        self._stories: Sequence[Story] = ()
        self._live: Live | None = None
        self._spinner = Spinner("dots", style="cyan")
        self._began_at = time.monotonic()

    def __enter__(self) -> Self:
        """Begins to show."""
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._table, console=self._console, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Leaves the last picture standing."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def show(self, stories: Sequence[Story]) -> None:
        """These are the stories."""
        self._stories = stories

    def news(self, story: Story) -> None:
        """Something happened in a story."""
        if self._live is not None or not (story.told or story.failure):
            return
        if story.state == "failed":
            self._line(story, f"[red]✗ {escape(story.failure)}[/]")
        elif story.state == "done":
            self._line(story, f"[green]✓ {say(self._lang, '完', 'as told')}[/]")
        elif story.state == "playing" and story.told:
            self._line(story, escape(story.told[-1].text))

    def _line(self, story: Story, text: str) -> None:
        seconds = time.monotonic() - self._began_at
        self._console.print(
            f"[dim]{seconds:5.1f} s[/]  ({story.letter}) {escape(story.unit_name)} · {text}", soft_wrap=True
        )

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False, expand=True)
        for width, wrap in ((1, True), (3, True), (None, True), (None, True), (None, False)):
            table.add_column(width=width, no_wrap=wrap, ratio=1 if not wrap else None, overflow="ellipsis")
        for story in self._stories:
            last = story.told[-1] if story.told else None
            text = f"[red]{escape(story.failure)}[/]" if story.failure else escape(last.text if last else "")
            mark = self._spinner if story.state == "playing" else _MARKS.get(story.state, "")
            table.add_row(
                mark, f"({story.letter})", escape(story.unit_name), f"[bold]{escape(story.title)}[/]", text
            )
        seconds = time.monotonic() - self._began_at
        table.add_row("", "", f"[dim]{seconds:.0f} s[/]", "", "")
        return table
