"""What the two acts of a review share: the batch's own trace, the persons so far, and nobody acting in between."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from contracts.reasons import Refused
from services.kit import telemetry
from services.kit.problems import Problem
from services.kit.work import Tx, Work
from services.provincial_review.domain.moves import Command, ReviewState, move
from services.provincial_review.domain.persons import Persons, unit_persons
from services.provincial_review.domain.review import Review
from services.provincial_review.store import assessments, reviews


@contextmanager
def act_span(name: str, review: Review) -> Generator[None]:
    """A span of an act on a review, in the trace of its batch (受理号)."""
    attributes = {
        "xuewei.batch_id": review.batch_id,
        "xuewei.round": review.round,
        "xuewei.unit": review.submitted.unit_code,
    }
    with telemetry.span(name, after=review.traceparent, attributes=attributes):
        yield


def allow(refused: Refused | None) -> None:
    """Answers a domain's refusal at the door."""
    if refused is not None:
        raise Problem.of(refused)


def allow_move(review: Review, command: Command) -> None:
    """Refuses what the review's state does not allow."""
    after = move(review.state, command)
    if not isinstance(after, ReviewState):
        raise Problem.of(after)


async def persons_of(work: Work, review: Review) -> Persons:
    """Who acted on the batch so far, in all its rounds."""
    async with work.pool.acquire() as conn:
        return Persons(
            unit=unit_persons(review.submitted.acts),
            assessors=await assessments.list_assessors(conn, review.batch_id),
            approvers=await reviews.list_approvers(conn, review.batch_id),
        )


@asynccontextmanager
async def unchanged(work: Work, review: Review) -> AsyncGenerator[Tx]:
    """A unit of work on a review nobody changed since it was loaded; else refuses (review-changed).

    Documents are written before it, so that the review is locked for a moment only. A withdrawal by the unit
    and two people deciding at once meet here.
    """
    async with work.transaction() as tx:
        version = await reviews.load_version_locked(tx.conn, review.batch_id, review.round)
        if version != review.version:
            raise Problem("review-changed", seen=review.version, version=version)
        yield tx
        tx.changed(review.batch_id)
