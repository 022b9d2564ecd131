"""Example messages are promises: each validates, survives a round trip, and is never changed or removed."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.generate import EXAMPLE_DIGESTS, EXAMPLES, grown, message_type, schema_of
from contracts.message import Message
from contracts.reasons import REASONS
from contracts.standard.layouts import Layout
from contracts.topics import BY_NAME, TOPICS
from contracts.vocabulary import Office, Published

ALL = sorted(EXAMPLES.glob("*/*.json"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def topic_of(path: Path):
    return BY_NAME[path.parent.name]


def assert_carries(what, original, place="message"):
    """Everything ``original`` says is said by ``what`` too, with the same values."""
    if isinstance(original, dict):
        for key, value in original.items():
            assert key in what, f"{place}.{key} was lost"
            assert_carries(what[key], value, f"{place}.{key}")
    elif isinstance(original, list):
        assert len(what) == len(original), place
        for index, (left, right) in enumerate(zip(what, original, strict=True)):
            assert_carries(left, right, f"{place}[{index}]")
    else:
        assert what == original or is_the_same_instant(what, original), place


def is_the_same_instant(left, right):
    """Whether two texts name one instant in different ways (``.9Z`` and ``.900000Z``)."""
    try:
        return datetime.fromisoformat(left) == datetime.fromisoformat(right)
    except (TypeError, ValueError):
        return False


def test_every_topic_has_at_least_two_examples():
    for topic in TOPICS:
        assert len(list((EXAMPLES / topic.name).glob("*.json"))) >= 2, topic.name


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_an_example_validates_against_the_schema_of_its_topic(path):
    message = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator(schema_of(topic_of(path))).validate(message)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_an_example_survives_the_round_trip_through_its_model(path):
    text = path.read_text(encoding="utf-8")
    model = message_type(topic_of(path))
    message = model.model_validate_json(text)
    again = message.model_dump_json()
    assert model.model_validate_json(again) == message
    assert_carries(json.loads(again), json.loads(text))


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_what_a_service_would_say_for_an_example_fits_the_schema(path):
    topic = topic_of(path)
    heard = message_type(topic).model_validate_json(path.read_bytes())
    said = Message[Published](
        source=heard.source, type=heard.type, subject=heard.subject, time=heard.time, data=heard.data
    ).model_dump_json(exclude_none=True, serialize_as_any=True)
    Draft202012Validator(schema_of(topic)).validate(json.loads(said))
    assert message_type(topic).model_validate_json(said).data == heard.data


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_an_example_is_keyed_and_named_as_its_topic_says(path):
    message = json.loads(path.read_text(encoding="utf-8"))
    topic = topic_of(path)
    assert message["type"] == topic.name
    assert message["source"] == f"xuewei/{topic.producer}"
    assert message["subject"] == message["data"][topic.key]


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_an_older_service_ignores_what_a_newer_one_adds(path):
    text = path.read_text(encoding="utf-8")
    newer = json.loads(text)
    newer["futureattribute"] = "x"
    newer["data"]["future_field"] = {"anything": [1, 2]}
    Draft202012Validator(schema_of(topic_of(path))).validate(newer)
    model = message_type(topic_of(path))
    assert model.model_validate_json(json.dumps(newer)) == model.model_validate_json(text)


def acts_of(message):
    data = message["data"]
    return data.get("acts", ()) or ([data["act"]] if "act" in data else [])


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_the_acts_of_an_example_are_by_different_persons_of_real_offices(path):
    acts = acts_of(json.loads(path.read_text(encoding="utf-8")))
    assert len({act["person"] for act in acts}) == len(acts)
    for act in acts:
        assert str(Office.parse(act["office"])) == act["office"]


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_the_reasons_and_layouts_of_an_example_are_published_words(path):
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    reasons = [data.get("reason_code"), *(act.get("reason") for act in acts_of({"data": data}))]
    assert {code for code in reasons if code} <= REASONS.keys()
    assert data.get("layout", Layout.NEWER_27) in set(Layout)


def test_no_two_examples_share_a_message_id():
    ids = [json.loads(path.read_text(encoding="utf-8"))["id"] for path in ALL]
    assert len(set(ids)) == len(ids)


def test_every_listed_example_is_there_unchanged_and_every_example_is_listed():
    listed = dict(
        reversed(line.split("  ")) for line in EXAMPLE_DIGESTS.read_text(encoding="utf-8").splitlines()
    )
    found = {
        path.relative_to(EXAMPLES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in ALL
    }
    assert found == listed


def test_a_ledger_grows_and_never_forgets():
    assert grown("a\nb\n", ["b", "a", "c"]) == ("a\nb\nc\n", [])
    assert grown("a\nb\n", ["a"]) == ("a\nb\n", ["b"])
    assert grown("", []) == ("", [])
