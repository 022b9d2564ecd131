"""The HTTP side: problem+json for every refusal, spans that go on in a trace, metrics, health."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel

from contracts import topics
from contracts.batches import BatchReceived
from contracts.topics import ServiceName
from contracts.vocabulary import Role, new_id
from services.kit import telemetry
from services.kit.consumer import Consumer
from services.kit.dead_letters import Incoming
from services.kit.http import work_of
from services.kit.identity import Caller, require
from services.kit.problems import Problem
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.work import Work
from tests.harness import UnderTest, running

router = APIRouter()


class Asked(BaseModel):
    count: int


@router.post("/v1/things/{thing_id}")
async def act(
    thing_id: str,
    asked: Asked,
    caller: Annotated[Caller, Depends(require(Role.COLLECTOR))],
    work: Annotated[Work, Depends(work_of)],
) -> dict[str, Any]:
    if asked.count < 0:
        raise Problem("object-too-large", limit_bytes=5)
    if asked.count == 0:
        raise ZeroDivisionError("张三 320102199001011234")
    async with work.transaction() as tx:
        await tx.publish(
            topics.BATCH_RECEIVED, BatchReceived(batch_id=thing_id, round=1, attempt=1, unit_code="10284")
        )
    return {"person": caller.person}


@pytest.fixture
async def s(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "none", {}, routers=(router,))
    async with running(service, make_database(), tmp_path) as under_test:
        yield under_test


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


async def test_without_a_token_the_answer_says_so(s: UnderTest) -> None:
    answer = await s.http.post("/v1/things/1", json={"count": 1})
    assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_without_the_role_the_answer_names_the_role(s: UnderTest) -> None:
    answer = await s.http.post(
        "/v1/things/1", json={"count": 1}, headers=s.signed_in("p", "unit:10284", "checker")
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["needs"]) == (
        403,
        "role-missing",
        ["collector"],
    )


async def test_a_request_of_the_wrong_form_names_the_place_but_not_the_value(s: UnderTest) -> None:
    headers = s.signed_in("p", "unit:10284", "collector")
    answer = await s.http.post("/v1/things/1", json={"count": "张三丰"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert answer.json()["errors"][0]["where"] == "body/count"
    assert "张三丰" not in answer.text


async def test_a_refusal_tells_reason_article_and_mend_in_two_languages(s: UnderTest) -> None:
    headers = s.signed_in("p", "unit:10284", "collector")
    problem = (await s.http.post("/v1/things/1", json={"count": -1}, headers=headers)).json()
    assert problem["status"] == 413
    assert {"title", "title_zh", "article", "fix", "fix_zh", "trace_id", "limit_bytes"} <= problem.keys()


async def test_a_fault_tells_no_text_of_the_exception(s: UnderTest) -> None:
    headers = s.signed_in("p", "unit:10284", "collector")
    s.http._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
    answer = await s.http.post("/v1/things/1", json={"count": 0}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert "张三" not in answer.text


async def test_an_unknown_address_is_a_problem_too(s: UnderTest) -> None:
    answer = await s.http.get("/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_one_trace_goes_from_the_request_through_outbox_and_inbox(
    s: UnderTest, exporter: InMemorySpanExporter
) -> None:
    trace_id, batch = f"{new_id()}", new_id()
    headers = {
        **s.signed_in("p", "unit:10284", "collector"),
        "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01",
    }
    await s.http.post(f"/v1/things/{batch}", json={"count": 1}, headers=headers)
    (message,) = await s.said(topics.BATCH_RECEIVED)
    assert telemetry.trace_id_of(message.traceparent) == trace_id

    async def note(_: Any, __: Work) -> None: ...

    consumer = Consumer(s.work, {topics.BATCH_RECEIVED: note})
    body = message.model_dump_json(serialize_as_any=True).encode()
    await consumer.hear(Incoming(topics.BATCH_RECEIVED.name, 0, 0, b"k", body))
    spans = {
        f"{span.context.trace_id:032x}": span.name for span in exporter.get_finished_spans() if span.context
    }
    names = [
        span.name
        for span in exporter.get_finished_spans()
        if span.context and f"{span.context.trace_id:032x}" == trace_id
    ]
    assert sorted(names) == ["POST /v1/things/{thing_id}", "hear batch.received.v1"], spans


async def test_an_act_on_a_batch_goes_on_in_the_batchs_own_trace(exporter: InMemorySpanExporter) -> None:
    born = f"00-{new_id()}-00f067aa0ba902b7-01"
    with telemetry.span("request"), telemetry.span("check batch", after=born) as span:
        assert telemetry.trace_id_of(telemetry.traceparent()) == telemetry.trace_id_of(born)
        assert len(span.links) == 1  # type: ignore[attr-defined]


async def test_health_answers(s: UnderTest) -> None:
    assert (await s.http.get("/health/live")).status_code == 200
    assert (await s.http.get("/health/ready")).status_code == 200


async def test_a_span_of_a_fault_names_its_kind_and_not_its_text(exporter: InMemorySpanExporter) -> None:
    with pytest.raises(ZeroDivisionError), telemetry.span("work on it"):
        raise ZeroDivisionError("张三 320102199001011234")
    span = exporter.get_finished_spans()[-1]
    assert (span.name, span.status.description, list(span.events)) == ("work on it", "ZeroDivisionError", [])
