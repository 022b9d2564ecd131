"""The notifier's clocks: chase what is owed, deliver what is planned, tell of what was cut off."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, assert_never, cast

from contracts import topics
from contracts.deadlines import shanghai_day
from contracts.notices import NoticeFailed, NoticeSent
from contracts.vocabulary import Office
from services.kit.sweeps import Sweep
from services.kit.work import Tx, Work
from services.notifier import notices, store
from services.notifier.domain.ladders import LADDERS, Recipient, Step, steps_due
from services.notifier.domain.obligations import superior_of
from services.notifier.letters import write_letter
from services.notifier.mail import Delivery, send_mail
from services.notifier.notices import Notice
from services.notifier.settings import Settings
from services.notifier.store import Candidate, Obligation


async def chase(work: Work) -> int:
    """催办: takes the steps of every open obligation whose day has come."""
    today = shanghai_day(work.clock.now())
    async with work.pool.acquire() as conn:
        candidates = [each for each in await store.list_to_chase(conn) if _steps(each, today, each.told)]
    return sum([await _chase_one(work, each.obligation_id) for each in candidates])


def _steps(owed: Candidate | Obligation, today: date, told: Collection[str]) -> tuple[Step, ...]:
    return steps_due(LADDERS[owed.deadline], shanghai_day(owed.opened_at), owed.last_day, today, told)


async def _chase_one(work: Work, obligation_id: str) -> int:
    async with work.transaction(crash="sweep") as tx:
        obligation = await store.lock_open(tx.conn, obligation_id)
        if obligation is None:
            return 0
        told = await notices.list_told(tx.conn, obligation_id)
        steps = _steps(obligation, shanghai_day(tx.now), told)
        for step in steps:
            await _plan(tx, obligation, step)
        return len(steps)


async def _plan(tx: Tx, obligation: Obligation, step: Step) -> None:
    """The inbox has the notice with this transaction; the e-mail goes out after it."""
    to = (
        obligation.office
        if step.recipient is Recipient.OWER
        else superior_of(obligation.office, obligation.province_code)
    )
    letter = write_letter(obligation, step, to, shanghai_day(tx.now))
    inbox = await notices.plan_notice(
        tx.conn, obligation.obligation_id, step.name, to, "inbox", letter, tx.now
    )
    await notices.plan_notice(tx.conn, obligation.obligation_id, step.name, to, "email", letter, tx.now)
    if inbox is not None:
        await notices.end_notice(tx.conn, inbox, "sent", tx.now)
        await _tell_sent(tx, inbox, obligation, step.name, to)


async def _tell_sent(tx: Tx, notice_id: str, obligation: Obligation, step: str, to: Office) -> None:
    payload = NoticeSent(
        notice_id=notice_id,
        obligation_id=obligation.obligation_id,
        recipient_office=str(to),
        step=step,
        channel="inbox",
        about=obligation.about,
        deadline=obligation.deadline,
        sent_at=tx.now,
    )
    await tx.publish(topics.NOTICE_SENT, payload, traceparent=obligation.traceparent)


async def deliver(work: Work) -> int:
    """Sends planned e-mails; what was done in the meantime is dropped, not sent."""
    async with work.pool.acquire() as conn:
        waiting = await notices.list_to_deliver(conn, work.clock.now())
    for notice_id in waiting:
        notice = await _begin(work, notice_id)
        if notice is not None:
            await _send(work, notice)
    return len(waiting)


async def _begin(work: Work, notice_id: str) -> Notice | None:
    """Claims a notice in a transaction of its own, so that a crash while sending shows and is never resent."""
    async with work.transaction(crash="sweep") as tx:
        notice = await notices.lock_notice(tx.conn, notice_id, "planned")
        if notice is None:
            return None
        if notice.obligation_state != "open":
            await notices.end_notice(tx.conn, notice_id, "dropped", tx.now)
            return None
        if notice.email is None:
            await _fail(tx, notice, "contact-missing")
            return None
        await notices.begin_sending(tx.conn, notice_id)
        return notice


async def _send(work: Work, notice: Notice) -> None:
    settings = cast("Settings", work.settings)
    assert notice.email is not None
    outcome = await send_mail(
        settings, to=notice.email, subject=notice.subject, body=notice.body, notice_id=notice.notice_id
    )
    async with work.transaction(crash="sweep") as tx:
        if await notices.lock_notice(tx.conn, notice.notice_id, "sending") is None:
            return  # it took so long that it was told as unknown
        match outcome:
            case Delivery.ACCEPTED:
                await notices.end_notice(tx.conn, notice.notice_id, "sent", tx.now)
                payload = NoticeSent(**_told(notice), sent_at=tx.now)
                await tx.publish(topics.NOTICE_SENT, payload, traceparent=notice.traceparent)
            case Delivery.REFUSED:
                await _fail(tx, notice, "mail-refused")
            case Delivery.UNKNOWN:
                await _fail(tx, notice, "delivery-unknown")
            case Delivery.PUT_OFF:
                await _put_off(tx, notice, settings)
            case _:
                assert_never(outcome)


async def _put_off(tx: Tx, notice: Notice, settings: Settings) -> None:
    if notice.tries + 1 >= settings.mail_tries_max:
        await _fail(tx, notice, "mail-unavailable")
        return
    pause = timedelta(seconds=settings.mail_retry_seconds * 2**notice.tries)
    await notices.try_again(tx.conn, notice.notice_id, tx.now + pause)


async def tell_cut_off(work: Work) -> int:
    """Deliveries a crash cut off may or may not have left: they are told as unknown and never sent twice."""
    settings = cast("Settings", work.settings)
    async with work.pool.acquire() as conn:
        lost = await notices.list_cut_off(conn, timedelta(seconds=settings.deliver_claim_seconds))
    for notice_id in lost:
        async with work.transaction(crash="sweep") as tx:
            notice = await notices.lock_notice(tx.conn, notice_id, "sending")
            if notice is not None:
                await _fail(tx, notice, "delivery-unknown")
    return len(lost)


async def _fail(tx: Tx, notice: Notice, reason_code: str) -> None:
    await notices.end_notice(tx.conn, notice.notice_id, "failed", tx.now, reason_code)
    payload = NoticeFailed(**_told(notice), failed_at=tx.now, reason_code=reason_code)
    await tx.publish(topics.NOTICE_FAILED, payload, traceparent=notice.traceparent)


def _told(notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": notice.notice_id,
        "obligation_id": notice.obligation_id,
        "recipient_office": notice.office,
        "step": notice.step,
        "channel": notice.channel,
        "about": notice.about,
        "deadline": notice.deadline,
    }


SWEEPS = (
    Sweep("chase", 5.0, chase),
    Sweep("deliver", 1.0, deliver),
    Sweep("tell-cut-off", 30.0, tell_cut_off),
)
