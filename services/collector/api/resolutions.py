"""Registering resolutions (学位授予决议): number, effective date, levels, head count, scan, list of names."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints

from contracts import topics
from contracts.resolutions import ResolutionRegistered
from contracts.standard.scans import ScanFacts, ScanLimits, UnreadableScan
from contracts.standard.tables import province_of
from contracts.standard.unreadable import ReadLimits
from contracts.vocabulary import DegreeLevel, ResolutionNumber, Sha256, StoredObject, new_id
from services.collector.api.callers import Collector, Order, Reader, TheWork, own_object, settings_of
from services.collector.api.views import due_view
from services.collector.domain.window import upload_due
from services.collector.parsing import CannotRead
from services.collector.readers import readers_of
from services.collector.rosters import look_at_roster
from services.collector.scans import look_at_scan
from services.collector.store import resolutions
from services.collector.store.resolutions import Resolution
from services.kit.isolation import InputTooHeavy
from services.kit.problems import Problem
from services.kit.work import Tx, Work

router = APIRouter(tags=["resolutions"])
PDF = "application/pdf"
FileName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f/\\]{1,255}$")]


class FileReference(Order):
    """An uploaded object and the name it had at the unit."""

    sha256: Sha256
    filename: FileName


class ResolutionOrder(Order):
    """A resolution to register; ``scan`` is the SHA-256 of the uploaded PDF."""

    number: ResolutionNumber
    effective_on: date
    levels: tuple[DegreeLevel, ...] = Field(min_length=1)
    headcount: int = Field(ge=1, le=1_000_000)
    scan: Sha256
    roster: FileReference | None = None


@router.post("/v1/resolutions", status_code=201)
async def register_resolution(order: ResolutionOrder, caller: Collector, work: TheWork) -> JSONResponse:
    """Registers a resolution: its 30 days run. The same again is answered 200, other content 409."""
    province_code = province_of(caller.office.code)
    if province_code is None:
        raise Problem("unit-unknown")
    scan = await own_object(work, caller, order.scan, "scan")
    roster = await own_object(work, caller, order.roster.sha256, "roster") if order.roster else None
    facts = await _inspect(work, scan)
    if roster is not None and order.roster is not None:
        await _inspect_roster(work, roster, order.roster.filename)
    async with work.transaction() as tx:
        new = Resolution(
            resolution_id=new_id(),
            unit_code=caller.office.code,
            province_code=province_code,
            number=order.number.strip(),
            effective_on=order.effective_on,
            levels=tuple(sorted(set(order.levels))),
            headcount=order.headcount,
            scan=scan.model_copy(update={"media_type": PDF}),
            page_count=facts.page_count,
            roster=roster,
            roster_filename=order.roster.filename if order.roster else None,
            registered_by=caller.person,
            registered_at=tx.now,
        )
        if await resolutions.save_resolution(tx.conn, new):
            await _announce(tx, new)
            return JSONResponse(_view(new, tx.now), 201)
        known = await resolutions.find_resolution_by_number(tx.conn, new.unit_code, new.number)
        assert known is not None
        if not known.says_the_same_as(new):
            raise Problem("resolution-number-taken", resolution_id=known.resolution_id)
        return JSONResponse(_view(known, tx.now), 200)


@router.get("/v1/resolutions")
async def list_resolutions(
    caller: Reader, work: TheWork, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    """The unit's resolutions, latest in effect first."""
    async with work.pool.acquire() as conn:
        found = await resolutions.list_resolutions(conn, caller.office.code, limit)
    return {"resolutions": [_view(each, work.clock.now()) for each in found]}


@router.get("/v1/resolutions/{resolution_id}")
async def get_resolution(resolution_id: str, caller: Reader, work: TheWork) -> dict[str, Any]:
    """One resolution of the unit."""
    async with work.pool.acquire() as conn:
        found = await resolutions.find_resolution(conn, caller.office.code, resolution_id)
    if found is None:
        raise Problem("not-found")
    return _view(found, work.clock.now())


async def _inspect(work: Work, scan: StoredObject) -> ScanFacts:
    """Opens the scan where it can do no harm; raises the problem that says why it cannot be taken."""
    settings = settings_of(work)
    limits = ScanLimits(settings.scan_pages_max, settings.scan_size_max_bytes)
    data = await work.objects.read(scan)
    try:
        answer = await readers_of(work).scans.run(look_at_scan, data, limits)
    except InputTooHeavy:
        raise Problem("scan-too-heavy") from None
    if isinstance(answer, UnreadableScan):
        raise Problem(str(answer.code), detail=answer.detail_en, detail_zh=answer.detail_zh)
    return answer


async def _inspect_roster(work: Work, roster: StoredObject, filename: str) -> None:
    """Reads the list of names where it can do no harm: the province will read it with less care."""
    settings = settings_of(work)
    limits = ReadLimits(file_bytes_max=settings.file_size_max_bytes)
    data = await work.objects.read(roster)
    try:
        answer = await readers_of(work).records.run(look_at_roster, data, filename, limits)
    except InputTooHeavy:
        raise Problem("too-heavy", what="roster") from None
    if isinstance(answer, CannotRead):
        raise Problem(
            answer.code, what="roster", where=answer.where, detail=answer.text_en, detail_zh=answer.text_zh
        )


async def _announce(tx: Tx, resolution: Resolution) -> None:
    await tx.publish(
        topics.RESOLUTION_REGISTERED,
        ResolutionRegistered(
            resolution_id=resolution.resolution_id,
            unit_code=resolution.unit_code,
            province_code=resolution.province_code,
            number=resolution.number,
            effective_on=resolution.effective_on,
            headcount=resolution.headcount,
            levels=tuple(DegreeLevel(level) for level in resolution.levels),
            scan=resolution.scan,
            page_count=resolution.page_count,
            roster=resolution.roster,
        ),
    )


def _view(resolution: Resolution, now: datetime) -> dict[str, Any]:
    return {
        "resolution_id": resolution.resolution_id,
        "number": resolution.number,
        "unit_code": resolution.unit_code,
        "province_code": resolution.province_code,
        "effective_on": resolution.effective_on.isoformat(),
        "headcount": resolution.headcount,
        "levels": list(resolution.levels),
        "page_count": resolution.page_count,
        "scan": resolution.scan.sha256,
        "roster": resolution.roster.sha256 if resolution.roster else None,
        "registered_at": resolution.registered_at.isoformat(),
        "due": due_view(upload_due(resolution.effective_on), now),
    }
