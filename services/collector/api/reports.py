"""What a unit reads of its batches: findings, returned records, timeline, receipts."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from contracts.reasons import REASONS
from contracts.standard.rules.findings import findings_csv, findings_jsonl
from services.collector.api.callers import Reader, TheWork, own_batch
from services.collector.domain.timeline import What
from services.collector.store import returned_records, rounds, timeline, uploads
from services.collector.store.returned_records import Owed
from services.kit.problems import Problem
from services.kit.telemetry import trace_id_of

_ORDER = {what: place for place, what in enumerate(What)}
"""How things of the same instant follow each other: as they are listed."""

router = APIRouter(tags=["reports"])
SLICE_ROWS = 10_000
BOM = b"\xef\xbb\xbf"
Number = Annotated[int | None, Query(alias="round", ge=1)]


class FindingsFormat(StrEnum):
    """How findings are sent."""

    JSONL = "jsonl"
    CSV = "csv"


class TableFormat(StrEnum):
    """How a table is sent."""

    JSON = "json"
    CSV = "csv"


MEDIA_TYPES = {FindingsFormat.JSONL: "application/x-ndjson", FindingsFormat.CSV: "text/csv; charset=utf-8"}


@router.get("/v1/batches/{batch_id}/findings")
async def get_findings(
    batch_id: str,
    caller: Reader,
    work: TheWork,
    format: FindingsFormat = FindingsFormat.JSONL,  # noqa: A002 the parameter's name is part of the interface
    round_: Number = None,
) -> Response:
    """Every finding (校验发现) of the round's latest upload; Problem(not-checked-yet) before it was read."""
    batch = await own_batch(work, caller, batch_id)
    async with work.pool.acquire() as conn:
        upload = await uploads.find_last_upload(conn, batch_id, round_ or batch.round)
    if upload is None:
        raise Problem("not-found")
    if upload.read_at is None:
        raise Problem("not-checked-yet")
    if upload.findings is None:
        return Response(b"", media_type=MEDIA_TYPES[format])
    data = await work.objects.read(upload.findings)
    return StreamingResponse(_slices(data, format), media_type=MEDIA_TYPES[format])


async def _slices(data: bytes, form: FindingsFormat) -> AsyncIterator[bytes]:
    """The findings in parts, so that a file with an error in every cell needs no more memory than others."""
    findings = pl.scan_parquet(io.BytesIO(data))
    offset = 0
    while True:
        part = await asyncio.to_thread(findings.slice(offset, SLICE_ROWS).collect)
        if part.is_empty() and offset:
            return
        if form is FindingsFormat.JSONL:
            yield await asyncio.to_thread(findings_jsonl, part)
        else:
            table = await asyncio.to_thread(findings_csv, part)
            yield table if offset == 0 else table.removeprefix(BOM).partition(b"\r\n")[2]
        offset += SLICE_ROWS
        if part.height < SLICE_ROWS:
            return


@router.get("/v1/batches/{batch_id}/returned")
async def get_returned(
    batch_id: str,
    caller: Reader,
    work: TheWork,
    format: TableFormat = TableFormat.JSON,  # noqa: A002 the parameter's name is part of the interface
    round_: Number = None,
) -> Response:
    """The records province or centre returned (退回), why, and whether they are still owed."""
    batch = await own_batch(work, caller, batch_id)
    async with work.pool.acquire() as conn:
        found = await returned_records.list_returned(conn, batch.batch_id, round_)
    rows = [_returned_view(each) for each in found]
    if format is TableFormat.JSON:
        return JSONResponse({"batch_id": batch_id, "returned": rows})
    return Response(await asyncio.to_thread(_csv, rows), media_type="text/csv; charset=utf-8")


@router.get("/v1/batches/{batch_id}/timeline")
async def get_timeline(batch_id: str, caller: Reader, work: TheWork) -> dict[str, Any]:
    """What happened to the batch and who was told, in order of time."""
    batch = await own_batch(work, caller, batch_id)
    async with work.pool.acquire() as conn:
        entries = await timeline.list_entries(conn, batch_id)
        notices = await timeline.list_notices(conn, batch_id, batch.resolution_id)
    happened = [_entry_view(each) for each in entries] + [_notice_view(each) for each in notices]
    return {
        "batch_id": batch_id,
        "acceptance_number": trace_id_of(batch.traceparent),
        "timeline": sorted(happened, key=lambda each: (each["at"], _ORDER[each["what"]])),
    }


@router.get("/v1/batches/{batch_id}/receipts/{round_}")
async def get_receipt(batch_id: str, round_: int, caller: Reader, work: TheWork) -> Response:
    """The receipt (回执) of a round, byte for byte as the national centre issued it."""
    await own_batch(work, caller, batch_id)
    async with work.pool.acquire() as conn:
        filings = await rounds.list_filings(conn, batch_id)
    filing = next((each for each in filings if each.round == round_), None)
    if filing is None:
        raise Problem("not-found", what="receipt")
    return Response(await work.objects.read(filing.receipt), media_type="application/json")


def _returned_view(owed: Owed) -> dict[str, Any]:
    known = REASONS.get(owed.reason_code)
    return {
        "record_id": owed.record_id,
        "round": owed.round,
        "row": owed.row,
        "reason_code": owed.reason_code,
        "text_zh": known.text_zh if known else owed.reason_code,
        "text_en": known.text_en if known else owed.reason_code,
        "fix_zh": known.fix_zh if known else "",
        "fix_en": known.fix_en if known else "",
        "rule": owed.rule,
        "field": owed.field,
        "comment": owed.comment,
        "returned_by": owed.returned_by,
        "returned_at": owed.returned_at.isoformat(),
        "owed": owed.replaced_in_round is None,
        "replaced_in_round": owed.replaced_in_round,
    }


def _csv(rows: list[dict[str, Any]]) -> bytes:
    columns = (
        "record_id",
        "row",
        "reason_code",
        "text_zh",
        "rule",
        "field",
        "comment",
        "returned_by",
        "owed",
    )
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(columns)
    writer.writerows([_inert(row[column]) for column in columns] for row in rows)
    return BOM + lines.getvalue().encode()


def _inert(value: object) -> object:
    """A cell no spreadsheet runs as a formula."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )


def _entry_view(entry: timeline.Entry) -> dict[str, Any]:
    what = What(entry.what)
    return {
        "at": entry.at.isoformat(),
        "what": what,
        "what_zh": what.text_zh,
        "what_en": what.text_en,
        "round": entry.round,
        "attempt": entry.attempt,
        "office": entry.office,
        "person": entry.person,
        "reason_code": entry.reason_code,
        "facts": dict(entry.facts),
    }


def _notice_view(notice: timeline.Notice) -> dict[str, Any]:
    what = What.NOTICE_SENT if notice.delivered else What.NOTICE_FAILED
    return {
        "at": notice.at.isoformat(),
        "what": what,
        "what_zh": what.text_zh,
        "what_en": what.text_en,
        "round": None,
        "attempt": None,
        "office": notice.recipient_office,
        "person": None,
        "reason_code": notice.reason_code,
        "facts": {"step": notice.step, "channel": notice.channel, "deadline": notice.deadline},
    }
