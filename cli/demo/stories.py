"""The stories in which nothing is returned: clean, corrected before submission, uploaded twice, unusual names."""

import asyncio
import json
from collections.abc import Awaitable

from cli.demo.stage import Stage
from cli.demo.story import Story
from cli.desks import ResolutionFacts, already_received
from cli.problems import ServiceProblem
from cli.sample.layouts import Encoding, Form, Headers
from cli.sample.submission import Submission
from contracts.standard.layouts import Layout
from contracts.vocabulary import Role


async def clean(stage: Stage, story: Story) -> None:
    """A clean bachelor batch in the older layout; and one person in two roles is still one person."""
    sample = await stage.sample("10284", "X1", 120, layout=Layout.BACHELOR_OLDER)
    batch = await stage.push(story, sample)
    story.expect(batch.state == "collected", f"a clean file is {batch.state}")
    both = stage.cast.jack_of_all_trades("10284")
    await both.check(batch.batch_id)
    refusal = await refusal_of(both.submit(batch.batch_id))
    story.expect(refusal == "same-person", f"checker = submitter was answered {refusal}")
    story.tell(
        "校核人兼任上报人:拒绝(同一自然人)",
        "the checker tries to submit as well: refused, same natural person",
    )
    submitted = await stage.cast.unit("10284", Role.SUBMITTER).submit(batch.batch_id)
    review = await stage.arrived(submitted)
    story.expect(
        review.comparison == {"missing": 0, "extra": 0, "different": 0}, f"comparison: {review.comparison}"
    )
    story.tell("已上报;名单比对:全部相符", "submitted; comparison with the list of names: all agree")
    await stage.review(story, submitted)
    await stage.filed(story, submitted, form="CSV, older layout")


async def corrected_before_submission(stage: Stage, story: Story) -> None:
    """A master batch with planted faults: every one is found where it was planted, and mended."""
    options = {"layout": Layout.NEWER_27, "form": Form.XLSX, "headers": Headers.NAMES}
    sample = await stage.sample("10001", "S1", 80, faults=8, **options)
    batch = await stage.push(story, sample)
    story.expect(batch.state == "draft", f"a file with faults is {batch.state}")
    found = await stage.cast.machine("10001").findings(batch.batch_id)
    errors = {
        (each["rule"], each["row"])
        for each in map(json.loads, found.splitlines())
        if each["severity"] == "error"
    }
    planted = set(sample.answers.select("rule", "row").iter_rows())
    story.expect(planted <= errors, f"planted but not found: {sorted(planted - errors)}")
    story.tell(
        f"植入 {len(planted)} 处错误,全部找到", f"{len(planted)} faults were planted, every one is found"
    )
    mended = await stage.write(sample, sample.records, "mended", **options)
    batch = await stage.correct(story, batch, mended)
    story.expect((batch.round, batch.attempt) == (1, 2), f"round {batch.round}, attempt {batch.attempt}")
    await stage.all_the_way(story, batch, form="XLSX, newer 27")


async def uploaded_twice(stage: Stage, story: Story) -> None:
    """A nervous client sends everything several times, also at once: one batch."""
    options = {"encoding": Encoding.GB18030, "headers": Headers.NAMES}
    sample = await stage.sample("10003", "X4", 40, **options)
    desk = stage.cast.machine("10003")
    records, *_ = await asyncio.gather(*(desk.upload(sample.records_path) for _ in range(3)))
    scan = await desk.upload(sample.scan_path)
    facts = ResolutionFacts(sample.resolution_number, sample.effective_on, sample.levels, sample.headcount)
    resolutions = await asyncio.gather(*(desk.register_resolution(facts, scan) for _ in range(2)))
    resolution = resolutions[0]
    story.expect(len({each.resolution_id for each in resolutions}) == 1, "one resolution became two")
    at_once = await asyncio.gather(
        *(desk.create_batch(resolution, sample.category, records) for _ in range(4))
    )
    ids = {each.batch_id for each in at_once}
    story.expect(len(ids) == 1, f"the same request became {len(ids)} batches")
    (batch_id,) = ids
    known = None
    try:
        await desk.create_batch(resolution, sample.category, records, key="another-key")
    except ServiceProblem as problem:
        known = already_received(problem)
    story.expect(known == batch_id, "the same file with another key was not recognised")
    ours = [each.batch_id for each in await desk.batches()]
    story.expect(ours == [batch_id], f"the unit has {len(ours)} batches")
    story.tell(
        "同时上传 4 次、换键再传 1 次:只有一个批次",
        "sent 4 times at once and again with another key: one batch",
    )
    batch = await stage.until(await desk.batch(batch_id), "collected", "draft")
    await stage.all_the_way(story, batch, form="CSV, GB 18030")


async def unusual_names(stage: Stage, story: Story) -> None:
    """International students, minority names with a dot, characters beyond Unicode's first plane."""
    students = await stage.sample("10337", "X3", 45, form=Form.XLSX)
    adults = await stage.sample("10337", "X2", 60, serial=1001)
    for sample, form in ((students, "XLSX"), (adults, "CSV")):
        batch = await stage.push(story, sample)
        await stage.check_and_submit(story, batch)
        review = await stage.arrived(batch)
        await _names_arrived(stage, story, sample, review.batch_id, "33")
        await stage.review(story, batch)
        await stage.filed(story, batch, form=form)


async def military(stage: Stage, story: Story) -> None:
    """A military unit: its province is the military office (Article 29)."""
    sample = await stage.sample("91901", "B2", 70, form=Form.XLSX, headers=Headers.NAMES)
    batch = await stage.push(story, sample)
    await stage.check_and_submit(story, batch)
    await stage.arrived(batch)
    await _names_arrived(stage, story, sample, batch.batch_id, "JD")
    await stage.review(story, batch)
    await stage.filed(story, batch, form="XLSX")


async def _names_arrived(
    stage: Stage, story: Story, sample: Submission, batch_id: str, province_code: str
) -> None:
    """The reviewer sees every name exactly as it was written."""
    records = await stage.cast.province(province_code, Role.REVIEWER).records(batch_id, 1)
    shown = [each["values"]["XM"] for each in records]
    story.expect(shown == sample.records["XM"].to_list(), "names changed on the way")
    dotted = sum("·" in name for name in shown)
    latin = sum(name.isascii() for name in shown)
    rare = sum(any(ord(sign) > 0xFFFF for sign in name) for name in shown)
    example = next(
        (name for name in shown if "·" in name or any(ord(sign) > 0xFFFF for sign in name)), shown[0]
    )
    story.tell(
        f"{len(shown)} 个姓名原样到达(外文 {latin},间隔号 {dotted},生僻字 {rare}):{example}",
        f"{len(shown)} names arrived as written ({latin} foreign, {dotted} dotted, {rare} rare): {example}",
    )


async def refusal_of(act: Awaitable[object]) -> str:
    """The reason code an act is refused with; empty when it is allowed."""
    try:
        await act
    except ServiceProblem as problem:
        return problem.code
    return ""
