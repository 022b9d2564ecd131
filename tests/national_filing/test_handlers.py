"""The centre hears that a province completed a review: it checks, registers, files, archives and says so."""

import asyncio

import orjson
import polars as pl
import pytest

from contracts import topics
from contracts.receipts import VerifiedReceipt, jwk_of, verify_receipt
from contracts.reviews import ReturnedRecord, ReviewOutcome
from contracts.standard.record_set import read_parquet
from contracts.vocabulary import RecordSet, new_id
from services.kit.dead_letters import NeverRetry
from services.kit.objects import LocalObjects, ObjectDamaged, ObjectMissing
from tests.harness import UnderTest, event
from tests.national_filing.submissions import approved, nowhere, records

TABLES = ("format_checks", "filings", "registry")


async def test_an_approved_round_is_filed_with_a_receipt(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(20))
    await s.hear(topics.REVIEW_COMPLETED, review)
    (checked,) = await s.said(topics.FORMAT_CHECK_COMPLETED)
    (filed,) = await s.said(topics.BATCH_FILED)
    assert (checked.data.passed_count, checked.data.returned_count) == (20, 0)
    assert (filed.data.filed_count, filed.data.filing_number) == (20, "BA2026-32-000001")
    assert await s.work.pool.fetchval("select count(*) from registry") == 20
    key = jwk_of(s.work.settings.receipt_key.public_key())  # type: ignore[attr-defined]
    verified = verify_receipt(await s.work.objects.read(filed.data.receipt), [key])
    assert isinstance(verified, VerifiedReceipt)
    assert verified.receipt["filed_count"] == 20
    assert review.approved is not None
    assert verified.receipt["merkle_root"] == review.approved.merkle_root
    assert verified.receipt["unit"] == {"code": "10284", "name": "南京大学"}


async def test_the_archive_names_every_object_by_digest(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(3))
    await s.hear(topics.REVIEW_COMPLETED, review)
    (filed,) = await s.said(topics.BATCH_FILED)
    archive = orjson.loads(await s.work.objects.read(filed.data.archive))
    for role in ("record_set", "original", "scan", "manifest"):
        stored = archive[role].get("object", archive[role])
        assert await s.work.objects.has(stored["sha256"])
    assert archive["acts"][0]["kind"] == "approve"


async def test_the_same_message_twice_changes_nothing(s: UnderTest) -> None:
    message = await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records()))
    before = await s.snapshot(*TABLES)
    await s.hear_again(topics.REVIEW_COMPLETED, message)
    assert await s.snapshot(*TABLES) == before


async def test_a_second_review_of_the_same_round_is_refused(s: UnderTest) -> None:
    review = await approved(s.work.objects, records())
    await s.hear(topics.REVIEW_COMPLETED, review)
    before = await s.snapshot(*TABLES)
    other = await approved(s.work.objects, records(5, seed=9, first_serial=900), batch_id=review.batch_id)
    with pytest.raises(NeverRetry, match="message-refused"):
        await s.hear(topics.REVIEW_COMPLETED, other)
    assert await s.snapshot(*TABLES) == before


async def test_a_taken_certificate_number_is_returned_and_the_others_are_filed(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(10)))
    clash = records(10, seed=2, first_serial=8)  # serials 8 … 17: three of them are taken
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, clash))
    checked = (await s.said(topics.FORMAT_CHECK_COMPLETED))[1].data
    filed = (await s.said(topics.BATCH_FILED))[1].data
    assert (checked.passed_count, checked.returned_count, filed.filed_count) == (7, 3, 7)
    returned = [
        ReturnedRecord.model_validate_json(line)
        for line in (await s.work.objects.read(checked.returned)).splitlines()
    ]
    assert {each.reason_code for each in returned} == {"certificate-number-taken"}
    assert [each.row for each in returned] == [2, 3, 4]
    row = await s.work.pool.fetchrow("select record_set from filings where round = 1 and filed_count = 7")
    assert row is not None
    assert read_parquet(await s.work.objects.read(row["record_set"]["object"]["sha256"])).height == 7


