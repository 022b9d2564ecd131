"""The committed schemas are what the code says, and every name means one thing."""

import json
import shutil

import pytest
from jsonschema import Draft202012Validator

from contracts import generate
from contracts.generate import EXAMPLES, SCHEMAS, schema_of
from contracts.topics import BY_NAME, TOPICS, ServiceName, dead_letters_of, heard_by, said_by


def test_everything_generated_is_current_and_no_promise_is_broken():
    assert generate.settle(check=True) == []


def test_the_command_reports_what_is_not_current_and_writes_nothing(tmp_path, monkeypatch, capsys):
    copy = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, copy)
    stale = copy / "batch.filed.v1.json"
    stale.write_text("{}")
    monkeypatch.setattr(generate, "PROJECT", tmp_path)
    monkeypatch.setattr(generate, "SCHEMAS", copy)
    monkeypatch.setattr(generate, "ledgers", dict)
    monkeypatch.setattr(generate, "TOPICS_PAGE", tmp_path / "topics.md")

    assert generate.main(["--check"]) == 1
    assert stale.read_text() == "{}"
    errors = capsys.readouterr().err
    assert "schemas/batch.filed.v1.json is not current" in errors
    assert "topics.md is not current" in errors

    assert generate.main([]) == 0
    assert json.loads(stale.read_text())["title"] == "batch.filed.v1"
    assert generate.main(["--check"]) == 0


def test_topic_schema_and_examples_carry_the_same_names():
    names = sorted(topic.name for topic in TOPICS)
    assert sorted(path.stem for path in SCHEMAS.glob("*.json")) == names
    assert sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()) == names
    assert sorted(BY_NAME) == names


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_named_after_its_payload(topic):
    noun_and_verb = "".join(word.capitalize() for word in topic.name.replace("-", ".").split(".")[:-1])
    assert noun_and_verb == topic.payload.__name__


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_keyed_by_a_field_every_message_has(topic):
    assert topic.payload.model_fields[topic.key].is_required()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_schema_is_valid_and_closed_over_its_own_definitions(topic):
    schema = schema_of(topic)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:xuewei:{topic.name}"
    assert schema["properties"]["type"]["const"] == topic.name


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_a_message_without_an_attribute_of_the_envelope_is_refused(missing):
    path = EXAMPLES / "batch.filed.v1" / "whole-batch.json"
    message = json.loads(path.read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema_of(BY_NAME["batch.filed.v1"]))
    assert validator.is_valid(message)
    del message[missing]
    assert not validator.is_valid(message)


def test_a_message_of_another_topic_is_refused():
    message = json.loads((EXAMPLES / "notice.sent.v1" / "review-overdue.json").read_text(encoding="utf-8"))
    assert not Draft202012Validator(schema_of(BY_NAME["notice.failed.v1"])).is_valid(message)


def test_every_topic_is_heard_by_somebody_and_said_by_its_producer():
    for topic in TOPICS:
        assert topic.consumers
        assert topic in said_by(topic.producer)
        assert [service for service in ServiceName if topic in heard_by(service)] == [
            service for service in ServiceName if service in topic.consumers
        ]


def test_dead_letters_have_a_topic_of_their_own_for_each_service():
    names = {dead_letters_of(service).name for service in ServiceName}
    assert len(names) == len(ServiceName)
    assert not names & set(BY_NAME)
