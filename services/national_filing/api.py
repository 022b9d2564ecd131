"""The centre's doors: format checks and filings for its operators, the receipt keys for everybody."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Response

from contracts.vocabulary import OfficeKind, Role
from services.kit.http import work_of
from services.kit.identity import Caller, require
from services.kit.problems import Problem
from services.kit.work import Work
from services.national_filing import store
from services.national_filing.settings import Settings

router = APIRouter(prefix="/v1", tags=["national filing 备案"])

Operator = Annotated[
    Caller, Depends(require(Role.CENTRE_OPERATOR, Role.OPERATOR, kinds=(OfficeKind.NATIONAL_CENTRE,)))
]
TheWork = Annotated[Work, Depends(work_of)]


@router.get("/receipt-keys")
async def receipt_keys(work: TheWork) -> dict[str, Any]:
    """The public keys of receipts (回执公钥) as a JSON Web Key Set: the present one first, then retired ones."""
    return {"keys": cast("Settings", work.settings).published_keys}


@router.get("/filings")
async def filings(
    _: Operator,
    work: TheWork,
    batch_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Filings (备案), newest first."""
    async with work.pool.acquire() as conn:
        return {"filings": await store.list_filings(conn, batch_id, limit)}


@router.get("/filings/{filing_number}")
async def filing(_: Operator, work: TheWork, filing_number: str) -> dict[str, Any]:
    """One filing."""
    return await _load_filing(work, filing_number)


@router.get("/filings/{filing_number}/receipt")
async def receipt(_: Operator, work: TheWork, filing_number: str) -> Response:
    """The signed receipt (回执), the bytes as they were issued."""
    kept = await _load_filing(work, filing_number)
    return Response(await work.objects.read(kept["receipt"]["sha256"]), media_type="application/json")


@router.get("/format-checks/{batch_id}/{round_}")
async def format_check(_: Operator, work: TheWork, batch_id: str, round_: int) -> dict[str, Any]:
    """The format check (形式审查) of one round of a batch."""
    return await _load_format_check(work, batch_id, round_)


@router.get("/format-checks/{batch_id}/{round_}/returned")
async def returned_records(_: Operator, work: TheWork, batch_id: str, round_: int) -> Response:
    """The returned records of a format check as JSON Lines: record, row, rule, field, reason; no values."""
    kept = await _load_format_check(work, batch_id, round_)
    data = await work.objects.read(kept["returned"]["sha256"]) if kept["returned"] else b""
    return Response(data, media_type="application/jsonl")


async def _load_filing(work: Work, filing_number: str) -> dict[str, Any]:
    async with work.pool.acquire() as conn:
        kept = await store.find_filing(conn, filing_number)
    if kept is None:
        raise Problem("not-found")
    return kept


async def _load_format_check(work: Work, batch_id: str, round_: int) -> dict[str, Any]:
    async with work.pool.acquire() as conn:
        kept = await store.find_format_check(conn, batch_id, round_)
    if kept is None:
        raise Problem("not-found")
    del kept["traceparent"]
    return kept
