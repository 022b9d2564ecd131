"""A story (演示情节): what is told while it is played, and what must have come true at its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cli.views import BatchView
from cli.words import Lang, say
from contracts.vocabulary import RecordCategory


class StoryFailed(Exception):
    """Something did not come out as the story tells; the text says what."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One line of a story, and when it was told (seconds since the demo began)."""

    at_seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Played:
    """A batch that was filed in a story, with its receipts by round, byte for byte."""

    story: str
    unit_code: str
    category: RecordCategory
    file_form: str
    batch: BatchView
    receipts: dict[int, bytes]


@dataclass
class Story:
    """One story: its letter, whose it is, and how far it has come."""

    letter: str
    title_zh: str
    title_en: str
    unit_code: str
    unit_name: str
    lang: Lang
    on_news: Callable[["Story"], None]
    began_at: float
    told: list[Telling] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    state: str = "waiting"
    failure: str = ""

    @property
    def title(self) -> str:
        """Its title in the demo's language."""
        return say(self.lang, self.title_zh, self.title_en)

    def tell(self, zh: str, en: str) -> None:
        """Something happened in it."""
        self.told.append(Telling(time.monotonic() - self.began_at, say(self.lang, zh, en)))
        self.on_news(self)

    def expect(self, is_so: object, what: str) -> None:
        """The story goes on only if this is so: the demo checks what it shows."""
        if not is_so:
            raise StoryFailed(what)

    def become(self, state: str, failure: str = "") -> None:
        """It is `waiting`, `playing`, `done` or `failed` now."""
        self.state, self.failure = state, failure
        self.on_news(self)
