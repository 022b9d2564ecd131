"""POST …/assessment: a reviewer decides on every record of a round."""

import asyncio
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.reasons import Refused
from contracts.vocabulary import Code
from services.kit.identity import Caller
from services.kit.problems import Problem
from services.kit.work import Work
from services.provincial_review.api.acts import act_span, allow, allow_move, persons_of, unchanged
from services.provincial_review.api.queue import view_of
from services.provincial_review.api.stored import read_stored
from services.provincial_review.api.tenant import (
    BatchOf,
    Reviewer,
    RoundOf,
    TheWork,
    load_own,
    settings_of,
)
from services.provincial_review.api.views import View
from services.provincial_review.domain import assessment as assessing
from services.provincial_review.domain import documents, persons
from services.provincial_review.domain.assessment import Assessed, Return, ReturnAll
from services.provincial_review.domain.moves import Command
from services.provincial_review.domain.review import Assessment, Review
from services.provincial_review.store import assessments, reviews

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
RECORDS_MAX = 100_000
Comment = Annotated[str | None, Field(max_length=1000)]


class ReturnWish(BaseModel):
    """One record to return: which, why, about which field, and a comment for the unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record_id: str = Field(max_length=80)
    reason_code: Code
    field: Code | None = None
    comment: Comment = None


class ReturnAllWish(BaseModel):
    """Why the whole round is to be returned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason_code: Code
    comment: Comment = None


class AssessmentWish(BaseModel):
    """The records to return (an empty list approves all), or the whole round; exactly one of the two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    returned: tuple[ReturnWish, ...] | None = Field(default=None, max_length=RECORDS_MAX)
    return_all: ReturnAllWish | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.returned is None) == (self.return_all is None):
            raise ValueError("give either returned or return_all")
        return self


@router.post("/{batch_id}/{round_}/assessment")
async def assess_review(
    work: TheWork, caller: Reviewer, batch_id: BatchOf, round_: RoundOf, wish: AssessmentWish
) -> View:
    """初审: keeps an assessment; until an opinion is signed it may be replaced, the earlier ones are kept."""
    review = await load_own(work, caller, batch_id, round_)
    with act_span("assess review", review):
        allow_move(review, Command.ASSESS)
        allow(persons.may_assess(caller.person, await persons_of(work, review)))
        await _keep(work, caller, review, *await _decide(work, review, wish))
    return await view_of(work, await load_own(work, caller, batch_id, round_))


async def _decide(work: Work, review: Review, wish: AssessmentWish) -> tuple[Assessed, bytes]:
    """The decision, and the list of returned records as it will be kept."""
    submitted = review.submitted
    if wish.returned == () and review.findings.error_count == 0:
        return Assessed((), submitted.record_set.record_count), b""
    decided = await asyncio.to_thread(
        assessing.assess_record_set,
        _in_domain_words(wish),
        await read_stored(work, submitted.record_set.object),
        await read_stored(work, review.findings.stored),
        submitted.category,
        partial_approval=settings_of(work).partial_approval,
    )
    if isinstance(decided, Refused):
        raise Problem.of(decided)
    return decided


def _in_domain_words(wish: AssessmentWish) -> list[Return] | ReturnAll:
    if wish.return_all is not None:
        return ReturnAll(wish.return_all.reason_code, wish.return_all.comment)
    return [
        Return(each.record_id, each.reason_code, each.field, each.comment) for each in wish.returned or ()
    ]


async def _keep(work: Work, caller: Caller, review: Review, assessed: Assessed, lines: bytes) -> None:
    returned = await work.objects.put(lines, documents.JSON_LINES) if lines else None
    document = documents.assessment_document(review, assessed.approved_count, returned)
    stored = await work.objects.put(document, documents.JSON)
    async with unchanged(work, review) as tx:
        earlier = await assessments.list_assessments(tx.conn, review.batch_id, review.round)
        current = next((each for each in earlier if each.number == review.assessment_number), None)
        if current is not None and (current.person, current.stored) == (caller.person, stored):
            return  # the same said again
        assessment = Assessment(
            number=len(earlier) + 1,
            person=caller.person,
            assessed_at=tx.now,
            approved_count=assessed.approved_count,
            returned_count=len(assessed.returned),
            stored=stored,
            returned=returned,
        )
        await assessments.save_assessment(tx.conn, review.batch_id, review.round, assessment)
        await reviews.move_to_assessed(tx.conn, review, assessment.number)
