"""What the collector does when it hears something."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from contracts import topics
from contracts.batches import BatchReceived
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.message import Message
from contracts.notices import NoticeFailed, NoticeSent
from contracts.reasons import Refused
from contracts.reviews import ReturnedRecord, ReviewCompleted, ReviewOutcome
from contracts.topics import Topic
from contracts.vocabulary import Act, ActKind, Office, OfficeKind, Role, StoredObject
from services.collector import reading
from services.collector.domain.states import Command, move
from services.collector.domain.timeline import What
from services.collector.store import acts, batches, returned_records, rounds, timeline, uploads
from services.collector.store.batches import Batch
from services.collector.store.rounds import Filing
from services.collector.store.standing import entry_of, settle
from services.collector.store.timeline import Notice
from services.collector.store.uploads import Upload
from services.kit.consumer import Handler
from services.kit.dead_letters import NeverRetry
from services.kit.work import Tx, Work

PLATFORM = "platform"
CENTRE = str(Office(OfficeKind.NATIONAL_CENTRE))
BY_PROVINCE, BY_CENTRE = "province", "national_centre"


async def check_received_upload(message: Message[BatchReceived], work: Work) -> None:
    """解析与校验: reads and checks an uploaded file; without errors it is collected, else a draft."""
    if await work.heard(message):
        return
    said = message.data
    async with work.pool.acquire() as conn:
        batch = await batches.find_batch(conn, said.batch_id)
        upload = await uploads.find_upload(conn, said.batch_id, said.round, said.attempt)
    if batch is None or upload is None:
        raise NeverRetry("message-refused", "no such upload")
    done = await reading.read_upload(work, batch, upload) if _is_present(batch, upload) else None
    async with work.once(message) as tx:
        if tx is None or done is None:
            return
        batch = await _locked(tx, said.batch_id, said.round)
        if _is_present(batch, upload):
            await _save_reading(tx, batch, done)


async def note_review(message: Message[ReviewCompleted], work: Work) -> None:
    """省级审核完成: keeps what the province decided of a round, and what it returned; or that it let withdraw."""
    said = message.data
    returned = await _returned(work, message, said.returned)
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _locked(tx, said.batch_id, said.round)
        office = str(Office.province(said.province_code))
        if said.outcome is ReviewOutcome.WITHDRAWN:
            await _withdraw(tx, batch, said.round, office, message.time)
            return
        known = not await rounds.save_review(
            tx.conn, batch.batch_id, said.round, said.approved_count, said.returned_count, message.time
        )
        if known:
            return
        await returned_records.save_returned(
            tx.conn, batch.batch_id, said.round, returned, BY_PROVINCE, message.time
        )
        counts = {"approved": said.approved_count, "returned": said.returned_count}
        await _settle(tx, batch, said.round, What.REVIEWED, office, message.time, counts)


async def note_format_check(message: Message[FormatCheckCompleted], work: Work) -> None:
    """形式审查完成: keeps what passed at the national centre, and what it returned."""
    said = message.data
    returned = await _returned(work, message, said.returned)
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _locked(tx, said.batch_id, said.round)
        if not await rounds.save_format_check(
            tx.conn, batch.batch_id, said.round, said.passed_count, said.returned_count, message.time
        ):
            return
        await returned_records.save_returned(
            tx.conn, batch.batch_id, said.round, returned, BY_CENTRE, message.time
        )
        counts = {"passed": said.passed_count, "returned": said.returned_count}
        await _settle(tx, batch, said.round, What.FORMAT_CHECKED, CENTRE, message.time, counts)


async def note_filing(message: Message[BatchFiled], work: Work) -> None:
    """已备案: keeps the filing number and the receipt of a round."""
    said = message.data
    filing = Filing(said.round, said.filing_number, said.filed_count, said.filed_at, said.receipt)
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _locked(tx, said.batch_id, said.round)
        if await rounds.save_filing(tx.conn, batch.batch_id, filing):
            facts = {"filed": said.filed_count, "filing_number": said.filing_number}
            await _settle(tx, batch, said.round, What.FILED, CENTRE, said.filed_at, facts)


async def note_notice_sent(message: Message[NoticeSent], work: Work) -> None:
    """通知已送出: keeps who was told, when and how."""
    await _note_notice(message, work, message.data.sent_at, reason_code=None)


async def note_notice_failed(message: Message[NoticeFailed], work: Work) -> None:
    """通知未送达: keeps that an office could not be told, and why."""
    await _note_notice(message, work, message.data.failed_at, reason_code=message.data.reason_code)


HANDLERS: Mapping[Topic[Any], Handler] = {
    topics.BATCH_RECEIVED: check_received_upload,
    topics.REVIEW_COMPLETED: note_review,
    topics.FORMAT_CHECK_COMPLETED: note_format_check,
    topics.BATCH_FILED: note_filing,
    topics.NOTICE_SENT: note_notice_sent,
    topics.NOTICE_FAILED: note_notice_failed,
}


async def _locked(tx: Tx, batch_id: str, round_: int) -> Batch:
    batch = await batches.lock_batch(tx.conn, batch_id)
    if batch is None or round_ > batch.round:
        raise NeverRetry("message-refused", "no such round")
    return batch


async def _settle(
    tx: Tx, batch: Batch, round_: int, what: What, office: str, at: datetime, facts: Mapping[str, Any]
) -> None:
    """``at`` is when the other office did it, not when we heard of it."""
    upload = await uploads.find_last_upload(tx.conn, batch.batch_id, round_)
    attempt = upload.attempt if upload else 1
    entry = entry_of(tx, batch, what, office, round_=round_, attempt=attempt, facts=facts)
    await settle(tx, batch, replace(entry, at=at))


async def _withdraw(tx: Tx, batch: Batch, round_: int, office: str, at: datetime) -> None:
    if await rounds.move_round_to_withdrawn(tx.conn, batch.batch_id, round_):
        await returned_records.unmark_replaced(tx.conn, batch.batch_id, round_)
        await _settle(tx, batch, round_, What.WITHDRAWN, office, at, {})


def _is_present(batch: Batch, upload: Upload) -> bool:
    """Whether the upload still waits to be read: it was not replaced, withdrawn or read before."""
    present = (batch.round, batch.attempt) == (upload.round, upload.attempt)
    return present and not isinstance(move(batch.state, Command.COLLECT), Refused)


async def _save_reading(tx: Tx, batch: Batch, done: reading.Done) -> None:
    upload = done.upload
    phase = move(batch.state, Command.FIND_ERRORS if done.has_errors else Command.COLLECT)
    assert not isinstance(phase, Refused)
    await uploads.save_reading(tx.conn, upload, done.replaces)
    await rounds.move_round(tx.conn, batch.batch_id, upload.round, phase, upload.record_count or 0)
    counts = {"records": upload.record_count, "errors": upload.error_count, "warnings": upload.warn_count}
    if upload.unreadable is not None:
        entry = entry_of(tx, batch, What.UNREADABLE, PLATFORM, reason_code=upload.unreadable["code"])
    elif done.has_errors:
        entry = entry_of(tx, batch, What.FINDINGS, PLATFORM, facts=counts)
    else:
        await _append_collect_act(tx, batch, upload)
        office = str(Office.unit(batch.unit_code))
        entry = entry_of(tx, batch, What.COLLECTED, office, person=upload.received_by, facts=counts)
    await settle(tx, batch, entry, stage="done")


async def _append_collect_act(tx: Tx, batch: Batch, upload: Upload) -> None:
    assert upload.manifest is not None
    act = Act(
        kind=ActKind.COLLECT,
        person=upload.received_by,
        office=str(Office.unit(batch.unit_code)),
        role=Role.COLLECTOR,
        at=tx.now.isoformat(),
        digest=upload.manifest.sha256,
    )
    await acts.append_act(tx.conn, batch.batch_id, upload.round, upload.attempt, act)


async def _returned(
    work: Work, message: Message[Any], stored: StoredObject | None
) -> Sequence[ReturnedRecord]:
    """The returned records a message refers to; they may speak of persons, so they lie in an object."""
    if stored is None or await work.heard(message):
        return ()
    lines = (await work.objects.read(stored)).splitlines()
    try:
        return [ReturnedRecord.model_validate_json(line) for line in lines if line.strip()]
    except ValidationError:
        raise NeverRetry("message-refused", "returned records not as agreed") from None


async def _note_notice(
    message: Message[NoticeSent] | Message[NoticeFailed],
    work: Work,
    at: datetime,
    *,
    reason_code: str | None,
) -> None:
    said = message.data
    notice = Notice(
        notice_id=said.notice_id,
        about=said.about,
        recipient_office=said.recipient_office,
        step=said.step,
        channel=said.channel,
        deadline=said.deadline,
        at=at,
        delivered=reason_code is None,
        reason_code=reason_code,
    )
    async with work.once(message) as tx:
        if tx is not None:
            await timeline.save_notice(tx.conn, notice)
            tx.changed(said.about)
