"""What a reviewer takes away: the scan of the resolution, the findings, the comparison with the list of names."""

import asyncio
from enum import StrEnum

from fastapi import APIRouter, Response

from contracts.standard.pack import findings_csv, findings_jsonl
from contracts.standard.record_set import read_parquet
from services.kit.problems import Problem
from services.provincial_review.api.stored import read_stored
from services.provincial_review.api.tenant import BatchOf, Reader, RoundOf, TheWork, load_own
from services.provincial_review.store import surroundings

router = APIRouter(prefix="/v1/reviews", tags=["downloads"])


class Format(StrEnum):
    """How findings are written."""

    JSONL = "jsonl"
    CSV = "csv"


_WRITERS = {
    Format.JSONL: (findings_jsonl, "application/jsonl"),
    Format.CSV: (findings_csv, "text/csv; charset=utf-8"),
}


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


@router.get("/{batch_id}/{round_}/scan")
async def download_scan(work: TheWork, caller: Reader, batch_id: BatchOf, round_: RoundOf) -> Response:
    """决议扫描件: the scan of the resolution as the unit submitted it."""
    scan = (await load_own(work, caller, batch_id, round_)).submitted.scan
    return _download(await read_stored(work, scan), scan.media_type, f"{batch_id}.{round_}.pdf")


@router.get("/{batch_id}/{round_}/findings")
async def download_findings(
    work: TheWork,
    caller: Reader,
    batch_id: BatchOf,
    round_: RoundOf,
    format: Format = Format.JSONL,  # noqa: A002 the name in the address
) -> Response:
    """校验发现: all findings of the rule pack at stage P."""
    review = await load_own(work, caller, batch_id, round_)
    frame = read_parquet(await read_stored(work, review.findings.stored))
    write, media_type = _WRITERS[format]
    content = await asyncio.to_thread(write, frame)
    return _download(content, media_type, f"{batch_id}.{round_}.findings.{format}")


@router.get("/{batch_id}/{round_}/comparison")
async def show_comparison(work: TheWork, caller: Reader, batch_id: BatchOf, round_: RoundOf) -> Response:
    """名单比对: who is missing, who is not on the list, what differs; not-found when no list was supplied."""
    review = await load_own(work, caller, batch_id, round_)
    if review.comparison is None:
        raise Problem(review.no_comparison or "no-list-supplied")
    content = await read_stored(work, review.comparison.stored)
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/{batch_id}/{round_}/format-check/returned")
async def download_format_check_returned(
    work: TheWork, caller: Reader, batch_id: BatchOf, round_: RoundOf
) -> Response:
    """形式审查退回清单: what the national centre returned, as JSON Lines (Article 14(2))."""
    await load_own(work, caller, batch_id, round_)
    async with work.pool.acquire() as conn:
        check = await surroundings.find_format_check(conn, batch_id, round_)
    if check is None or check.returned is None:
        raise Problem("not-found")
    content = await read_stored(work, check.returned)
    return _download(content, "application/jsonl", f"{batch_id}.{round_}.format-check.jsonl")
