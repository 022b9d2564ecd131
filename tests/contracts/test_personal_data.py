"""No topic carries personal data: payloads hold identifiers, counts, digests and references only."""

import csv
import json
import re
import types
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel, ValidationError

from contracts.generate import CONTRACTS, EXAMPLES, message_type
from contracts.notices import NoticeSent
from contracts.reviews import ReturnedRecord
from contracts.topics import TOPICS
from contracts.vocabulary import Act, Published, StoredObject

with (CONTRACTS / "standard" / "tables" / "fields.csv").open(encoding="utf-8") as table:
    FIELDS_OF_A_RECORD = {row["code"].lower() for row in csv.DictReader(table)}

WORDS_OF_A_PERSON = {
    *("name", "names", "surname", "pinyin", "sex", "gender", "birth", "born", "birthday", "age", "nation"),
    *("ethnic", "nationality", "citizen", "idcard", "passport", "certificate", "document", "student"),
    *("phone", "mobile", "mail", "email", "address", "photo", "picture", "image", "thesis", "title"),
    *("comment", "text", "remark", "note", "notes", "message", "body", "subject", "content", "value"),
    *("values", "row", "rows", "records", "xm", "zjhm"),
}
# A field of record *counts* or *sets* names no person; the word alone would.
NOT_A_PERSON = {"record_count", "record_set"}

# Fields whose text no pattern confines, each with the reason why it may be.
FREE_TEXT = {
    "BatchSubmitted.resolution_number": "number of an official document, at most 60 characters",
    "ReviewCompleted.resolution_number": "the same",
    "ResolutionRegistered.number": "the same",
}


def payloads_within(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A payload and every model it holds, each once."""
    waiting, seen = [model], set()
    while waiting:
        found = waiting.pop()
        if found in seen:
            continue
        seen.add(found)
        yield found
        for kind in get_type_hints(found, include_extras=True).values():
            waiting += [leaf for leaf, _ in leaves(kind) if is_model(leaf)]


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def leaves(kind: Any, constraints: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The simple types an annotation is made of, each with the constraints around it."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *extra = get_args(kind)
        yield from leaves(inner, (*constraints, *extra))
    elif origin in (Union, types.UnionType, tuple):
        for part in get_args(kind):
            if part is not Ellipsis:
                yield from leaves(part, constraints)
    else:
        yield kind, constraints


def has_pattern(constraints: tuple[Any, ...]) -> bool:
    flat = [inner for each in constraints for inner in (each, *getattr(each, "metadata", ()))]
    return any(getattr(each, "pattern", None) for each in flat)


def faults_of(model: type[BaseModel]) -> list[str]:
    """Why a payload may carry personal data: by the name of a field, or by a type that lets prose through."""
    faults = []
    for name, kind in get_type_hints(model, include_extras=True).items():
        if name not in model.model_fields:
            continue
        place = f"{model.__name__}.{name}"
        words = set(name.lower().split("_"))
        if name not in NOT_A_PERSON and (name.lower() in FIELDS_OF_A_RECORD or words & WORDS_OF_A_PERSON):
            faults.append(f"{place}: named like a person's data")
        for leaf, constraints in leaves(kind):
            if leaf is str:
                if not has_pattern(constraints) and place not in FREE_TEXT:
                    faults.append(f"{place}: text without a pattern")
            elif not (
                leaf in (int, bool, date, datetime, type(None))
                or (isinstance(leaf, type) and issubclass(leaf, StrEnum | Published))
                or getattr(leaf, "__name__", "") == "AwareDatetime"
            ):
                faults.append(f"{place}: type {leaf} is not allowed")
    return faults


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_no_field_of_a_payload_could_carry_personal_data(topic):
    assert [fault for model in payloads_within(topic.payload) for fault in faults_of(model)] == []


def test_the_check_reaches_what_a_payload_holds():
    within = {model.__name__ for topic in TOPICS for model in payloads_within(topic.payload)}
    assert {"Act", "StoredObject", "RecordSet", "RulePackRef"} <= within


def test_the_list_of_free_texts_names_only_what_exists():
    fields = {
        f"{model.__name__}.{name}"
        for topic in TOPICS
        for model in payloads_within(topic.payload)
        for name in model.model_fields
    }
    assert FREE_TEXT.keys() <= fields


def test_a_planted_field_is_found():
    class Planted(Published):
        XM: Annotated[str, "not confined"]
        student_name: bool
        anything: dict[str, int]
        amount: float

    assert faults_of(Planted) == [
        "Planted.XM: named like a person's data",
        "Planted.XM: text without a pattern",
        "Planted.student_name: named like a person's data",
        "Planted.anything: type dict[str, int] is not allowed",
        "Planted.amount: type <class 'float'> is not allowed",
    ]


def test_the_returned_records_with_comments_stay_off_kafka():
    assert faults_of(ReturnedRecord)
    assert all(ReturnedRecord not in payloads_within(topic.payload) for topic in TOPICS)


ACT = {
    "kind": "withdraw",
    "person": "p-1",
    "office": "unit:19001",
    "role": "submitter",
    "at": "2026-06-25T00:00:00Z",
    "digest": "0" * 64,
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", "张三的证书编号有误"),
        ("reason", "wrong name of a student"),
        ("person", "张三"),
        ("person", "someone@example.edu"),
        ("office", "unit:张三"),
        ("office", "unit:１９００１"),
        ("role", "张三"),
        ("at", "yesterday"),
        ("digest", "0" * 63),
    ],
)
def test_an_act_has_no_room_for_prose(field, value):
    Act.model_validate(ACT)
    with pytest.raises(ValidationError):
        Act.model_validate({**ACT, field: value})


def test_a_notice_names_no_mailbox_and_an_object_no_path():
    notice = json.loads((EXAMPLES / "notice.sent.v1" / "review-overdue.json").read_text())["data"]
    NoticeSent.model_validate(notice)
    with pytest.raises(ValidationError):
        NoticeSent.model_validate({**notice, "channel": "someone@example.edu"})
    StoredObject(sha256="0" * 64, size_bytes=1, media_type="text/csv; charset=utf-8")
    with pytest.raises(ValidationError):
        StoredObject(sha256="0" * 64, size_bytes=1, media_type="张三.csv")


def test_a_message_has_no_room_for_prose_in_its_key():
    topic = TOPICS[0]
    path = next((EXAMPLES / topic.name).glob("*.json"))
    message = json.loads(path.read_text())
    with pytest.raises(ValidationError):
        message_type(topic).model_validate({**message, "subject": "张三"})


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.json")), ids=lambda path: path.stem)
def test_no_example_shows_an_identity_number_a_mailbox_or_a_telephone(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![0-9a-f])\d{17}[\dXx](?![0-9a-f])", text)
    assert not re.search(r"(?<![0-9a-f])1\d{10}(?![0-9a-f])", text)
    assert "@" not in text
