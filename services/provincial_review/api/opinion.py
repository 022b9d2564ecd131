"""POST …/opinion: an approver signs what a reviewer assessed, or sends it back."""

import asyncio
from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from contracts import topics
from contracts.vocabulary import Act, ActKind, RecordSet, Role
from services.kit.identity import Caller
from services.kit.problems import Problem
from services.kit.work import Work
from services.provincial_review.api.acts import act_span, allow, allow_move, persons_of, unchanged
from services.provincial_review.api.queue import view_of
from services.provincial_review.api.stored import read_stored
from services.provincial_review.api.tenant import Approver, BatchOf, RoundOf, TheWork, load_own
from services.provincial_review.api.views import View
from services.provincial_review.domain import completion, documents, persons
from services.provincial_review.domain.moves import Command, ReviewState
from services.provincial_review.domain.record_sets import approved_part
from services.provincial_review.domain.review import Assessment, Review
from services.provincial_review.store import assessments, reviews

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
TEXT_MAX = 4000


class Opinion(BaseModel):
    """An approver's opinion. ``assessment`` is the number of the one that was looked at; another is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Literal["sign", "send_back"]
    text: str = Field(default="", max_length=TEXT_MAX)
    assessment: int | None = Field(default=None, ge=1)


@router.post("/{batch_id}/{round_}/opinion")
async def give_opinion(
    work: TheWork, caller: Approver, batch_id: BatchOf, round_: RoundOf, opinion: Opinion
) -> View:
    """审核意见: signs the assessment, which ends the review, or sends it back to the reviewer."""
    review = await load_own(work, caller, batch_id, round_)
    if not _said_before(review, caller, opinion):
        command = Command(opinion.decision)
        with act_span("sign opinion" if command is Command.SIGN else "send assessment back", review):
            allow_move(review, command)
            allow(persons.may_approve(caller.person, await persons_of(work, review)))
            assessment = await _looked_at(work, review, opinion)
            if command is Command.SIGN:
                await _sign(work, caller, review, assessment, opinion.text)
            else:
                await _send_back(work, caller, review, assessment, opinion.text)
    return await view_of(work, await load_own(work, caller, batch_id, round_))


def _said_before(review: Review, caller: Caller, opinion: Opinion) -> bool:
    """Whether this person signed this very assessment already: a client that lost the answer asks again."""
    return (
        opinion.decision == "sign"
        and review.state is ReviewState.COMPLETED
        and review.approved_by == caller.person
        and opinion.assessment in (None, review.assessment_number)
    )


async def _looked_at(work: Work, review: Review, opinion: Opinion) -> Assessment:
    if opinion.assessment not in (None, review.assessment_number):
        raise Problem("review-changed", seen=opinion.assessment, assessment=review.assessment_number)
    async with work.pool.acquire() as conn:
        return await assessments.load_assessment(
            conn, review.batch_id, review.round, review.assessment_number
        )


async def _sign(work: Work, caller: Caller, review: Review, assessment: Assessment, text: str) -> None:
    approved = await _approved(work, review, assessment)
    statement = documents.opinion_statement(review, assessment, approved, text)
    digest = documents.digest_of(statement)
    acts = _acts(caller, assessment, work.clock.now(), digest)
    document = documents.opinion_document(statement, digest, (*review.submitted.acts, *acts))
    stored = await work.objects.put(document, documents.JSON)
    completed = completion.decided(review.submitted, assessment, approved, stored, acts)
    async with unchanged(work, review) as tx:
        await reviews.move_to_ended(
            tx.conn, review, ReviewState.COMPLETED, completed, tx.now, approved_by=caller.person
        )
        await tx.publish(topics.REVIEW_COMPLETED, completed)


def _acts(caller: Caller, assessment: Assessment, now: datetime, digest: str) -> tuple[Act, Act]:
    office = caller.office
    assess = documents.act_of(
        ActKind.ASSESS,
        assessment.person,
        office,
        Role.REVIEWER,
        assessment.assessed_at,
        assessment.stored.sha256,
    )
    approve = documents.act_of(ActKind.APPROVE, caller.person, office, Role.APPROVER, now, digest)
    return assess, approve


async def _approved(work: Work, review: Review, assessment: Assessment) -> RecordSet | None:
    """The record set that goes on: the submitted one when all are approved, else its approved part.

    The submitted one is read in any case: nothing is decided on an object that is missing or damaged.
    """
    submitted = review.submitted.record_set
    parquet = await read_stored(work, submitted.object)
    if assessment.returned is None:
        return submitted
    if assessment.approved_count == 0:
        return None
    returned = await read_stored(work, assessment.returned)
    part = await asyncio.to_thread(approved_part, parquet, returned)
    stored = await work.objects.put(part.parquet, documents.PARQUET)
    return RecordSet(object=stored, record_count=part.record_count, merkle_root=part.merkle_root)


async def _send_back(work: Work, caller: Caller, review: Review, assessment: Assessment, text: str) -> None:
    words = await work.objects.put(text.encode(), "text/plain; charset=utf-8") if text else None
    async with unchanged(work, review) as tx:
        await assessments.save_sent_back(
            tx.conn,
            review.batch_id,
            review.round,
            assessment.number,
            person=caller.person,
            at=tx.now,
            words=words,
        )
        await reviews.move_to_waiting(tx.conn, review)
