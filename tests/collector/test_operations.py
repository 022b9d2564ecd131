"""What operators see: metrics, one trace per batch, and no personal data where it does not belong."""

import logging

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contracts import topics
from tests.collector.university import as_csv, records, review, with_error


@pytest.fixture(scope="module")
def exporter():
    """Spans in memory; the provider of the process is set once, or the one set before is used."""
    spans = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return spans


async def test_the_states_of_batches_are_measured(university):
    await university.submit()
    await university.push(as_csv(with_error(records(seed=2))))
    assert dict(await university.service.service.count_states(university.service.work)) == {
        "submitted": 1,
        "draft": 1,
    }


async def test_every_act_on_a_batch_is_in_its_own_trace(university, exporter):
    exporter.clear()
    batch_id = await university.submit()
    number = (await university.view(batch_id))["acceptance_number"]
    in_trace = {
        span.name for span in exporter.get_finished_spans() if f"{span.context.trace_id:032x}" == number
    }
    assert {"check batch", "submit batch", "POST /v1/batches"} <= in_trace
    [submitted] = await university.service.said(topics.BATCH_SUBMITTED)
    [received] = await university.service.said(topics.BATCH_RECEIVED)
    assert submitted.traceparent.split("-")[1] == received.traceparent.split("-")[1] == number


async def test_persons_are_in_no_event_span_log_or_address(university, exporter, caplog):
    caplog.set_level(logging.DEBUG)
    exporter.clear()
    batch_id = await university.submit()
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, batch_id, [3]))
    await university.get(f"/v1/batches/{batch_id}/timeline")
    outbox = await university.service.work.pool.fetch("select body from outbox")
    told = "".join(bytes(row["body"]).decode() for row in outbox) + caplog.text
    told += "".join(span.to_json() for span in exporter.get_finished_spans())
    told += (await university.get(f"/v1/batches/{batch_id}/timeline")).text
    for column in ("XM", "ZJHM", "XWZSBH", "XH"):
        for value in records()[column]:
            assert value not in told


async def test_no_row_of_the_database_holds_a_record(university):
    await university.submit()
    tables = (
        "objects",
        "resolutions",
        "batches",
        "rounds",
        "uploads",
        "acts",
        "entries",
        "inbox",
        "requests",
    )
    kept = str(await university.service.snapshot(*tables))
    for value in [*records()["ZJHM"], *records()["XM"]]:
        assert value not in kept
