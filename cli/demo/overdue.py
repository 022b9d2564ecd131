"""The story of lateness (逾期与催办): what nobody does in time is chased, step by step, and is still accepted or not."""

from dataclasses import dataclass
from datetime import timedelta

from cli.demo.cast import NATIONAL_OFFICE
from cli.demo.stage import Stage
from cli.demo.stories import refusal_of
from cli.demo.story import Story
from cli.desks import ResolutionFacts
from cli.sample.submission import Submission
from cli.views import BatchView
from contracts.vocabulary import Role

LATE = timedelta(days=31)
_SILENT_UNIT, _LATE_UNIT = "10336", "10288"


@dataclass(frozen=True, slots=True)
class Undone:
    """What is left undone: a resolution whose records never came, and a review nobody decides."""

    silent: Submission
    submitted: BatchView


async def leave_undone(stage: Stage, story: Story) -> Undone:
    """One unit registers a resolution and falls silent; one batch lies undecided at its province."""
    silent = await stage.sample(_SILENT_UNIT, "X1", 20)
    desk = stage.cast.machine(_SILENT_UNIT)
    facts = ResolutionFacts(silent.resolution_number, silent.effective_on, silent.levels, silent.headcount)
    await desk.register_resolution(facts, await desk.upload(silent.scan_path))
    story.tell("10336 登记决议后没有报送", "10336 registers a resolution and then sends nothing")
    batch = await stage.push(story, await stage.sample(_LATE_UNIT, "S2", 50))
    submitted = await stage.check_and_submit(story, batch)
    await stage.arrived(submitted)
    story.tell("江苏收到后无人审核", "it lies at province 32 and nobody reviews it")
    return Undone(silent, submitted)


async def be_chased(stage: Stage, story: Story, undone: Undone) -> None:
    """31 days pass: both are chased and reported upwards; the late review is decided, the late unit refused."""
    stage.stack.move_clock(LATE)
    story.tell("时钟拨快 31 天(开发设置)", "the clock is moved by 31 days (a development setting)")
    for office, (deadline, step) in _CHASED.items():
        await stage.told(office, deadline, step)
    story.tell(
        "催办:10336 与江苏已收到逾期通知,浙江与国务院学位办已收到督办",
        "chased: 10336 and province 32 are told overdue, province 33 and the national office to press for it",
    )
    review = await stage.arrived(undone.submitted)
    story.expect(review.colour == "over", f"the late review is shown {review.colour}")
    await stage.review(story, undone.submitted)
    await stage.filed(story, undone.submitted, form="CSV")
    await _too_late(stage, story, undone.silent)


async def _too_late(stage: Stage, story: Story, silent: Submission) -> None:
    batch = await stage.push(story, silent, roster=False)
    await stage.cast.unit(_SILENT_UNIT, Role.CHECKER).check(batch.batch_id)
    refusal = await refusal_of(stage.cast.unit(_SILENT_UNIT, Role.SUBMITTER).submit(batch.batch_id))
    story.expect(refusal == "window-closed", f"submitting after 31 days was answered {refusal}")
    story.tell(
        "10336 此时上报:拒绝,须按第十二条(六)申请补报",
        "10336 submits now: refused, late filing (Article 12(6)) must be applied for",
    )


_CHASED = {
    f"unit:{_SILENT_UNIT}": ("T01", "overdue"),
    "province:33": ("T01", "escalated"),
    "province:32": ("T03", "overdue"),
    NATIONAL_OFFICE: ("T03", "escalated"),
}
"""Whom 31 days of silence must reach, about which limit, at which step of the ladder."""
