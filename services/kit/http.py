"""The HTTP side of a service: its routers, health, metrics, problem+json and a span per request."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from opentelemetry.trace import SpanKind
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.reasons import reason
from services.kit import instruments, problems, telemetry
from services.kit.bodies import BodyLimit
from services.kit.health import Health
from services.kit.identity import TokenVerifier
from services.kit.logs import log
from services.kit.relay import outbox_age_seconds
from services.kit.work import Work

StateCounts = Callable[[Work], Awaitable[Mapping[str, int]]]
QUIET_PATHS = ("/health", "/metrics")
NO_FACTS: Mapping[str, object] = {}


def build_app(
    name: str,
    routers: tuple[APIRouter, ...],
    work: Work,
    verifier: TokenVerifier,
    health: Health | None = None,
    count_states: StateCounts | None = None,
) -> FastAPI:
    """The FastAPI application of a service; ``app.state`` carries work and verifier to its endpoints."""
    # FastAPI's own telemetry writes exception texts, which may carry data; RequestSpans does not.
    app = FastAPI(
        title=f"xuewei {name}",
        version="1",
        docs_url="/docs",
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.work = work
    app.state.verifier = verifier
    problems.install(app)
    app.add_middleware(BodyLimit, work=work)
    app.add_middleware(RequestSpans)
    for router in routers:
        app.include_router(router)
    app.include_router(_operations(work, health, count_states))
    return app


def work_of(request: Request) -> Work:
    """FastAPI dependency: the service's Work."""
    work: Work = request.app.state.work
    return work


def _operations(work: Work, health: Health | None, count_states: StateCounts | None) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> JSONResponse:
        alive, facts = health.live() if health else (True, NO_FACTS)
        return JSONResponse({"live": alive, **facts}, 200 if alive else 503)

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        is_ready, facts = await health.ready() if health else (True, NO_FACTS)
        return JSONResponse({"ready": is_ready, **facts}, 200 if is_ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        await _measure(work, count_states)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _measure(work: Work, count_states: StateCounts | None) -> None:
    instruments.OUTBOX_AGE.set(await outbox_age_seconds(work.pool))
    instruments.OUTBOX_SIZE.set(
        await work.pool.fetchval("select count(*) from outbox where published_at is null")
    )
    for state in ("done", "dead"):
        count = await work.pool.fetchval("select count(*) from inbox where state = $1", state)
        instruments.INBOX_SIZE.set(count, {"state": state})
    instruments.DEAD_KEPT.set(await work.pool.fetchval("select count(*) from dead_letters"))
    if count_states is not None:
        for state, count in (await count_states(work)).items():
            instruments.BATCHES.set(count, {"state": state})


class RequestSpans:
    """ASGI middleware: one server span per request, in the trace the client's traceparent names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request inside its span."""
        if scope["type"] != "http" or scope["path"].startswith(QUIET_PATHS):
            await self.app(scope, receive, send)
            return
        traceparent = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"traceparent"), None)
        started, status, answered = monotonic(), 500, False

        async def watched(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
            await send(message)

        with telemetry.span(scope["method"], after=traceparent, kind=SpanKind.SERVER) as span:
            try:
                await self.app(scope, receive, watched)
            except Exception:
                log.exception("request failed")
                if not answered:  # here, because the answer names the trace
                    await problems.answer(reason("fault"), NO_FACTS)(scope, receive, watched)
                raise
            finally:
                # The route's template, never the path: addresses may carry identifiers.
                route = getattr(scope.get("route"), "path", "")
                span.update_name(f"{scope['method']} {route}")
                labels = {"http.route": route, "http.request.method": scope["method"]}
                span.set_attributes({**labels, "http.response.status_code": status})
                instruments.REQUESTS.record(
                    monotonic() - started, {**labels, "http.response.status_code": status}
                )
