"""What the notifier hears: every event opens or closes obligations; nothing is told here, the sweeps tell."""

from collections.abc import Mapping
from typing import Any, cast

from contracts import topics
from contracts.batches import BatchSubmitted, BatchWithdrawn
from contracts.deadlines import DEADLINES, DeadlineId, due_date
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.message import Message
from contracts.resolutions import ResolutionRegistered
from contracts.reviews import ReviewCompleted
from contracts.topics import Topic
from contracts.vocabulary import Office
from services.kit.consumer import Handler
from services.kit.work import Tx, Work
from services.notifier import store
from services.notifier.domain import obligations
from services.notifier.domain.obligations import Change, Done
from services.notifier.settings import Settings
from services.notifier.store import Batch


async def owe_submission(message: Message[ResolutionRegistered], work: Work) -> None:
    """决议登记: the unit owes the scan and the records within 30 days (T01)."""
    event = message.data
    async with work.once(message) as tx:
        if tx is None:
            return
        await store.lock_resolution(tx.conn, event.resolution_id)
        await store.save_resolution(tx.conn, event)
        about = Batch(
            event.resolution_id, event.unit_code, event.province_code, event.number, message.traceparent
        )
        (owed,) = obligations.of_resolution(event).owed
        due = due_date(DeadlineId.T01, event.effective_on)
        assert due is not None
        await store.open_obligation(tx.conn, owed, about, due, tx.now)
        await _close_if_wholly_submitted(tx, event.resolution_id, about)


async def owe_review(message: Message[BatchSubmitted], work: Work) -> None:
    """上报: the province owes its review (T03); the unit has done what it owed."""
    event = message.data
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _know(tx, message, event.resolution_number)
        if event.round == obligations.FIRST_ROUND:
            count = event.record_set.record_count
            await store.lock_resolution(tx.conn, event.resolution_id)
            await store.save_submission(tx.conn, event.batch_id, event.resolution_id, count)
            await _close_if_wholly_submitted(tx, event.resolution_id, batch)
        await _apply(tx, work, message, obligations.of_submission(event), batch)


async def owe_correction_or_format_check(message: Message[ReviewCompleted], work: Work) -> None:
    """审核完成: returned records are owed by the unit (T04), approved ones by the centre (T07)."""
    event = message.data
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _know(tx, message, event.resolution_number)
        await _apply(tx, work, message, obligations.of_review(event), batch)


async def owe_correction_or_storage(message: Message[FormatCheckCompleted], work: Work) -> None:
    """形式审查完成: returned records are owed by the unit (T08), passed ones by the centre (T09)."""
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _know(tx, message, None)
        await _apply(tx, work, message, obligations.of_format_check(message.data), batch)


async def owe_nothing(message: Message[BatchFiled], work: Work) -> None:
    """备案: the centre has stored what it owed (T09)."""
    async with work.once(message) as tx:
        if tx is None:
            return
        batch = await _know(tx, message, None)
        await _apply(tx, work, message, obligations.of_filing(message.data), batch)


async def note_withdrawal(message: Message[BatchWithdrawn], work: Work) -> None:
    """申请撤回: the province still owes an answer; its answer (review.completed) changes what is owed."""
    async with work.once(message) as tx:
        if tx is not None:
            await _know(tx, message, None)


async def _know(tx: Tx, message: Message[Any], resolution_number: str | None) -> Batch:
    event = message.data
    known = Batch(
        event.batch_id, event.unit_code, event.province_code, resolution_number, message.traceparent
    )
    return await store.save_batch(tx.conn, known)


async def _apply(tx: Tx, work: Work, message: Message[Any], change: Change, batch: Batch) -> None:
    for done in change.done:
        await store.close_obligation(
            tx.conn, done, batch, DEADLINES[done.deadline].article, message.type, tx.now
        )
    for owed in change.owed:
        # The limit runs from when it was said, not from when we heard of it.
        due = due_date(owed.deadline, message.time, days=_days(work, owed.deadline))
        assert due is not None
        await store.open_obligation(tx.conn, owed, batch, due, tx.now)
    if change.owed_records is not None:
        await store.save_owed_change(tx.conn, batch.batch_id, change.owed_records)
        changes = await store.list_owed_changes(tx.conn, batch.batch_id)
        corrected = obligations.corrected_before(changes)
        if corrected is not None:
            await store.close_corrections(tx.conn, batch.batch_id, corrected, tx.now)


async def _close_if_wholly_submitted(tx: Tx, resolution_id: str, batch: Batch) -> None:
    if await store.is_wholly_submitted(tx.conn, resolution_id):
        done = Done(DeadlineId.T01, resolution_id, obligations.NO_ROUND, Office.unit(batch.unit_code))
        article = DEADLINES[DeadlineId.T01].article
        await store.close_obligation(tx.conn, done, batch, article, topics.BATCH_SUBMITTED.name, tx.now)


def _days(work: Work, deadline: DeadlineId) -> int | None:
    settings = cast("Settings", work.settings)
    return {
        DeadlineId.T04: settings.correction_due_days,
        DeadlineId.T07: settings.format_check_due_days,
        DeadlineId.T08: settings.format_correction_due_days,
        DeadlineId.T09: settings.storage_due_days,
    }.get(deadline)


HANDLERS: Mapping[Topic[Any], Handler] = {
    topics.RESOLUTION_REGISTERED: owe_submission,
    topics.BATCH_SUBMITTED: owe_review,
    topics.BATCH_WITHDRAWN: note_withdrawal,
    topics.REVIEW_COMPLETED: owe_correction_or_format_check,
    topics.FORMAT_CHECK_COMPLETED: owe_correction_or_storage,
    topics.BATCH_FILED: owe_nothing,
}
