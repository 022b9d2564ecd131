"""What the national centre does when a province has completed a review: format check, filing, archive."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from contracts import topics
from contracts.deadlines import shanghai_day
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.message import Message
from contracts.notices import NoticeFailed, NoticeSent
from contracts.receipts import sign_receipt
from contracts.reviews import ReviewCompleted
from contracts.standard.layouts import Layout
from contracts.standard.record_set import canonical_bytes
from contracts.standard.tables import institution
from contracts.topics import Topic
from contracts.vocabulary import RecordSet, StoredObject
from services.kit import telemetry
from services.kit.consumer import Handler
from services.kit.dead_letters import NeverRetry
from services.kit.work import Tx, Work
from services.national_filing import store
from services.national_filing.checking import CheckedSet, RecordSetDiffers, check_approved
from services.national_filing.domain.format_check import FormatCheck, decide_format_check
from services.national_filing.domain.receipt import Filing, filing_number
from services.national_filing.settings import Settings

JSON = "application/json"
JSON_LINES = "application/jsonl"
PARQUET = "application/vnd.apache.parquet"


async def check_and_file(message: Message[ReviewCompleted], work: Work) -> None:
    """形式审查与备案: checks the format of what a province approved and files what passes. Article 14(2)(3)."""
    review = message.data
    if review.approved_count and (review.approved is None or review.layout not in set(Layout)):
        raise NeverRetry("message-refused", "approved records without a record set, or of an unknown layout")
    if await work.heard(message):
        return
    checked = await _check(review, work) if review.approved_count else None
    async with work.once(message) as tx:
        if tx is None or checked is None:
            return
        outcome = await _register(tx, review, checked)
        returned = await _keep_returned(work, outcome)
        await _announce_check(tx, review, checked, outcome, returned)
        if outcome.passed:
            await _file(tx, work, review, checked, outcome)


async def _check(review: ReviewCompleted, work: Work) -> CheckedSet:
    """Every object the filing will name is read and compared with its digest before anything is decided."""
    assert review.approved is not None
    evidence = (review.original, review.scan, review.manifest, review.opinion)
    data, _ = await asyncio.gather(
        work.objects.read(review.approved.object),
        asyncio.gather(*(work.objects.prove(each) for each in evidence if each is not None)),
    )
    try:
        with telemetry.span("format check", attributes={"xuewei.records": review.approved_count}):
            return await asyncio.to_thread(check_approved, data, review, shanghai_day(work.clock.now()))
    except RecordSetDiffers:
        raise NeverRetry("object-damaged", "record set differs from its announced root") from None


async def _register(tx: Tx, review: ReviewCompleted, checked: CheckedSet) -> FormatCheck:
    unfit = decide_format_check(checked.rows, checked.broken, checked.broken_whole, ())
    without = {each.record_id for each in unfit.returned}
    rows = await asyncio.to_thread(checked.registry_rows, review, without)
    with telemetry.span("register records", attributes={"xuewei.records": len(rows)}):
        taken = await store.save_registry(tx.conn, rows)
    return decide_format_check(checked.rows, checked.broken, checked.broken_whole, sorted(taken))


async def _keep_returned(work: Work, outcome: FormatCheck) -> StoredObject | None:
    if not outcome.returned:
        return None
    lines = "".join(each.model_dump_json(exclude_none=True) + "\n" for each in outcome.returned)
    return await work.objects.put(lines.encode(), JSON_LINES)


async def _announce_check(
    tx: Tx, review: ReviewCompleted, checked: CheckedSet, outcome: FormatCheck, returned: StoredObject | None
) -> None:
    fresh = await store.save_format_check(
        tx.conn,
        review,
        passed_count=len(outcome.passed),
        returned=returned,
        rule_pack=checked.rule_pack,
        traceparent=telemetry.traceparent(),
        now=tx.now,
    )
    if not fresh:
        raise NeverRetry("message-refused", "this round was checked before")
    await tx.publish(
        topics.FORMAT_CHECK_COMPLETED,
        FormatCheckCompleted(
            batch_id=review.batch_id,
            round=review.round,
            unit_code=review.unit_code,
            province_code=review.province_code,
            category=review.category,
            passed_count=len(outcome.passed),
            returned_count=len(outcome.returned),
            returned=returned,
            rule_pack=checked.rule_pack,
        ),
    )


async def _file(
    tx: Tx, work: Work, review: ReviewCompleted, checked: CheckedSet, outcome: FormatCheck
) -> None:
    settings = cast("Settings", work.settings)
    record_set = await _filed_record_set(work, review, checked, outcome)
    day = shanghai_day(tx.now)
    serial = await store.next_serial(tx.conn, day.year, review.province_code)
    unit = institution(review.unit_code)
    filing = Filing(
        number=filing_number(day.year, review.province_code, serial),
        review=review,
        record_set=record_set,
        rule_pack=checked.rule_pack,
        filed_at=tx.now,
        unit_name=unit.name_zh if unit else review.unit_code,
    )
    archive = await work.objects.put(canonical_bytes(filing.archive()), JSON)
    receipt = await work.objects.put(sign_receipt(filing.receipt(archive), settings.receipt_key), JSON)
    await store.save_filing(tx.conn, filing, receipt, archive)
    await tx.publish(
        topics.BATCH_FILED,
        BatchFiled(
            batch_id=review.batch_id,
            round=review.round,
            unit_code=review.unit_code,
            province_code=review.province_code,
            category=review.category,
            filing_number=filing.number,
            filed_count=record_set.record_count,
            filed_at=filing.filed_at,
            receipt=receipt,
            archive=archive,
        ),
    )


async def _filed_record_set(
    work: Work, review: ReviewCompleted, checked: CheckedSet, outcome: FormatCheck
) -> RecordSet:
    assert review.approved is not None
    if not outcome.returned:
        return review.approved
    data, root = await asyncio.to_thread(checked.part, outcome.passed)
    stored = await work.objects.put(data, PARQUET)
    return RecordSet(object=stored, record_count=len(outcome.passed), merkle_root=root)


async def note_notice(message: Message[NoticeSent] | Message[NoticeFailed], work: Work) -> None:
    """通知结果: the inbox remembers that the centre was told; there is nothing to change."""
    async with work.once(message):
        return


HANDLERS: Mapping[Topic[Any], Handler] = {
    topics.REVIEW_COMPLETED: check_and_file,
    topics.NOTICE_SENT: note_notice,
    topics.NOTICE_FAILED: note_notice,
}
