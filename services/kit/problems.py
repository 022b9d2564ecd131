"""Errors at the HTTP door: RFC 9457 problem+json made from the published reason codes."""

from collections.abc import Mapping

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from contracts.reasons import Reason, ReasonKind, Refused, reason
from services.kit import telemetry
from services.kit.database import UNHOLDABLE
from services.kit.logs import log
from services.kit.objects import ObjectDamaged, ObjectMissing

MEDIA_TYPE = "application/problem+json"
STATUS = {
    ReasonKind.NOT_SIGNED_IN: 401,
    ReasonKind.NOT_ALLOWED: 403,
    ReasonKind.NOT_FOUND: 404,
    ReasonKind.CONFLICT: 409,
    ReasonKind.RETURNED: 409,
    ReasonKind.TOO_LARGE: 413,
    ReasonKind.INVALID: 422,
    ReasonKind.SYSTEM: 500,
    ReasonKind.UNAVAILABLE: 503,
}

PASSING = (
    OSError,  # no connection, no answer in time; also ObjectStoreAway
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # the connection is closed
    asyncpg.InternalClientError,  # it was closed between two statements
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,  # the server starts or stops, a statement took too long
    asyncpg.TransactionRollbackError,  # a deadlock: the same request may pass the next time
)
"""Faults of the world around us that pass: the client may safely ask again."""

Detail = Mapping[str, object]


class Problem(Exception):
    """A refusal at the HTTP door; ``code`` is a published reason code, ``extra`` goes into the answer.

    ``extra`` names states, fields, limits and roles; never a person's data.
    """

    def __init__(self, code: str, **extra: object) -> None:
        super().__init__(code)
        self.reason: Reason = reason(code)
        self.extra = extra

    @classmethod
    def of(cls, refused: Refused) -> "Problem":
        """The problem that tells a domain's refusal."""
        return cls(refused.code, **refused.extra)


def answer(
    problem: Reason, extra: Detail, *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem+json response for a reason; its kind decides the status unless one is given."""
    status = status or STATUS[problem.kind]
    body: dict[str, object] = {
        "type": f"https://xuewei.example/reasons/{problem.code}",
        "title": problem.text_en,
        "title_zh": problem.text_zh,
        "status": status,
        "code": problem.code,
        "article": problem.article,
        "fix": problem.fix_en,
        "fix_zh": problem.fix_zh,
        "trace_id": telemetry.trace_id_of(telemetry.traceparent()),
    }
    head = dict(headers or {})
    if status == 503:
        head["Retry-After"] = "2"
    if status == 401:
        head["WWW-Authenticate"] = "Bearer"
    return JSONResponse({**body, **extra}, status_code=status, headers=head, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem+json answer."""

    async def on_problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return answer(error.reason, error.extra)

    async def on_invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        errors = [
            {"where": "/".join(str(part) for part in each["loc"]), "rule": each["type"], "text": each["msg"]}
            for each in error.errors()
        ]
        return answer(reason("request-invalid"), {"errors": errors})

    async def on_http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return answer(reason("not-found"), {})
        code = "method-not-allowed" if error.status_code == 405 else "request-invalid"
        return answer(reason(code), {}, status=error.status_code, headers=error.headers)

    async def on_passing(_: Request, error: Exception) -> JSONResponse:
        log.warning("cannot serve now", extra={"fault": type(error).__name__})
        return answer(reason("busy"), {})

    async def on_unholdable(_: Request, __: Exception) -> JSONResponse:
        log.warning("the database cannot hold what was asked", exc_info=True)
        return answer(reason("request-invalid"), {"errors": []})

    async def on_lost_object(_: Request, error: Exception) -> JSONResponse:
        code = "object-missing" if isinstance(error, ObjectMissing) else "object-damaged"
        log.error("stored object lost", extra={"reason": code, "sha256": str(error)})
        return answer(reason(code), {})

    async def on_fault(_: Request, __: Exception) -> JSONResponse:
        return answer(reason("fault"), {})

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    for lost in (ObjectMissing, ObjectDamaged):
        app.add_exception_handler(lost, on_lost_object)
    for passing in PASSING:
        app.add_exception_handler(passing, on_passing)
    for unholdable in UNHOLDABLE:
        app.add_exception_handler(unholdable, on_unholdable)
    app.add_exception_handler(Exception, on_fault)
