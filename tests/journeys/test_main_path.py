"""The main path: from a university's file to a receipt, with everything that may come back on the way."""

import json

import httpx
import polars as pl
import pytest

from cli.sample.layouts import written
from contracts.receipts import ReceiptFault, VerifiedReceipt, verify_receipt
from contracts.vocabulary import Role
from tests.journeys.offices import Platform, University, renamed, renumbered, rows_of


async def keys_of(platform: Platform) -> list[dict[str, str]]:
    return (await platform.stranger("national_filing").get("/v1/receipt-keys")).json()["keys"]


async def receipt_of(university: University, batch_id: str, round_: int) -> VerifiedReceipt:
    """The receipt of a round, proven with the published keys alone."""
    data = await university.collector.receipt(batch_id, round_)
    verified = verify_receipt(data, await keys_of(university.platform))
    assert isinstance(verified, VerifiedReceipt), verified
    return verified


async def test_a_clean_batch_is_filed_and_its_receipt_holds_offline(either_platform: Platform) -> None:
    university = either_platform.university()
    submission = university.make(count=25)
    filed = await university.file(submission)
    assert (filed.state, filed.counts.filed, filed.counts.owed, filed.next) == ("filed", 25, 0, None)
    verified = await receipt_of(university, filed.batch_id, 1)
    said = verified.receipt
    assert (said["filed_count"], said["batch_id"], said["unit"]["code"]) == (25, filed.batch_id, "10284")
    assert said["resolution_number"] == submission.resolution_number
    forged = json.dumps({**said, "filed_count": 26}).encode()
    assert verify_receipt(forged, await keys_of(either_platform)) is ReceiptFault.SIGNATURE_WRONG


async def test_the_timeline_tells_the_main_path_in_order(either_platform: Platform) -> None:
    university = either_platform.university("10335")
    filed = await university.file(university.make(count=5))
    what = await university.until_told(filed.batch_id, "reviewed", "format_checked", "filed")
    assert what[:4] == ["received", "collected", "checked", "submitted"]


async def test_findings_are_corrected_before_submission_and_the_batch_is_filed(
    either_platform: Platform,
) -> None:
    university = either_platform.university("10286")
    submission = university.make(faults=[("F13", 2), ("C02", 1)])
    draft = await university.push(submission)
    assert (draft.state, draft.round, draft.attempt) == ("draft", 1, 1)
    lines = (await university.collector.findings(draft.batch_id)).splitlines()
    found = {(each["rule"], each["row"]) for each in map(json.loads, lines) if each["severity"] == "error"}
    assert found >= set(submission.answers.select("rule", "row").iter_rows())
    mended = await university.replace(draft.batch_id, submission.records)
    assert (mended.state, mended.round, mended.attempt) == ("collected", 1, 2)
    await university.check_and_submit(mended.batch_id)
    await university.province.decide(mended.batch_id)
    assert (await university.until(mended.batch_id, "filed")).counts.filed == 20


async def test_what_the_province_returns_is_corrected_and_filed_in_round_two(
    either_platform: Platform,
) -> None:
    university = either_platform.university()
    submission = university.make()
    batch = await university.file(submission, returned=[3, 7])
    assert (batch.state, batch.counts.owed, batch.counts.filed) == ("returned", 2, 18)
    returned = await university.collector.returned(batch.batch_id)
    assert [(each.row, each.reason_code, each.owed) for each in returned] == [
        (3, "name-differs", True),
        (7, "name-differs", True),
    ]
    corrected = renamed(rows_of(submission.records, [3, 7]))
    second = await university.replace(batch.batch_id, corrected)
    assert (second.state, second.round) == ("collected", 2), second.unreadable
    await university.check_and_submit(batch.batch_id)
    await university.province.decide(batch.batch_id, 2)
    filed = await university.until(batch.batch_id, "filed")
    assert (filed.counts.filed, filed.counts.owed) == (20, 0)
    counts = [(await receipt_of(university, batch.batch_id, n)).receipt["filed_count"] for n in (1, 2)]
    assert counts == [18, 2]


