"""The records of a review, page by page, and the list of those to be returned."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.kit.problems import Problem
from services.kit.work import Work
from services.provincial_review.api.stored import read_stored
from services.provincial_review.api.tenant import BatchOf, Reader, RoundOf, TheWork, load_own, settings_of
from services.provincial_review.api.views import View, reason_view
from services.provincial_review.domain.documents import read_returned
from services.provincial_review.domain.pages import (
    Only,
    page_of,
)
from services.provincial_review.domain.review import Review
from services.provincial_review.store import assessments

router = APIRouter(prefix="/v1/reviews", tags=["records"])
PRIVATE = {"Cache-Control": "no-store"}


@router.get("/{batch_id}/{round_}/records")
async def list_records(
    work: TheWork,
    caller: Reader,
    response: Response,
    batch_id: BatchOf,
    round_: RoundOf,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1)] = 100,
    only: Only = Only.ALL,
) -> View:
    """A page of records with their values, findings and differences; ``only`` picks those worth a look."""
    review = await load_own(work, caller, batch_id, round_)
    limit_max = settings_of(work).page_records_max
    if limit > limit_max:
        raise Problem("request-invalid", errors=[{"where": "query/limit", "limit_max": limit_max}])
    comparison = review.comparison and await read_stored(work, review.comparison.stored)
    page = await asyncio.to_thread(
        page_of,
        await read_stored(work, review.submitted.record_set.object),
        await read_stored(work, review.findings.stored),
        comparison,
        await _returned_list(work, review),
        only,
        offset,
        limit,
    )
    response.headers.update(PRIVATE)
    return {
        "total": page.total,
        "offset": offset,
        "batch_findings": page.batch_findings,
        "records": page.records,
    }


@router.get("/{batch_id}/{round_}/returned")
async def list_returned(
    work: TheWork, caller: Reader, response: Response, batch_id: BatchOf, round_: RoundOf
) -> View:
    """退回清单: the records the assessment that counts returns, with reasons in both languages."""
    review = await load_own(work, caller, batch_id, round_)
    response.headers.update(PRIVATE)
    lines = await _returned_list(work, review)
    return {"returned": await asyncio.to_thread(_returned_view, lines)}


def _returned_view(lines: bytes) -> list[View]:
    return [
        {**each.model_dump(mode="json"), **reason_view(each.reason_code)} for each in read_returned(lines)
    ]


async def _returned_list(work: Work, review: Review) -> bytes:
    """The stored list of the assessment that counts; empty when there is none or it returns nothing."""
    if review.assessment_number == 0:
        return b""
    async with work.pool.acquire() as conn:
        assessment = await assessments.load_assessment(
            conn, review.batch_id, review.round, review.assessment_number
        )
    return await read_stored(work, assessment.returned) if assessment.returned else b""
