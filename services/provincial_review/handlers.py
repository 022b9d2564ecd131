"""What provincial review does with what it hears."""

import asyncio
from collections.abc import Mapping
from typing import Any

from contracts import topics
from contracts.batches import BatchSubmitted, BatchWithdrawn
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.message import Message
from contracts.notices import NoticeFailed, NoticeSent
from contracts.resolutions import ResolutionRegistered
from contracts.topics import Topic
from contracts.vocabulary import Act
from services.kit import telemetry
from services.kit.consumer import Handler
from services.kit.dead_letters import NeverRetry
from services.kit.work import Tx, Work
from services.provincial_review.domain import completion, inspection
from services.provincial_review.domain.comparison import Compared
from services.provincial_review.domain.documents import JSON, PARQUET
from services.provincial_review.domain.inspection import RecordSetMismatch
from services.provincial_review.domain.moves import Command, ReviewState, move
from services.provincial_review.domain.review import Comparison, Findings, Review
from services.provincial_review.store import reviews, surroundings


async def keep_resolution(message: Message[ResolutionRegistered], work: Work) -> None:
    """决议: keeps what a unit registered; reviews show it whichever of the two came first."""
    async with work.once(message) as tx:
        if tx is None:
            return
        await surroundings.save_resolution(tx.conn, message.data, message.time)
        for review in await reviews.list_rounds_of_resolution(
            tx.conn, message.data.resolution_id, message.data.unit_code
        ):
            tx.changed(review.batch_id)


async def open_review(message: Message[BatchSubmitted], work: Work) -> None:
    """省级审核: opens the review of a submitted round, due by T03, once its record set is proven sound."""
    if await work.heard(message):
        return
    review = await _prepare(message, work)
    async with work.once(message) as tx:
        if tx is None:
            return
        await reviews.lock_batch(tx.conn, review.batch_id)
        known = await reviews.find_round(tx.conn, review.batch_id, review.round)
        if known is not None:
            _refuse_another(known, message.data)
            return
        await reviews.save_review(tx.conn, review)
        asked = await surroundings.find_withdrawal(tx.conn, review.batch_id, review.round)
        if asked is not None and asked.unit_code == review.submitted.unit_code:
            await _let_withdraw(tx, review, asked.act)
        tx.changed(review.batch_id)


async def withdraw_review(message: Message[BatchWithdrawn], work: Work) -> None:
    """撤回: ends the review of a round that is not decided yet, and answers; a decision stands."""
    asked = message.data
    async with work.once(message) as tx:
        if tx is None:
            return
        await reviews.lock_batch(tx.conn, asked.batch_id)
        await surroundings.save_withdrawal(tx.conn, asked, message.time)
        # Not heard of yet: the request is kept, and the review will be withdrawn when it opens.
        review = await reviews.find_round(tx.conn, asked.batch_id, asked.round, lock=True)
        if review is None:
            return
        if review.submitted.unit_code != asked.unit_code:
            raise NeverRetry("message-refused", "the round belongs to another unit")
        if isinstance(move(review.state, Command.WITHDRAW), ReviewState):
            await _let_withdraw(tx, review, asked.act)
        tx.changed(asked.batch_id)


async def show_format_check(message: Message[FormatCheckCompleted], work: Work) -> None:
    """形式审查: shows the province what the national centre found in what it approved (Article 14(2))."""
    async with work.once(message) as tx:
        if tx is None:
            return
        await _needs_decided(tx, message.data.batch_id, message.data.round)
        await surroundings.save_format_check(tx.conn, message.data, message.time)
        await reviews.save_news(tx.conn, message.data.batch_id, message.data.round)
        tx.changed(message.data.batch_id)


async def show_filing(message: Message[BatchFiled], work: Work) -> None:
    """备案: shows the province that what it approved is filed."""
    async with work.once(message) as tx:
        if tx is None:
            return
        await _needs_decided(tx, message.data.batch_id, message.data.round)
        await surroundings.save_filing(tx.conn, message.data)
        await reviews.save_news(tx.conn, message.data.batch_id, message.data.round)
        tx.changed(message.data.batch_id)


async def show_notice(message: Message[NoticeSent] | Message[NoticeFailed], work: Work) -> None:
    """通知: shows who was told what and when about a batch, and whether it was delivered."""
    async with work.once(message) as tx:
        if tx is None:
            return
        await surroundings.save_notice(tx.conn, message.data)
        tx.changed(message.data.about)


async def _prepare(message: Message[BatchSubmitted], work: Work) -> Review:
    submitted = message.data
    record_set = await work.objects.read(submitted.record_set.object)
    roster = await work.objects.read(submitted.roster) if submitted.roster else None
    others = await _others_under_the_resolution(submitted, work) if roster else []
    try:
        found = await asyncio.to_thread(
            inspection.inspect, submitted, message.time, record_set, roster, others
        )
    except RecordSetMismatch:
        raise NeverRetry("record-set-mismatch", submitted.record_set.object.sha256) from None
    report, findings = found.report, await work.objects.put(found.findings, PARQUET)
    counts = (report.error_count, report.warn_count, report.note_count)
    return Review(
        submitted=submitted,
        submitted_at=message.time,
        traceparent=telemetry.traceparent() or message.traceparent,
        findings=Findings(findings, *counts, report.not_checked),
        comparison=await _keep_comparison(found.compared, work),
        no_comparison=found.no_comparison,
    )


async def _keep_comparison(compared: Compared | None, work: Work) -> Comparison | None:
    if compared is None:
        return None
    stored = await work.objects.put(compared.document, JSON)
    return Comparison(stored, compared.missing_count, compared.extra_count, compared.different_count)


async def _others_under_the_resolution(submitted: BatchSubmitted, work: Work) -> list[bytes]:
    """Record sets the resolution's list also speaks of: approved ones, and those still under review."""
    async with work.pool.acquire() as conn:
        rounds = await reviews.list_rounds_of_resolution(conn, submitted.resolution_id, submitted.unit_code)
    this = (submitted.batch_id, submitted.round)
    sets = [review.standing for review in rounds if (review.batch_id, review.round) != this]
    return [await work.objects.read(each.object) for each in sets if each]


async def _let_withdraw(tx: Tx, review: Review, act: Act) -> None:
    completed = completion.withdrawn(review.submitted, act)
    await reviews.move_to_ended(tx.conn, review, ReviewState.WITHDRAWN, completed, tx.now)
    trace = telemetry.traceparent() or review.traceparent
    await tx.publish(topics.REVIEW_COMPLETED, completed, traceparent=trace)


def _refuse_another(known: Review, submitted: BatchSubmitted) -> None:
    """The same submission said again changes nothing; another one under its number can never be right."""
    if known.submitted != submitted:
        raise NeverRetry("message-refused", "another submission of this round is under review")


async def _needs_decided(tx: Tx, batch_id: str, round_: int) -> None:
    review = await reviews.find_round(tx.conn, batch_id, round_)
    if review is None or review.state is not ReviewState.COMPLETED:
        raise NeverRetry("message-refused", "this province decided no such round")


HANDLERS: Mapping[Topic[Any], Handler] = {
    topics.RESOLUTION_REGISTERED: keep_resolution,
    topics.BATCH_SUBMITTED: open_review,
    topics.BATCH_WITHDRAWN: withdraw_review,
    topics.FORMAT_CHECK_COMPLETED: show_format_check,
    topics.BATCH_FILED: show_filing,
    topics.NOTICE_SENT: show_notice,
    topics.NOTICE_FAILED: show_notice,
}
