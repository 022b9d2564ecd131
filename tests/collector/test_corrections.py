"""Returned records, their corrections in the next round, and what becomes of the batch."""

import polars as pl
import pytest

from contracts import topics
from tests.collector.university import (
    as_csv,
    filing,
    format_check,
    records,
    returned_object,
    review,
)


@pytest.fixture
async def partly_returned(university):
    """A batch of five records of which the province returned rows 3 and 5."""
    batch_id = await university.submit()
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, batch_id, [3, 5]))
    return batch_id


def rows(*lines):
    """The records at these lines of the uploaded file, as sent the first time."""
    return records()[[line - 2 for line in lines]]


async def replaced(university, batch_id):
    return await university.service.work.pool.fetchval(
        "select replaces from uploads where batch_id = $1 and round = 2 order by attempt desc limit 1",
        batch_id,
    )


async def test_returned_records_are_owed_with_their_reasons(university, partly_returned):
    view = await university.view(partly_returned)
    assert (view["state"], view["state_zh"]) == ("partly_approved", "部分通过")
    assert {key: view["counts"][key] for key in ("approved", "returned", "owed")} == {
        "approved": 3,
        "returned": 2,
        "owed": 2,
    }
    assert (view["next"]["who"], view["next"]["due"]["deadline"]) == ("collector", "T04")
    found = (await university.get(f"/v1/batches/{partly_returned}/returned")).json()["returned"]
    assert [(each["row"], each["reason_code"], each["owed"]) for each in found] == [
        (3, "name-differs", True),
        (5, "name-differs", True),
    ]
    assert found[0]["text_zh"] == "姓名与决议不一致"
    assert found[0]["comment"] == "请核对"


async def test_a_correction_is_the_next_round(university, partly_returned):
    view = await university.replace(partly_returned, as_csv(rows(3, 5)))
    assert (view["state"], view["round"], view["attempt"]) == ("collected", 2, 1)
    assert view["counts"]["records"] == 2
    assert view["counts"]["owed"] == 2
    await university.check_and_submit(partly_returned)
    view = await university.view(partly_returned)
    assert (view["state"], view["counts"]["owed"]) == ("submitted", 0)
    said = (await university.service.said(topics.BATCH_SUBMITTED))[-1].data
    assert (said.round, said.record_set.record_count, len(said.acts)) == (2, 2, 3)


async def test_a_correction_is_matched_by_person_and_degree(university, partly_returned):
    await university.replace(partly_returned, as_csv(rows(5, 3)))
    assert await replaced(university, partly_returned) == [f"{partly_returned}.1.5", f"{partly_returned}.1.3"]


async def test_a_corrected_identity_number_is_matched_by_the_certificate(university, partly_returned):
    other = records(5, seed=77)
    corrected = rows(3).with_columns(other["ZJHM"][:1], other["CSRQ"][:1], other["XBM"][:1])
    view = await university.replace(partly_returned, as_csv(corrected))
    assert view["state"] == "collected", await findings(university, partly_returned)
    assert await replaced(university, partly_returned) == [f"{partly_returned}.1.3"]


async def test_the_record_id_of_the_returned_list_decides(university, partly_returned):
    corrected = rows(3, 5).with_columns(
        pl.Series("record_id", [f"{partly_returned}.1.3", f"{partly_returned}.1.5"])
    )
    view = await university.replace(partly_returned, as_csv(corrected))
    assert view["state"] == "collected"
    assert await replaced(university, partly_returned) == [f"{partly_returned}.1.3", f"{partly_returned}.1.5"]


async def findings(university, batch_id):
    text = (await university.get(f"/v1/batches/{batch_id}/findings")).text
    return pl.read_ndjson(text.encode()).to_dicts() if text else []


async def test_a_record_that_was_not_returned_is_a_finding(university, partly_returned):
    view = await university.replace(partly_returned, as_csv(rows(3, 4)))
    assert (view["state"], view["counts"]["errors"]) == ("draft", 1)
    [found] = await findings(university, partly_returned)
    assert (found["rule"], found["row"], found["severity"]) == ("M10", 3, "error")
    assert found["record_id"] == f"{partly_returned}.2.3"


async def test_a_record_id_that_is_not_owed_is_a_finding(university, partly_returned):
    corrected = rows(3).with_columns(pl.Series("record_id", [f"{partly_returned}.1.4"]))
    view = await university.replace(partly_returned, as_csv(corrected))
    assert view["state"] == "draft"
    assert [found["rule"] for found in await findings(university, partly_returned)] == ["M10"]


async def test_a_draft_correction_is_replaced_in_its_round(university, partly_returned):
    await university.replace(partly_returned, as_csv(rows(4)))
    view = await university.replace(partly_returned, as_csv(rows(3)))
    assert (view["state"], view["round"], view["attempt"]) == ("collected", 2, 2)
    assert await replaced(university, partly_returned) == [f"{partly_returned}.1.3"]


async def test_what_was_not_corrected_stays_owed(university, partly_returned):
    await university.replace(partly_returned, as_csv(rows(3)))
    await university.check_and_submit(partly_returned)
    found = (await university.get(f"/v1/batches/{partly_returned}/returned")).json()["returned"]
    assert [(each["row"], each["owed"], each["replaced_in_round"]) for each in found] == [
        (3, False, 2),
        (5, True, None),
    ]
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, partly_returned))
    view = await university.view(partly_returned)
    assert (view["state"], view["counts"]["owed"]) == ("partly_approved", 1)


