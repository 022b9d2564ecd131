"""Batches (批次): received with 202 once their originals are durable, replaced, corrected, watched."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from contracts import topics
from contracts.batches import BatchReceived
from contracts.reasons import Refused
from contracts.standard.layouts import Layout
from contracts.vocabulary import ActKind, RecordCategory, ResolutionId, StoredObject, new_id
from services.collector.api.callers import (
    Collector,
    IdempotencyKey,
    Order,
    Reader,
    TheWork,
    acting,
    digest_of,
    granted,
    own_batch,
    own_object,
)
from services.collector.api.resolutions import FileReference
from services.collector.api.views import batch_view, brief_view, links_of
from services.collector.domain.people import may_act
from services.collector.domain.states import OPENS_A_ROUND, BatchState, Command, move
from services.collector.domain.timeline import What
from services.collector.store import batches, resolutions, returned_records, rounds, uploads
from services.collector.store.batches import Batch
from services.collector.store.standing import entry_of, load_people, settle
from services.collector.store.uploads import Upload
from services.kit import telemetry
from services.kit.identity import Caller
from services.kit.problems import Problem
from services.kit.work import CHANGED_CHANNEL, Tx

router = APIRouter(tags=["batches"])


class BatchOrder(Order):
    """A batch to receive: records of one category under one resolution, by the digest of their file."""

    resolution_id: ResolutionId
    category: RecordCategory
    records: FileReference
    layout: Layout | None = None


class UploadOrder(Order):
    """Another file for a batch: in place of a draft, or the correction of what was returned."""

    records: FileReference
    layout: Layout | None = None


@router.post("/v1/batches", status_code=202)
async def create_batch(
    order: BatchOrder, request: Request, caller: Collector, key: IdempotencyKey, work: TheWork
) -> JSONResponse:
    """Receives a batch: 202 means its original is durable and it will be read and checked."""
    original = await own_object(work, caller, order.records.sha256, "records")
    async with work.transaction() as tx:
        kept = await tx.claim_request(caller.office, key, digest_of(request.url.path, order))
        if kept is not None:
            return JSONResponse(kept.body, kept.status)
        batch = await _new_batch(tx, order, caller, original)
        upload = Upload(
            batch_id=batch.batch_id,
            round=1,
            attempt=1,
            original=original,
            filename=order.records.filename,
            layout_asked=order.layout,
            corrects=False,
            received_by=caller.person,
            received_at=tx.now,
        )
        await batches.save_batch(tx.conn, batch)
        answer = await _receive(tx, batch, upload)
        await tx.keep_answer(202, answer)
    return JSONResponse(answer, 202)


@router.post("/v1/batches/{batch_id}/uploads", status_code=202)
async def replace_upload(
    batch_id: str,
    order: UploadOrder,
    request: Request,
    caller: Collector,
    key: IdempotencyKey,
    work: TheWork,
) -> JSONResponse:
    """Receives another file: replaces the present one, or begins the next round with corrections."""
    original = await own_object(work, caller, order.records.sha256, "records")
    async with acting(work, caller, batch_id, "replace upload") as (tx, batch):
        kept = await tx.claim_request(caller.office, key, digest_of(request.url.path, order))
        if kept is not None:
            return JSONResponse(kept.body, kept.status)
        _granted_move(batch, Command.UPLOAD)
        granted(may_act(ActKind.COLLECT, caller.person, await load_people(tx.conn, batch_id)))
        answer = await _receive(tx, batch, await _next_upload(tx, batch, order, caller, original))
        await tx.keep_answer(202, answer)
    return JSONResponse(answer, 202)


@router.get("/v1/batches")
async def list_batches(
    caller: Reader,
    work: TheWork,
    state: BatchState | None = None,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The unit's batches, newest first; ``before`` the last batch_id of the page before."""
    async with work.pool.acquire() as conn:
        found = await batches.list_batches(conn, caller.office.code, state, before, limit)
    following = found[-1].batch_id if len(found) == limit else None
    return {"batches": [brief_view(each) for each in found], "before": following}


@router.get("/v1/batches/{batch_id}")
async def get_batch(
    batch_id: str,
    caller: Reader,
    work: TheWork,
    seen: Annotated[int | None, Query(ge=0)] = None,
    wait_seconds: Annotated[float, Query(ge=0, le=30)] = 0,
) -> dict[str, Any]:
    """The batch; with ``seen`` it answers when the version is higher, at the latest after ``wait_seconds``."""
    news = work.hints.expect(CHANGED_CHANNEL, batch_id)
    try:
        batch = await own_batch(work, caller, batch_id)
        if seen is not None and batch.version <= seen and wait_seconds:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await news.wait()
            batch = await own_batch(work, caller, batch_id)
    finally:
        work.hints.forget(CHANGED_CHANNEL, batch_id, news)
    async with work.pool.acquire() as conn:
        return await batch_view(conn, batch, work.clock.now())