async def test_two_batches_with_one_number_at_the_same_time_file_it_once(s: UnderTest) -> None:
    first = await approved(s.work.objects, records(10))
    second = await approved(s.work.objects, records(10, seed=3, first_serial=10))
    await asyncio.gather(s.hear(topics.REVIEW_COMPLETED, first), s.hear(topics.REVIEW_COMPLETED, second))
    filed = [message.data.filed_count for message in await s.said(topics.BATCH_FILED)]
    assert sorted(filed) == [9, 10]
    assert await s.work.pool.fetchval("select count(*) from registry") == 19
    serials = {message.data.filing_number[-6:] for message in await s.said(topics.BATCH_FILED)}
    assert serials == {"000001", "000002"}


async def test_a_record_that_breaks_the_standard_is_returned(s: UnderTest) -> None:
    frame = records(5).with_columns(
        pl.when(pl.col("row") == 4).then(pl.lit("7")).otherwise("XBM").alias("XBM")
    )
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, frame))
    (checked,) = await s.said(topics.FORMAT_CHECK_COMPLETED)
    assert (checked.data.passed_count, checked.data.returned_count) == (4, 1)
    (line,) = (await s.work.objects.read(checked.data.returned)).splitlines()
    returned = ReturnedRecord.model_validate_json(line)
    assert (returned.row, returned.rule, returned.field) == (4, "F06", "XBM")


async def test_when_nothing_passes_nothing_is_filed_and_no_number_is_used_up(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(4)))
    again = await approved(s.work.objects, records(4))
    await s.hear(topics.REVIEW_COMPLETED, again)
    assert len(await s.said(topics.BATCH_FILED)) == 1
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(4, first_serial=50)))
    assert (await s.said(topics.BATCH_FILED))[1].data.filing_number == "BA2026-32-000002"


@pytest.mark.parametrize("outcome", [ReviewOutcome.WITHDRAWN, ReviewOutcome.DECIDED])
async def test_a_review_that_approved_nothing_files_nothing(s: UnderTest, outcome: ReviewOutcome) -> None:
    review = await approved(s.work.objects, records(2), outcome=outcome, approved_count=0, approved=None)
    await s.hear(topics.REVIEW_COMPLETED, review)
    assert await s.said(topics.FORMAT_CHECK_COMPLETED) == []
    assert await s.work.pool.fetchval("select count(*) from inbox") == 1


async def test_a_record_set_that_is_not_what_was_announced_is_never_filed(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(5))
    assert review.approved is not None
    wrong = RecordSet(object=review.approved.object, record_count=5, merkle_root="f" * 64)
    with pytest.raises(NeverRetry, match="object-damaged"):
        await s.hear(topics.REVIEW_COMPLETED, review.model_copy(update={"approved": wrong}))
    assert await s.said(topics.BATCH_FILED) == []


@pytest.mark.parametrize("evidence", ["original", "scan", "manifest"])
async def test_without_an_object_of_the_evidence_nothing_is_filed(s: UnderTest, evidence: str) -> None:
    review = await approved(s.work.objects, records(5), **{evidence: nowhere()})
    with pytest.raises(ObjectMissing):
        await s.hear(topics.REVIEW_COMPLETED, review)
    assert await s.said(topics.FORMAT_CHECK_COMPLETED) == []


async def test_flipped_bits_in_the_record_set_are_never_filed(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(5))
    assert review.approved is not None
    assert isinstance(s.work.objects, LocalObjects)
    path = s.work.objects.path_of(review.approved.object.sha256)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
    with pytest.raises(ObjectDamaged):
        await s.hear(topics.REVIEW_COMPLETED, review)
    assert await s.said(topics.BATCH_FILED) == []


async def test_what_is_filed_goes_on_in_the_trace_and_names_its_cause(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(2))
    message = await s.hear(topics.REVIEW_COMPLETED, review)
    (filed,) = await s.said(topics.BATCH_FILED)
    assert filed.causationid == message.id
    assert event(topics.REVIEW_COMPLETED, review).subject == filed.subject


async def test_serials_count_by_province(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(2)))
    military = await approved(
        s.work.objects, records(2, first_serial=70), province_code="JD", batch_id=new_id()
    )
    await s.hear(topics.REVIEW_COMPLETED, military)
    numbers = [message.data.filing_number for message in await s.said(topics.BATCH_FILED)]
    assert numbers == ["BA2026-32-000001", "BA2026-JD-000001"]
