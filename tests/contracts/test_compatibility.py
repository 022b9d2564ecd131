"""Inside a version nothing breaks: planted changes are found, and today's schemas keep the released promises."""

import copy
import json

import pytest

from contracts import generate
from contracts.compatibility import Effect, breaking_changes, changes
from contracts.generate import RELEASED_SCHEMAS, broken_promises, schema_of
from contracts.topics import BATCH_SUBMITTED, TOPICS

OLD = {
    "type": "object",
    "required": ["id", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "note": {"anyOf": [{"type": "string", "maxLength": 40}, {"type": "null"}], "default": None},
        "data": {"$ref": "#/$defs/Data"},
    },
    "$defs": {
        "Data": {
            "type": "object",
            "required": ["kind", "count", "acts"],
            "properties": {
                "kind": {"enum": ["one", "two"], "type": "string"},
                "count": {"type": "integer", "minimum": 0},
                "late": {"type": "boolean", "default": False},
                "acts": {"type": "array", "items": {"$ref": "#/$defs/Act"}},
                "scan": {"anyOf": [{"$ref": "#/$defs/Act"}, {"type": "null"}], "default": None},
            },
        },
        "Act": {
            "type": "object",
            "required": ["who"],
            "properties": {"who": {"type": "string"}, "why": {"type": "string"}},
        },
    },
}


def changed(change):
    new = copy.deepcopy(OLD)
    change(new, new["$defs"]["Data"], new["$defs"]["Act"])
    return new


def drop(fields, name):
    del fields["properties"][name]
    if name in fields["required"]:
        fields["required"].remove(name)


BREAKING = {
    "an optional field removed": (lambda _, data, act: drop(data, "late"), "data.late: removed"),
    "a required field removed": (lambda _, data, act: drop(data, "kind"), "data.kind: removed"),
    "a field renamed": (
        lambda _, data, act: data["properties"].update(total=data["properties"].pop("count")),
        "data.count: removed",
    ),
    "a new required field": (
        lambda _, data, act: (data["properties"].update(size={}), data["required"].append("size")),
        "data.size: new and required",
    ),
    "an optional field now required": (
        lambda _, data, act: data["required"].append("late"),
        "data.late: now required",
    ),
    "a required field now optional": (
        lambda _, data, act: data["required"].remove("count"),
        "data.count: no longer required",
    ),
    "a type changed": (
        lambda _, data, act: data["properties"]["count"].update(type="string"),
        "data.count: type integer is no longer allowed",
    ),
    "null no longer allowed": (
        lambda new, data, act: new["properties"]["note"]["anyOf"].pop(),
        "note: type null is no longer allowed",
    ),
    "null newly allowed": (
        lambda _, data, act: data["properties"].update(
            count={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}
        ),
        "data.count: type null is new",
    ),
    "an enum value removed": (
        lambda _, data, act: data["properties"]["kind"]["enum"].remove("two"),
        "data.kind: enum value two removed",
    ),
    "free text closed to an enum": (
        lambda _, data, act: act["properties"]["who"].update(enum=["me"]),
        "data.acts[].who: enum appeared",
    ),
    "a pattern changed": (
        lambda new, data, act: new["properties"]["id"].update(pattern="^x$"),
        "id: pattern changed",
    ),
    "a pattern added": (
        lambda _, data, act: act["properties"]["why"].update(pattern="^x$"),
        "data.acts[].why: pattern changed",
    ),
    "a default changed": (
        lambda _, data, act: data["properties"]["late"].update(default=True),
        "data.late: default changed",
    ),
    "a lower bound raised": (
        lambda _, data, act: data["properties"]["count"].update(minimum=1),
        "data.count: minimum narrowed",
    ),
    "an upper bound lowered": (
        lambda new, data, act: new["properties"]["note"]["anyOf"][0].update(maxLength=39),
        "note: maxLength narrowed",
    ),
    "a bound added": (
        lambda _, data, act: data["properties"]["acts"].update(minItems=1),
        "data.acts: minItems narrowed",
    ),
    "the items of a list changed": (
        lambda _, data, act: data["properties"]["acts"].update(items={"type": "string"}),
        "data.acts[]: type object is no longer allowed",
    ),
    "unknown fields forbidden": (
        lambda _, data, act: data.update(additionalProperties=False),
        "data: additionalProperties changed",
    ),
    "a change behind a reference behind an alternative": (
        lambda _, data, act: act["required"].append("why"),
        "data.scan.why: now required",
    ),
}

ALLOWED = {
    "a new optional field": (
        lambda _, data, act: data["properties"].update(hint={"type": "string", "default": ""}),
        Effect.HARMLESS,
    ),
    "an enum value added": (
        lambda _, data, act: data["properties"]["kind"]["enum"].append("three"),
        Effect.CONSUMERS_FIRST,
    ),
    "an upper bound raised": (
        lambda new, data, act: new["properties"]["note"]["anyOf"][0].update(maxLength=41),
        Effect.CONSUMERS_FIRST,
    ),
    "a lower bound dropped": (
        lambda _, data, act: data["properties"]["count"].pop("minimum"),
        Effect.CONSUMERS_FIRST,
    ),
}


def test_the_same_schema_has_no_changes():
    assert changes(OLD, copy.deepcopy(OLD)) == []


@pytest.mark.parametrize("name", BREAKING)
def test_a_planted_breaking_change_is_found(name):
    change, expected = BREAKING[name]
    found = breaking_changes(OLD, changed(change))
    assert any(problem.startswith(expected) for problem in found), found


@pytest.mark.parametrize("name", ALLOWED)
def test_an_allowed_change_is_told_with_its_roll_out_advice(name):
    change, effect = ALLOWED[name]
    new = changed(change)
    assert breaking_changes(OLD, new) == []
    assert {found.effect for found in changes(OLD, new)} == {effect}


def test_titles_descriptions_and_the_order_of_alternatives_do_not_matter():
    def reword(new, data, act):
        new["properties"]["note"]["anyOf"].reverse()
        data["description"] = "said otherwise"
        data["properties"]["count"]["title"] = "Number"

    assert changes(OLD, changed(reword)) == []


def test_today_s_schemas_keep_every_released_promise():
    assert broken_promises() == []


def test_every_released_schema_belongs_to_a_topic_and_there_is_a_baseline():
    released = {path.stem for path in RELEASED_SCHEMAS.glob("*.json")}
    assert released
    assert released <= {topic.name for topic in TOPICS}


def test_a_field_taken_out_of_a_released_payload_is_found(tmp_path, monkeypatch):
    released = schema_of(BATCH_SUBMITTED)
    released["$defs"]["BatchSubmitted"]["properties"]["seal"] = {"type": "string"}
    (tmp_path / f"{BATCH_SUBMITTED.name}.json").write_text(json.dumps(released))
    (tmp_path / "batch.forgotten.v1.json").write_text("{}")
    monkeypatch.setattr(generate, "RELEASED_SCHEMAS", tmp_path)
    assert broken_promises() == [
        "batch.forgotten.v1: the topic was released and is gone",
        "batch.submitted.v1: data.seal: removed (breaking)",
    ]
