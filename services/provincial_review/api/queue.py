"""The queue of a province and the detail of a review; a detail can be waited for."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from services.kit.identity import Caller
from services.kit.problems import Problem
from services.kit.work import Work
from services.provincial_review.api.stored import read_stored
from services.provincial_review.api.tenant import (
    BatchOf,
    Reader,
    RoundOf,
    TheWork,
    find_own,
    settings_of,
)
from services.provincial_review.api.views import Surroundings, View, detail_view, summary_view
from services.provincial_review.domain.moves import ReviewState
from services.provincial_review.domain.review import Assessment, Review
from services.provincial_review.store import assessments, reviews, surroundings

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
OPEN = (ReviewState.WAITING, ReviewState.ASSESSED)
WAIT_MAX_SECONDS = 30
LOOK_AGAIN_SECONDS = 5.0


@router.get("")
async def list_reviews(
    work: TheWork,
    caller: Reader,
    state: Annotated[list[ReviewState], Query()] = list(OPEN),  # noqa: B006 read only
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> View:
    """待审列表: the reviews of the caller's province, the most urgent first; open ones unless asked otherwise."""
    async with work.pool.acquire() as conn:
        found = await reviews.list_queue(conn, caller.office.code, state, limit=limit, offset=offset)
    now, near_days = work.clock.now(), settings_of(work).review_near_days
    return {"reviews": [summary_view(review, now, near_days) for review in found]}


@router.get("/{batch_id}/{round_}")
async def show_review(
    work: TheWork,
    caller: Reader,
    batch_id: BatchOf,
    round_: RoundOf,
    seen: Annotated[int, Query(ge=0)] = 0,
    wait_seconds: Annotated[float, Query(ge=0, le=WAIT_MAX_SECONDS)] = 0,
) -> View:
    """审核详情: one review; with ``wait_seconds`` it is waited for until its version is above ``seen``."""
    review = await _wait_for(work, caller, batch_id, round_, seen, wait_seconds)
    if review is None:
        raise Problem("not-found")
    return await view_of(work, review)


async def view_of(work: Work, review: Review) -> View:
    """The detail of a review as it is shown now."""
    submitted = review.submitted
    async with work.pool.acquire() as conn:
        around = Surroundings(
            await surroundings.find_resolution(conn, submitted.resolution_id, submitted.unit_code),
            await assessments.list_assessments(conn, review.batch_id, review.round),
            await surroundings.find_withdrawal(conn, review.batch_id, review.round),
            await surroundings.find_format_check(conn, review.batch_id, review.round),
            await surroundings.list_filings(conn, review.batch_id, review.round),
            await surroundings.list_notices(conn, review.batch_id),
        )
    view = detail_view(review, around, work.clock.now(), settings_of(work).review_near_days)
    return {**view, "sent_back": await _sent_back(work, review, around.assessments)}


async def _sent_back(work: Work, review: Review, made: Sequence[Assessment]) -> View | None:
    """What an approver said when the last assessment was sent back, while the reviewer has to mend it."""
    if review.state is not ReviewState.WAITING or not made:
        return None
    last = made[-1]
    text = (await read_stored(work, last.sent_back)).decode() if last.sent_back else ""
    return {"by": last.sent_back_by, "at": last.sent_back_at, "assessment": last.number, "text": text}


async def _wait_for(
    work: Work, caller: Caller, batch_id: str, round_: int, seen: int, seconds: float
) -> Review | None:
    loop_time = asyncio.get_running_loop().time
    until = loop_time() + seconds
    while True:
        news = work.hints.expect("changed", batch_id)
        try:
            review = await find_own(work, caller, batch_id, round_)
            left = until - loop_time()
            if left <= 0 or (review is not None and review.version > seen):
                return review
            # A hint may be lost with its connection: look again every few seconds whatever happens.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_AGAIN_SECONDS)):
                    await news.wait()
        finally:
            work.hints.forget("changed", batch_id, news)