async def _new_batch(tx: Tx, order: BatchOrder, caller: Caller, original: StoredObject) -> Batch:
    unit_code = caller.office.code
    resolution = await resolutions.find_resolution(tx.conn, unit_code, order.resolution_id)
    if resolution is None:
        raise Problem("not-found", what="resolution")
    if order.category.level not in resolution.levels:
        raise Problem("level-not-in-resolution", levels=list(resolution.levels))
    content = (unit_code, order.resolution_id, order.category, original.sha256)
    await batches.lock_content(tx.conn, *content)
    earlier = await batches.find_batch_with_original(tx.conn, *content)
    if earlier is not None:
        raise _already_received(earlier)
    batch_id = new_id()
    return Batch(
        batch_id=batch_id,
        unit_code=unit_code,
        province_code=resolution.province_code,
        resolution_id=order.resolution_id,
        category=order.category,
        state=BatchState.RECEIVED,
        round=1,
        attempt=1,
        version=0,
        stage="waiting",
        stage_rows=0,
        # Without any tracing the batch's own id stands for its trace: a 受理号 is never missing.
        traceparent=telemetry.traceparent() or f"00-{batch_id}-{batch_id[:16]}-01",
        created_at=tx.now,
        changed_at=tx.now,
    )


async def _next_upload(
    tx: Tx, batch: Batch, order: UploadOrder, caller: Caller, original: StoredObject
) -> Upload:
    present = await uploads.load_upload(tx.conn, batch.batch_id, batch.round, batch.attempt)
    opens = batch.state in OPENS_A_ROUND
    unread_or_good = batch.state in {BatchState.COLLECTED, BatchState.CHECKED}
    if unread_or_good and present.original.sha256 == original.sha256:
        raise _already_received(batch)
    corrects = present.corrects
    if opens:
        corrects = bool(await returned_records.list_owed_ids(tx.conn, batch.batch_id))
        if not corrects and batch.state is not BatchState.WITHDRAWN:
            # The province's or the centre's list of what it returned is on its way.
            raise Problem("busy", waiting_for="list of returned records")
    return Upload(
        batch_id=batch.batch_id,
        round=batch.round + 1 if opens else batch.round,
        attempt=1 if opens else batch.attempt + 1,
        original=original,
        filename=order.records.filename,
        layout_asked=order.layout or present.layout_asked,
        corrects=corrects,
        received_by=caller.person,
        received_at=tx.now,
    )


async def _receive(tx: Tx, batch: Batch, upload: Upload) -> dict[str, Any]:
    """Saves an upload and announces it to the collector's own workers."""
    await rounds.save_round(tx.conn, batch.batch_id, upload.round)
    await uploads.save_upload(tx.conn, upload)
    entry = entry_of(
        tx,
        batch,
        What.RECEIVED,
        f"unit:{batch.unit_code}",
        person=upload.received_by,
        round_=upload.round,
        attempt=upload.attempt,
        facts={"original": upload.original.sha256, "size_bytes": upload.original.size_bytes},
    )
    state = await settle(tx, batch, entry, round_=upload.round, attempt=upload.attempt, stage="waiting")
    said = BatchReceived(
        batch_id=batch.batch_id, round=upload.round, attempt=upload.attempt, unit_code=batch.unit_code
    )
    await tx.publish(topics.BATCH_RECEIVED, said, traceparent=telemetry.traceparent() or batch.traceparent)
    return {
        "batch_id": batch.batch_id,
        "acceptance_number": telemetry.trace_id_of(batch.traceparent),
        "round": upload.round,
        "attempt": upload.attempt,
        "state": state,
        "state_zh": state.name_zh,
        "links": links_of(batch.batch_id),
    }


def _granted_move(batch: Batch, command: Command) -> None:
    phase = move(batch.state, command)
    if isinstance(phase, Refused):
        raise Problem.of(phase)


def _already_received(batch: Batch) -> Problem:
    return Problem(
        "batch-already-received",
        batch_id=batch.batch_id,
        acceptance_number=telemetry.trace_id_of(batch.traceparent),
        state=batch.state,
        round=batch.round,
        attempt=batch.attempt,
    )
