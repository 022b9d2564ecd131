"""The records of a review, page by page, and the list of those to be returned."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from contracts.reviews import ReturnedRecord
from contracts.vocabulary import StoredObject
from services.kit.problems import Problem
from services.kit.work import Work
from services.provincial_review.api.stored import read_stored
from services.provincial_review.api.tenant import BatchOf, Reader, RoundOf, TheWork, load_own, settings_of
from services.provincial_review.api.views import View, reason_view
from services.provincial_review.domain.documents import read_returned
from services.provincial_review.domain.pages import (
    Differences,
    Only,
    findings_of_batch,
    page_of,
    read_differences,
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
    record_set = await read_stored(work, review.submitted.record_set.object)
    findings = await read_stored(work, review.findings.stored)
    differences, returned = await _differences(work, review), await _returned(work, review)
    page = await asyncio.to_thread(page_of, record_set, findings, differences, returned, only, offset, limit)
    response.headers.update(PRIVATE)
    return {
        "total": page.total,
        "offset": offset,
        "batch_findings": findings_of_batch(findings),
        "records": page.records,
    }


@router.get("/{batch_id}/{round_}/returned")
async def list_returned(
    work: TheWork, caller: Reader, response: Response, batch_id: BatchOf, round_: RoundOf
) -> View:
    """退回清单: the records the assessment that counts returns, with reasons in both languages."""
    review = await load_own(work, caller, batch_id, round_)
    response.headers.update(PRIVATE)
    return {"returned": [_returned_view(each) for each in await _returned(work, review)]}


def _returned_view(each: ReturnedRecord) -> View:
    return {**each.model_dump(mode="json"), **reason_view(each.reason_code)}


async def _returned(work: Work, review: Review) -> tuple[ReturnedRecord, ...]:
    stored = await _returned_list(work, review)
    return read_returned(await read_stored(work, stored)) if stored else ()


async def _returned_list(work: Work, review: Review) -> StoredObject | None:
    if review.assessment_number == 0:
        return None
    async with work.pool.acquire() as conn:
        assessment = await assessments.load_assessment(
            conn, review.batch_id, review.round, review.assessment_number
        )
    return assessment.returned


async def _differences(work: Work, review: Review) -> Differences:
    if review.comparison is None:
        return Differences()
    return read_differences(await read_stored(work, review.comparison.stored))
