"""One trace (受理号) per batch, from the first POST to the receipt, across all four services; and their metrics."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cli.stack import Stack
from contracts.topics import ServiceName
from tests.journeys.offices import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

Span = Mapping[str, Any]


def spans_of(stack: Stack, trace_id: str) -> dict[str, list[Span]]:
    """The spans of a trace that each service wrote down."""
    return {
        name: [
            span
            for line in (stack.folder.traces / f"{name}.jsonl").read_text("utf-8").splitlines()
            if (span := json.loads(line))["context"]["trace_id"] == f"0x{trace_id}"
        ]
        for name in ServiceName
    }


async def until_written(stack: Stack, trace_id: str, name: str, service: str) -> dict[str, list[Span]]:
    """Spans are written every half second: waits for the one that ends last."""
    async with asyncio.timeout(30):
        while name not in {span["name"] for span in spans_of(stack, trace_id)[service]}:
            await asyncio.sleep(0.2)
    await asyncio.sleep(1.5)
    return spans_of(stack, trace_id)


async def test_the_acceptance_number_is_the_trace_from_the_post_to_the_receipt(platform: Platform) -> None:
    university = platform.university("10284")
    filed = await university.file(university.make(count=5))
    trace = await until_written(
        platform.stack, filed.acceptance_number, "hear batch.filed.v1", ServiceName.COLLECTOR
    )
    names = {service: {span["name"] for span in spans} for service, spans in trace.items()}
    assert names[ServiceName.COLLECTOR] >= {
        "POST /v1/batches",
        "hear batch.received.v1",
        "read and check",
        "check batch",
        "submit batch",
        "hear review.completed.v1",
        "hear format-check.completed.v1",
        "hear batch.filed.v1",
    }
    assert names[ServiceName.PROVINCIAL_REVIEW] >= {
        "hear batch.submitted.v1",
        "assess review",
        "sign opinion",
        "hear batch.filed.v1",
    }
    assert names[ServiceName.NATIONAL_FILING] >= {"hear review.completed.v1", "format check"}
    assert names[ServiceName.NOTIFIER] >= {
        "hear batch.submitted.v1",
        "hear review.completed.v1",
        "hear format-check.completed.v1",
        "hear batch.filed.v1",
    }


async def test_the_spans_of_a_batch_are_one_tree_with_one_root(platform: Platform) -> None:
    university = platform.university("10335")
    filed = await university.file(university.make(count=5))
    trace = await until_written(
        platform.stack, filed.acceptance_number, "hear batch.filed.v1", ServiceName.NOTIFIER
    )
    spans = [span for each in trace.values() for span in each]
    known = {span["context"]["span_id"] for span in spans}
    assert len(known) == len(spans)
    # The client gave the trace its first span; everything else hangs on a span of ours.
    roots = [span["name"] for span in spans if span["parent_id"] not in known]
    assert roots == ["POST /v1/batches"]
    text = json.dumps(spans, ensure_ascii=False)
    assert not [name for name in ("ZJHM", "XWZSBH", "张", "Bearer") if name in text]


async def test_two_batches_have_two_traces(platform: Platform) -> None:
    university = platform.university("10286")
    one, other = [await university.push(university.make(count=2)) for _ in range(2)]
    assert one.acceptance_number != other.acceptance_number
    assert len(one.acceptance_number) == 32


async def measured(platform: Platform, service: str) -> dict[tuple[str, str], float]:
    """What a service's /metrics shows: name and the one telling label to value."""
    text = (await platform.stranger(service).get("/metrics")).text
    return {
        (sample.name, sample.labels.get("state") or sample.labels.get("topic") or ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


HEARD: Mapping[ServiceName, str] = {
    ServiceName.COLLECTOR: "batch.received.v1",
    ServiceName.PROVINCIAL_REVIEW: "batch.submitted.v1",
    ServiceName.NATIONAL_FILING: "review.completed.v1",
    ServiceName.NOTIFIER: "batch.submitted.v1",
}


async def test_metrics_of_every_service_tell_what_moved(platform: Platform) -> None:
    university = platform.university("10288")
    await university.file(university.make(count=2))
    before = {name: await measured(platform, name) for name in ServiceName}
    await university.file(university.make(count=2))
    await asyncio.sleep(1)
    moved: Counter[str] = Counter()
    for name in ServiceName:
        after = await measured(platform, name)
        assert after["xuewei_outbox_oldest_age_seconds", ""] < 60
        assert after["xuewei_outbox_size", ""] >= 0
        assert ("xuewei_dead_letters_kept", "") in after
        assert ("xuewei_inbox_size", "dead") in after
        for metric, label in (
            ("xuewei_inbox_size", "done"),
            ("xuewei_handler_duration_seconds_count", HEARD[name]),
            ("xuewei_handler_duration_seconds_sum", HEARD[name]),
        ):
            moved[metric] += after[metric, label] > before[name][metric, label]
    assert moved == dict.fromkeys(moved, len(ServiceName))
    for name, state in ((ServiceName.COLLECTOR, "filed"), (ServiceName.PROVINCIAL_REVIEW, "completed")):
        after = await measured(platform, name)
        assert after["xuewei_batches", state] == before[name]["xuewei_batches", state] + 1
