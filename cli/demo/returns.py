"""The stories in which records come back (退回): from the province, and from the format check of the centre."""

from dataclasses import replace

import polars as pl

from cli.demo.stage import Stage
from cli.demo.story import Story
from cli.sample.layouts import Encoding, Form, Headers
from contracts.vocabulary import Role

_FIRST_ROW = 2
_CERTIFICATE = "XWZSBH"


async def partly_returned(stage: Stage, story: Story) -> None:
    """Two names changed places: the list of names shows it, the province returns two, filed in round two."""
    options = {"encoding": Encoding.GB18030, "headers": Headers.NAMES}
    sample = await stage.sample("10335", "S3", 60, **options)
    slipped = await stage.write(sample, _with_two_names_exchanged(sample.records), "slipped", **options)
    batch = await stage.push(story, replace(sample, records_path=slipped))
    submitted = await stage.check_and_submit(story, batch)
    await stage.arrived(submitted)
    comparison = await stage.cast.province("33", Role.REVIEWER).comparison(batch.batch_id, 1)
    different = [each["record_id"] for each in comparison["different"]]
    story.expect(len(different) == 2, f"the comparison shows {len(different)} differences, not 2")
    story.tell("名单比对:2 人姓名与决议不一致", "comparison: 2 names differ from the resolution's list")
    wish = {"reason_code": "name-differs", "field": "XM", "comment": "请按决议名单更正"}
    await stage.review(story, submitted, [{"record_id": each, **wish} for each in different])
    batch = await stage.until(submitted, "partly_approved", "returned")
    owed = [each for each in await stage.cast.machine("10335").returned(batch.batch_id) if each.owed]
    story.expect({each.record_id for each in owed} == set(different), "other records came back")
    await stage.told("unit:10335", "T04", "returned")
    story.tell("退回通知已发至单位邮箱", "the unit is told by e-mail what was returned, and until when")
    mended = sample.records[sorted(each.row - _FIRST_ROW for each in owed)]
    batch = await stage.correct(story, batch, await stage.write(sample, mended, "round-2", **options))
    played = await stage.all_the_way(story, batch, form="CSV, GB 18030")
    filed = {each.round: each.filed_count for each in played.batch.filings}
    story.expect(filed == {1: 58, 2: 2}, f"filed by round: {filed}")


async def returned_by_format_check(stage: Stage, story: Story) -> None:
    """A second batch repeats three certificate numbers that are filed already: the centre returns the three."""
    first = await stage.sample("10286", "B1", 30, form=Form.XLSX)
    await stage.all_the_way(story, await stage.push(story, first), form="XLSX")
    second = await stage.sample("10286", "B3", 20, serial=501)
    taken = first.records[_CERTIFICATE].head(3)
    repeated = second.records.with_columns(second.records[_CERTIFICATE].scatter([0, 1, 2], taken))
    path = await stage.write(second, repeated, "repeated")
    batch = await stage.push(story, replace(second, records_path=path), roster=False)
    submitted = await stage.check_and_submit(story, batch)
    await stage.review(story, submitted)
    batch = await stage.until(submitted, "returned", "partly_approved")
    owed = [each for each in await stage.cast.machine("10286").returned(batch.batch_id) if each.owed]
    reasons = {each.reason_code for each in owed}
    story.expect(
        len(owed) == 3 and reasons == {"certificate-number-taken"},
        f"{len(owed)} came back: {sorted(reasons)}",
    )
    story.tell(
        "形式审查退回 3 条:证书编号已备案;其余 17 条先行备案",
        "format check returned 3: certificate numbers filed before; the other 17 are filed",
    )
    await stage.told("unit:10286", "T08", "returned")
    story.tell("退回通知已发至单位邮箱", "the unit is told by e-mail what was returned, and until when")
    mended = second.records[sorted(each.row - _FIRST_ROW for each in owed)]
    batch = await stage.correct(story, batch, await stage.write(second, mended, "round-2"))
    played = await stage.all_the_way(story, batch, form="CSV")
    filed = {each.round: each.filed_count for each in played.batch.filings}
    story.expect(filed == {1: 17, 2: 3}, f"filed by round: {filed}")


def _with_two_names_exchanged(records: pl.DataFrame) -> pl.DataFrame:
    """The names of two persons of one sex, in each other's row, as it happens when cells are pasted."""
    plain = records.with_row_index("place").filter(
        pl.col("XM").str.len_chars().is_between(2, 3), pl.col("MZM") == "01", pl.col("XBM") == "1"
    )
    one, other = plain["place"][0], plain["place"][1]
    exchanged = [
        records[column].scatter([one, other], [records[column][other], records[column][one]])
        for column in ("XM", "XMPY")
    ]
    return records.with_columns(exchanged)
