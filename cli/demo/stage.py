"""The stage (演示环境): the stack, the cast, the sample files, and the acts that every story is made of."""

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from cli.demo.cast import Cast
from cli.demo.story import Played, Story, StoryFailed
from cli.desks import ResolutionFacts
from cli.material import BatchMaterial, Material
from cli.problems import ServiceProblem
from cli.pushing import push_correction, push_material
from cli.sample.layouts import written
from cli.sample.submission import Submission, make_submission
from cli.stack import Stack
from cli.views import BatchView, ReviewView
from contracts.standard.layouts import Layout
from contracts.standard.tables import province_of
from contracts.vocabulary import RecordCategory, Role

_SEED = 20_260_604
_NOT_FOUND = 404
_LOOKS_MAX = 8
_NOTICE_LOOKS_MAX, _LOOK_AGAIN_SECONDS = 120, 0.4


@dataclass(frozen=True, slots=True)
class Stage:
    """Where stories are played. ``awarded_on``: a few days ago, so that every limit still runs."""

    stack: Stack
    cast: Cast
    files: Path
    awarded_on: date

    async def sample(
        self, unit_code: str, category: str, count: int, *, serial: int = 1, **options: Any
    ) -> Submission:
        """Made-up records of a unit with their resolution and list of names, as files."""
        return await asyncio.to_thread(
            make_submission,
            self.files / unit_code / f"{category}-{serial}",
            unit_code,
            category,
            count,
            seed=_SEED,
            award_on=self.awarded_on,
            first_serial=serial,
            **options,
        )

    async def write(self, sample: Submission, records: pl.DataFrame, name: str, **options: Any) -> Path:
        """Records of a submission as another file beside the first."""
        content = await asyncio.to_thread(written, records, sample.category, **options)
        path = sample.records_path.with_stem(f"{sample.records_path.stem}-{name}")
        await asyncio.to_thread(path.write_bytes, content)
        return path

    async def push(
        self, story: Story, sample: Submission, *, layout: Layout | None = None, roster: bool = True
    ) -> BatchView:
        """The unit's system pushes a submission, as `xuewei push` does; answers the batch when it is checked."""
        facts = ResolutionFacts(
            sample.resolution_number, sample.effective_on, sample.levels, sample.headcount
        )
        batch = BatchMaterial(sample.records_path, sample.category, layout)
        material = Material(
            facts.number, facts, sample.scan_path, sample.roster_path if roster else None, (batch,)
        )
        desk = self.cast.machine(sample.unit_code)
        [pushed] = await push_material(desk, material, lambda _: None)
        counts = pushed.batch.counts
        story.expect(not pushed.batch.unreadable, f"the file could not be read: {pushed.batch.unreadable}")
        story.tell(
            f"{sample.category} {counts.records} 条已上传,{pushed.batch.state_zh}",
            f"{sample.category}: {counts.records} records uploaded, {pushed.batch.state}",
        )
        return pushed.batch

    async def correct(self, story: Story, batch: BatchView, records: Path) -> BatchView:
        """The unit's system pushes a corrected file for a batch; it must be without errors now."""
        desk = self.cast.machine(batch.unit_code)
        pushed = await push_correction(desk, batch.batch_id, records, lambda _: None)
        counts = pushed.batch.counts
        story.expect(
            pushed.batch.state == "collected", f"the correction has errors: {pushed.findings[:300]!r}"
        )
        story.tell(
            f"更正 {counts.records} 条已上传(第 {pushed.batch.round} 轮)",
            f"correction of {counts.records} records uploaded (round {pushed.batch.round})",
        )
        return pushed.batch

    async def check_and_submit(self, story: Story, batch: BatchView) -> BatchView:
        """A second person checks, a third submits."""
        story.expect(batch.state == "collected", f"not collected but {batch.state}: {batch.counts}")
        await self.cast.unit(batch.unit_code, Role.CHECKER).check(batch.batch_id)
        submitted = await self.cast.unit(batch.unit_code, Role.SUBMITTER).submit(batch.batch_id)
        story.tell(
            f"另一人校核,第三人上报 {province_of(batch.unit_code)}",
            f"checked by a second, submitted by a third person to province {province_of(batch.unit_code)}",
        )
        return submitted

    async def arrived(self, batch: BatchView) -> ReviewView:
        """The province's review of the present round, when the round has arrived there."""
        desk = self.cast.province(_province(batch), Role.REVIEWER)
        for _ in range(_LOOKS_MAX):
            try:
                return await desk.review(batch.batch_id, batch.round)
            except ServiceProblem as problem:
                if problem.status != _NOT_FOUND:
                    raise
        raise TimeoutError(f"round {batch.round} of {batch.batch_id} did not arrive at its province")

    async def review(
        self, story: Story, batch: BatchView, returned: list[dict[str, str]] | None = None
    ) -> ReviewView:
        """A reviewer decides on every record, an approver signs."""
        await self.arrived(batch)
        reviewer = self.cast.province(_province(batch), Role.REVIEWER)
        await reviewer.assess(batch.batch_id, batch.round, returned or [])
        signed = await self.cast.province(_province(batch), Role.APPROVER).sign(batch.batch_id, batch.round)
        approved, back = signed.counts["approved"], signed.counts["returned"]
        story.tell(
            f"省级审核:通过 {approved} 条" + (f",退回 {back} 条" if back else "") + ",另一人签发",
            f"reviewed: {approved} approved"
            + (f", {back} returned" if back else "")
            + ", signed by another person",
        )
        return signed

    async def until(self, batch: BatchView, *states: str) -> BatchView:
        """The batch when it is in one of these states."""
        desk = self.cast.unit(batch.unit_code, Role.COLLECTOR)
        for _ in range(_LOOKS_MAX * 4):
            batch = await desk.batch(batch.batch_id)
            if batch.state in states:
                return batch
            await desk.batch(batch.batch_id, seen=batch.version)
        raise TimeoutError(f"batch {batch.batch_id} is {batch.state}, not {' or '.join(states)}")

    async def filed(self, story: Story, batch: BatchView, *, form: str) -> Played:
        """Waits until all is filed and fetches the receipts."""
        batch = await self.until(batch, "filed")
        desk = self.cast.unit(batch.unit_code, Role.COLLECTOR)
        receipts = {each.round: await desk.receipt(batch.batch_id, each.round) for each in batch.filings}
        played = Played(story.letter, batch.unit_code, RecordCategory(batch.category), form, batch, receipts)
        story.played.append(played)
        numbers = ", ".join(each.filing_number for each in batch.filings)
        story.tell(
            f"已备案 {batch.counts.filed} 条:{numbers}", f"{batch.counts.filed} records filed: {numbers}"
        )
        return played

    async def told(self, office: str, deadline: str, step: str) -> None:
        """Waits until an office has this notice by e-mail; StoryFailed when it does not come."""
        desk = self.cast.notices(office)
        for _ in range(_NOTICE_LOOKS_MAX):
            notices = await desk.inbox()
            if any(
                (each["deadline"], each["step"], each["email_state"]) == (deadline, step, "sent")
                for each in notices
            ):
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        raise StoryFailed(f"{office} was not told that {deadline} is {step}")

    async def all_the_way(self, story: Story, batch: BatchView, *, form: str) -> Played:
        """From collected to filed, all approved."""
        await self.check_and_submit(story, batch)
        await self.review(story, batch)
        return await self.filed(story, batch, form=form)


def _province(batch: BatchView) -> str:
    code = province_of(batch.unit_code)
    assert code is not None
    return code
