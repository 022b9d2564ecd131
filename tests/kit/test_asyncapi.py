"""AsyncAPI documents: read from what a service does, so that what it forgets shows."""

import json
from pathlib import Path

import pytest

from contracts.topics import (
    BATCH_FILED,
    BATCH_RECEIVED,
    BATCH_SUBMITTED,
    BY_NAME,
    NOTICE_SENT,
    REVIEW_COMPLETED,
    TOPICS,
    ServiceName,
    heard_by,
)
from services.kit import asyncapi
from services.kit.asyncapi import UnreadablePublish, document, operations_in, said_in
from services.kit.kafka import planned_topics
from services.kit.service import Service
from services.kit.settings import ServiceSettings

CONTRACTS = Path(asyncapi.__file__).parents[2] / "contracts"


async def count_a_batch(message, work):
    """统计: counts a batch.

    More of it.
    """


async def say_nothing(message, work):  # no docstring: the topic's own words are used
    pass


def service_of(name, *heard, handler=count_a_batch):
    return Service(
        name=name,
        settings=ServiceSettings,
        migrations=Path(),
        handlers=dict.fromkeys(heard, handler),
        title_zh="通知服务",
    )


def written(folder, made):
    path = folder / "document.json"
    path.write_text(json.dumps(made))
    return path


def test_a_document_tells_what_a_service_hears_and_says(tmp_path):
    made = document(service_of(ServiceName.NOTIFIER, BATCH_FILED, REVIEW_COMPLETED), [NOTICE_SENT])
    path = written(tmp_path, made)
    assert operations_in(path, "receive") == {BATCH_FILED.name, REVIEW_COMPLETED.name}
    assert operations_in(path, "send") == {NOTICE_SENT.name}


def test_a_forgotten_handler_shows(tmp_path):
    *handled, forgotten = heard_by(ServiceName.NOTIFIER)
    path = written(tmp_path, document(service_of(ServiceName.NOTIFIER, *handled), []))
    assert {topic.name for topic in heard_by(ServiceName.NOTIFIER)} - operations_in(path, "receive") == {
        forgotten.name
    }


def test_an_operation_says_what_its_handler_says():
    made = document(service_of(ServiceName.NOTIFIER, BATCH_FILED), [])
    assert made["operations"]["receive batch.filed.v1"]["summary"] == "统计: counts a batch."
    made = document(service_of(ServiceName.NOTIFIER, BATCH_FILED, handler=say_nothing), [])
    assert made["operations"]["receive batch.filed.v1"]["summary"] == BATCH_FILED.about


def test_a_topic_heard_and_said_by_the_same_service_is_one_channel_with_two_operations():
    made = document(service_of(ServiceName.COLLECTOR, BATCH_RECEIVED), [BATCH_RECEIVED])
    assert list(made["channels"]) == ["batch.received.v1", "collector.dead-letters"]
    assert sorted(made["operations"]) == [
        "receive batch.received.v1",
        "send batch.received.v1",
        "send collector.dead-letters",
    ]


def test_channels_are_bound_to_kafka_as_the_topics_are_created():
    planned = {plan.name: plan for plan in planned_topics()}
    made = document(service_of(ServiceName.COLLECTOR, *TOPICS), [])
    assert made["channels"].keys() == BY_NAME.keys() | {"collector.dead-letters"}
    for name, channel in made["channels"].items():
        kafka = channel["bindings"]["kafka"]
        assert kafka["topic"] == channel["address"] == name
        assert kafka["partitions"] == planned[name].partitions
        assert kafka["topicConfiguration"]["retention.ms"] == planned[name].retention_days * 86_400_000


def test_a_message_refers_to_the_schema_of_its_topic_and_names_its_key():
    made = document(service_of(ServiceName.NOTIFIER, BATCH_FILED), [])
    message = made["components"]["messages"][BATCH_FILED.name]
    schema = Path("docs/asyncapi", message["payload"]["schema"]["$ref"])
    assert (CONTRACTS.parent / schema).resolve() == CONTRACTS / "schemas" / "batch.filed.v1.json"
    assert "batch_id" in message["bindings"]["kafka"]["key"]["description"]


def references_in(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from references_in(value)


def test_every_reference_inside_a_document_leads_somewhere():
    made = document(service_of(ServiceName.COLLECTOR, *TOPICS), [BATCH_SUBMITTED])
    inner = {reference for reference in references_in(made) if reference.startswith("#/")}
    assert len(inner) > len(TOPICS)
    for reference in inner:
        node = made
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_what_a_service_says_is_read_from_its_code(tmp_path):
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "filing.py").write_text("async def f(tx): await tx.publish(BATCH_FILED, 1)\n")
    (tmp_path / "handlers.py").write_text("async def f(tx): await tx.publish(topics.REVIEW_COMPLETED, 1)\n")
    (tmp_path / "silent.py").write_text("x = topics.NOTICE_SENT  # named, not published\n")
    assert said_in(tmp_path) == (REVIEW_COMPLETED, BATCH_FILED)


@pytest.mark.parametrize(
    "first", ["topic", "'batch.filed.v1'", "topics.NO_SUCH", "topics.TOPICS", "event.topic", ""]
)
def test_a_publish_that_names_no_topic_is_refused_with_its_place(tmp_path, first):
    (tmp_path / "handlers.py").write_text(f"\nasync def f(tx): await tx.publish({first})\n")
    with pytest.raises(UnreadablePublish, match=r"handlers\.py:2"):
        said_in(tmp_path)


def test_the_command_writes_once_and_then_checks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(asyncapi, "DOCUMENTS", tmp_path / "asyncapi")
    monkeypatch.setattr(asyncapi, "SERVICES", tmp_path / "services")
    monkeypatch.setattr(asyncapi, "load", lambda name: service_of(name, BATCH_FILED))
    assert asyncapi.main(["--check"]) == 1
    assert "docs/asyncapi/collector.json is not current" in capsys.readouterr().err
    assert not (tmp_path / "asyncapi").exists()
    assert asyncapi.main([]) == 0
    assert asyncapi.main(["--check"]) == 0
    (tmp_path / "asyncapi" / "notifier.json").write_text("{}")
    assert asyncapi.main(["--check"]) == 1
