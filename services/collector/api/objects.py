"""Uploading objects (原件) by digest: raw body, streamed, limited before it is read, harmless to repeat."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from contracts.vocabulary import MediaType
from services.collector.api.callers import ANY_ROLE, UNIT, TheWork, settings_of
from services.collector.settings import Settings
from services.collector.store import objects
from services.kit.identity import Caller, require
from services.kit.objects import BodyTooLarge, DigestMismatch
from services.kit.problems import Problem

router = APIRouter(tags=["objects"])
Uploader = Annotated[Caller, Depends(require(*ANY_ROLE, kinds=UNIT))]

PDF = "application/pdf"
ANY_BYTES = "application/octet-stream"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_media_type = TypeAdapter[str](MediaType)


@router.put("/v1/objects/{sha256}", status_code=201)
async def put_object(sha256: str, request: Request, caller: Uploader, work: TheWork) -> JSONResponse:
    """Stores a body under its SHA-256: 201 new, 200 there already. Nothing is kept of a body that differs."""
    if not _DIGEST.fullmatch(sha256):
        raise Problem("digest-malformed")
    media_type = _media_type_of(request)
    limit_bytes = _limit_bytes(settings_of(work), media_type)
    announced = _announced_bytes(request, limit_bytes)
    try:
        stored, _ = await work.objects.put_stream(
            _body(request, announced), sha256, media_type, size_max_bytes=limit_bytes
        )
    except DigestMismatch:
        raise Problem("digest-mismatch") from None
    except BodyTooLarge:
        raise Problem("object-too-large", limit_bytes=limit_bytes) from None
    except ClientDisconnect:
        raise Problem("object-length-wrong") from None
    async with work.transaction() as tx:
        new = await objects.save_object(tx.conn, caller.office.code, stored, caller.person, tx.now)
    return JSONResponse(stored.model_dump(), 201 if new else 200)


def _media_type_of(request: Request) -> str:
    given = request.headers.get("content-type", "").strip()
    try:
        return _media_type.validate_python(given.lower() or ANY_BYTES)
    except ValidationError:
        return ANY_BYTES


def _limit_bytes(settings: Settings, media_type: str) -> int:
    is_scan = media_type.partition(";")[0].strip() == PDF
    return settings.scan_size_max_bytes if is_scan else settings.file_size_max_bytes


def _announced_bytes(request: Request, limit_bytes: int) -> int | None:
    """The announced length; refused here, before the body is read, when it is over the limit or nothing."""
    text = request.headers.get("content-length")
    if text is None:
        return None
    if not text.isdecimal():
        raise Problem("object-length-wrong")
    announced = int(text)
    if announced == 0:
        raise Problem("object-empty")
    if announced > limit_bytes:
        raise Problem("object-too-large", limit_bytes=limit_bytes)
    return announced


async def _body(request: Request, announced: int | None) -> AsyncIterator[bytes]:
    """The body's chunks; Problem as soon as it is longer, or at its end shorter, than announced."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if announced is not None and size > announced:
            raise Problem("object-length-wrong", announced_bytes=announced)
        if chunk:
            yield chunk
    if size == 0:
        raise Problem("object-empty")
    if announced is not None and size < announced:
        raise Problem("object-length-wrong", announced_bytes=announced)
