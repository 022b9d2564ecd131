"""Playing the stories (演示流程): all at once, then the one that needs time to pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from cli.demo import overdue, returns, stories
from cli.demo.cast import NATIONAL_CENTRE, Cast
from cli.demo.overdue import Undone
from cli.demo.stage import Stage
from cli.demo.story import Story, StoryFailed
from cli.problems import CLIENT_FAULTS, told
from cli.words import Lang

Act = Callable[[Stage, Story], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Script:
    """A story before it is played."""

    letter: str
    title_zh: str
    title_en: str
    unit_code: str
    act: Act | None = None


SCRIPTS = (
    Script("a", "清洁批次", "clean", "10284", stories.clean),
    Script("b", "上报前更正", "findings corrected", "10001", stories.corrected_before_submission),
    Script("c", "省级部分退回", "partly returned", "10335", returns.partly_returned),
    Script("d", "形式审查退回", "format check returns", "10286", returns.returned_by_format_check),
    Script("e", "逾期与催办", "overdue and chased", "10288"),
    Script("f", "重复上传", "uploaded twice", "10003", stories.uploaded_twice),
    Script("g", "特殊姓名", "unusual names", "10337", stories.unusual_names),
    Script("h", "军队院校", "military", "91901", stories.military),
)
"""What is played; the story of lateness has two acts, with the clock moved in between."""

_FAILURES = (StoryFailed, TimeoutError, AssertionError, LookupError, ValueError)


def cast_stories(cast: Cast, lang: Lang, on_news: Callable[[Story], None]) -> list[Story]:
    """The stories, ready to be played."""
    began_at = time.monotonic()
    return [
        Story(
            each.letter,
            each.title_zh,
            each.title_en,
            each.unit_code,
            cast.name_of(f"unit:{each.unit_code}"),
            lang,
            on_news,
            began_at,
        )
        for each in SCRIPTS
    ]


async def play(stage: Stage, told_stories: Sequence[Story]) -> None:
    """Plays everything; a story that fails says so and does not stop the others."""
    by_letter = {story.letter: story for story in told_stories}
    await set_contacts(stage.cast)
    late, undone = by_letter["e"], list[Undone]()

    async def leave_undone(stage: Stage, story: Story) -> None:
        undone.append(await overdue.leave_undone(stage, story))

    acts = [play_one(stage, by_letter[each.letter], each.act) for each in SCRIPTS if each.act is not None]
    await asyncio.gather(*acts, play_one(stage, late, leave_undone, ends=False))
    if undone:
        await play_one(stage, late, lambda stage, story: overdue.be_chased(stage, story, undone[0]))


async def set_contacts(cast: Cast) -> None:
    """Every office says where it wants its notices (the mail catcher keeps them all)."""
    offices = [office for office in cast.offices() if office != NATIONAL_CENTRE]
    addresses = {office: f"{office.replace(':', '.').replace('_', '-')}@mail.example" for office in offices}
    addresses[NATIONAL_CENTRE] = "centre@mail.example"
    await asyncio.gather(
        *(cast.notices(office).set_contact(address) for office, address in addresses.items())
    )


async def play_one(stage: Stage, story: Story, act: Act, *, ends: bool = True) -> None:
    """Plays one act of a story; what does not come out as told makes the story fail, not the demo."""
    if story.state == "failed":
        return
    story.become("playing")
    try:
        await act(stage, story)
    except CLIENT_FAULTS as fault:
        story.become("failed", "; ".join(told(fault, story.lang)))
    except _FAILURES as failure:
        story.become("failed", f"{type(failure).__name__}: {failure}")
    else:
        story.become("done" if ends else "waiting")