async def test_a_withdrawn_correction_is_owed_again(university, partly_returned):
    await university.replace(partly_returned, as_csv(rows(3, 5)))
    await university.check_and_submit(partly_returned)
    await university.ask_to_withdraw(partly_returned)
    withdrawn = await review(university.service, partly_returned, withdrawn=True)
    await university.service.hear(topics.REVIEW_COMPLETED, withdrawn)
    view = await university.view(partly_returned)
    assert (view["state"], view["counts"]["owed"]) == ("partly_approved", 2)
    view = await university.replace(partly_returned, as_csv(rows(3, 5)))
    assert (view["state"], view["round"]) == ("collected", 3)


async def test_a_batch_is_filed_in_two_rounds(university, partly_returned):
    hear = university.service.hear
    await hear(topics.FORMAT_CHECK_COMPLETED, await format_check(university.service, partly_returned, 1, 3))
    await hear(topics.BATCH_FILED, await filing(university.service, partly_returned, 1, 3))
    assert await university.state(partly_returned) == "returned"
    await university.replace(partly_returned, as_csv(rows(3, 5)))
    await university.check_and_submit(partly_returned)
    await hear(topics.REVIEW_COMPLETED, await review(university.service, partly_returned))
    assert await university.state(partly_returned) == "approved"
    await hear(topics.FORMAT_CHECK_COMPLETED, await format_check(university.service, partly_returned, 2, 2))
    await hear(topics.BATCH_FILED, await filing(university.service, partly_returned, 2, 2))
    view = await university.view(partly_returned)
    assert (view["state"], view["counts"]["filed"], view["counts"]["owed"]) == ("filed", 5, 0)
    assert [(each["round"], each["filed_count"]) for each in view["filings"]] == [(1, 3), (2, 2)]
    assert view["next"] is None


async def test_what_the_centre_returns_while_a_correction_is_open_is_owed_next(university, partly_returned):
    await university.replace(partly_returned, as_csv(rows(3, 5)))
    await university.check_and_submit(partly_returned)
    hear = university.service.hear
    university.service.clock.pass_days(1)
    await hear(
        topics.FORMAT_CHECK_COMPLETED, await format_check(university.service, partly_returned, 1, 2, [4])
    )
    assert await university.state(partly_returned) == "submitted"
    await hear(topics.BATCH_FILED, await filing(university.service, partly_returned, 1, 2))
    await hear(topics.REVIEW_COMPLETED, await review(university.service, partly_returned))
    view = await university.view(partly_returned)
    assert (view["state"], view["counts"]["owed"], view["next"]["due"]["deadline"]) == (
        "partly_approved",
        1,
        "T08",
    )
    view = await university.replace(partly_returned, as_csv(rows(4)))
    assert (view["state"], view["round"]) == ("collected", 3)


async def test_a_correction_may_not_come_before_the_list_of_what_was_returned(university):
    batch_id = await university.submit()
    await university.service.hear(topics.BATCH_FILED, await filing(university.service, batch_id, 1, 4))
    assert await university.state(batch_id) == "returned"
    answer = await university.ask_to_replace(batch_id, as_csv(rows(3)))
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"]


async def test_all_returned_is_returned_and_corrected_whole(university):
    batch_id = await university.submit()
    await university.service.hear(
        topics.REVIEW_COMPLETED, await review(university.service, batch_id, range(2, 7))
    )
    assert await university.state(batch_id) == "returned"
    view = await university.replace(batch_id, as_csv(records().with_columns(pl.lit("王小").alias("XZXM"))))
    assert (view["state"], view["counts"]["records"]) == ("collected", 5)


async def test_a_withdrawn_batch_begins_again_without_matching(university):
    batch_id = await university.submit()
    await university.ask_to_withdraw(batch_id)
    await university.service.hear(
        topics.REVIEW_COMPLETED, await review(university.service, batch_id, withdrawn=True)
    )
    assert await university.state(batch_id) == "withdrawn"
    view = await university.replace(batch_id, as_csv(records(3, seed=9)))
    assert (view["state"], view["round"], view["counts"]["records"]) == ("collected", 2, 3)


async def test_the_returned_list_comes_as_csv_that_no_spreadsheet_runs(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id, [3])
    line = f'{{"record_id":"{batch_id}.1.3","row":3,"reason_code":"other","comment":"=1+1"}}'
    listed = await university.service.work.objects.put(line.encode(), "application/x-ndjson")
    await university.service.hear(topics.REVIEW_COMPLETED, answer.model_copy(update={"returned": listed}))
    text = (await university.get(f"/v1/batches/{batch_id}/returned", format="csv")).content.decode(
        "utf-8-sig"
    )
    header, row = text.splitlines()
    assert header.startswith("record_id,row,reason_code")
    assert "'=1+1" in row
    assert (await university.get(f"/v1/batches/{batch_id}/returned", round=2)).json()["returned"] == []


async def test_an_unknown_reason_is_shown_as_it_came(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id, [3])
    listed = await returned_object(university.service, [f"{batch_id}.1.3"], "from-the-future")
    await university.service.hear(topics.REVIEW_COMPLETED, answer.model_copy(update={"returned": listed}))
    [found] = (await university.get(f"/v1/batches/{batch_id}/returned")).json()["returned"]
    assert found["text_zh"] == "from-the-future"