async def test_a_round_returned_as_a_whole_files_nothing_until_it_is_corrected(
    either_platform: Platform,
) -> None:
    university = either_platform.university("10336")
    submission = university.make(count=6)
    batch = await university.submit(submission)
    desk = university.province.reviewer
    await university.province.until_arrived(batch.batch_id)
    whole = {"return_all": {"reason_code": "scan-unreadable"}}
    await desk.client.post(f"/v1/reviews/{batch.batch_id}/1/assessment", whole)
    await university.province.approver.sign(batch.batch_id, 1)
    back = await university.until(batch.batch_id, "returned")
    assert (back.counts.owed, back.counts.filed, back.filings) == (6, 0, [])
    again = await university.replace(batch.batch_id, renamed(submission.records))
    assert (again.state, again.round) == ("collected", 2), again.unreadable
    await university.check_and_submit(batch.batch_id)
    await university.province.decide(batch.batch_id, 2)
    assert (await university.until(batch.batch_id, "filed")).counts.filed == 6


async def test_a_certificate_number_that_is_taken_comes_back_from_the_centre(
    either_platform: Platform,
) -> None:
    university = either_platform.university()
    first = university.make(count=4)
    await university.file(first)
    second = university.make(count=5)
    numbers = pl.Series("XWZSBH", [first.records["XWZSBH"][0], *second.records["XWZSBH"][1:]])
    second.records_path.write_bytes(written(second.records.with_columns(numbers), "X1"))
    batch = await university.submit(second)
    await university.province.decide(batch.batch_id)
    back = await university.until(batch.batch_id, "returned")
    assert (back.counts.filed, back.counts.owed) == (4, 1)
    (returned,) = await university.collector.returned(batch.batch_id)
    assert (returned.row, returned.reason_code, returned.returned_by) == (
        2,
        "certificate-number-taken",
        "national_centre",
    )
    corrected = await university.replace(batch.batch_id, renumbered(rows_of(second.records, [2])))
    assert corrected.state == "collected", corrected.unreadable
    await university.check_and_submit(batch.batch_id)
    await university.province.decide(batch.batch_id, 2)
    assert (await university.until(batch.batch_id, "filed")).counts.filed == 5


async def test_what_is_withdrawn_before_the_decision_comes_back_to_the_unit(
    either_platform: Platform,
) -> None:
    university = either_platform.university("10288")
    submission = university.make(count=5)
    batch = await university.submit(submission)
    await university.province.until_arrived(batch.batch_id)
    asked = await university.submitter.client.post(
        f"/v1/batches/{batch.batch_id}/withdrawal", {"reason": "wrong-file"}
    )
    assert asked.json()["state"] in {"withdrawal_requested", "withdrawn"}
    await university.until(batch.batch_id, "withdrawn")
    review = await university.province.reviewer.review(batch.batch_id, 1, wait_seconds=0)
    assert review.state == "withdrawn"
    again = await university.replace(batch.batch_id, renamed(submission.records))
    assert (again.state, again.round) == ("collected", 2)
    await university.check_and_submit(batch.batch_id)
    await university.province.decide(batch.batch_id, 2)
    filed = await university.until(batch.batch_id, "filed")
    assert [(each.round, each.filed_count) for each in filed.filings] == [(2, 5)]


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
async def test_a_withdrawal_that_comes_too_late_leaves_the_decision_as_it_is(platform: Platform) -> None:
    university = platform.university("10337")
    filed = await university.file(university.make(count=5))
    late = httpx.post(
        f"{platform.stack.url('collector')}/v1/batches/{filed.batch_id}/withdrawal",
        json={"reason": "wrong-file"},
        headers={"Authorization": f"Bearer {platform.stack.person_token(university.office, Role.SUBMITTER)}"},
        trust_env=False,
    )
    assert (late.status_code, late.json()["code"]) == (409, "illegal-move")
    assert (await university.collector.batch(filed.batch_id)).state == "filed"
