"""The two acts of a review: who may, when, once, and what is kept."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from contracts import topics
from services.kit.objects import LocalObjects
from services.provincial_review.app import SERVICE
from tests.harness import UnderTest, running
from tests.provincial_review.desk import approver, assess, look, path, reviewer, sign
from tests.provincial_review.submissions import (
    BATCH,
    TABLES,
    UNIT_ACTS,
    Submission,
    submission,
    withdrawal,
)


@pytest.fixture
async def round_1(service: UnderTest) -> Submission:
    """Round 1 waits at the province."""
    submitted = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, submitted.event)
    return submitted


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    return (answer.status_code, answer.json()["code"]) == (status, code)


# --- assessment ---------------------------------------------------------------------------------------


async def test_an_assessment_may_be_replaced_until_signed_and_all_are_kept(
    service: UnderTest, round_1: Submission
):
    first = await assess(service, {"record_id": round_1.record_ids[0], "reason_code": "name-differs"})
    second = await assess(service, by=reviewer(service, "p-3"))

    assert first.json()["assessment"]["returned"] == 1
    view = second.json()
    assert [(each["number"], each["person"], each["returned"]) for each in view["assessments"]] == [
        (1, "p-1", 1),
        (2, "p-3", 0),
    ]
    assert (view["assessed_by"], view["state"]) == ("p-3", "assessed")
    await sign(service)
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert said.data.returned_count == 0
    assert [act.person for act in said.data.acts][-2:] == ["p-3", "p-2"]


async def test_the_same_assessment_said_twice_is_one(service: UnderTest, round_1: Submission):
    back = {"record_id": round_1.record_ids[0], "reason_code": "name-differs"}
    await assess(service, back)
    before = await service.snapshot(*TABLES)
    assert (await assess(service, back)).status_code == 200
    assert await service.snapshot(*TABLES) == before


async def test_the_approver_sees_what_is_to_be_returned_with_its_reasons(
    service: UnderTest, round_1: Submission
):
    await assess(service, {"record_id": round_1.record_ids[0], "reason_code": "name-differs", "field": "XM"})
    (line,) = (await look(service, "/returned", by=approver(service))).json()["returned"]
    page = (await look(service, "/records", only="returned", by=approver(service))).json()
    assert (line["record_id"], line["row"], line["field"]) == (round_1.record_ids[0], 2, "XM")
    assert (line["text_zh"], line["text_en"]) == (
        "姓名与决议不一致",
        "The name differs from the resolution",
    )
    assert page["records"][0]["returned"]["reason_code"] == "name-differs"


async def test_the_whole_round_is_returned_for_one_reason(service: UnderTest, round_1: Submission):
    await assess(service, return_all={"reason_code": "scan-unreadable", "comment": "缺第二页"})
    await sign(service)
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert (said.data.approved, said.data.approved_count, said.data.returned_count) == (None, 0, 5)


async def test_without_partial_approval_the_others_are_returned_too(
    make_database: Callable[[], str], tmp_path: Path
):
    async with running(SERVICE, make_database(), tmp_path, partial_approval=False) as service:
        round_1 = await submission(service.work.objects)
        await service.hear(topics.BATCH_SUBMITTED, round_1.event)
        await assess(service, {"record_id": round_1.record_ids[2], "reason_code": "name-differs"})
        await sign(service)
        (said,) = await service.said(topics.REVIEW_COMPLETED)
        lines = (await service.work.objects.read(said.data.returned)).splitlines()
        assert (said.data.approved, said.data.returned_count) == (None, 5)
        assert [json.loads(line)["reason_code"] for line in lines].count("whole-batch-returned") == 4


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "request-invalid"),
        ({"returned": [], "return_all": {"reason_code": "other"}}, "request-invalid"),
        ({"returned": [{"record_id": "x"}]}, "request-invalid"),
        ({"returned": [{"record_id": "x", "reason_code": "other", "approve": True}]}, "request-invalid"),
        (
            {"returned": [{"record_id": "x", "reason_code": "other", "comment": "长" * 1001}]},
            "request-invalid",
        ),
        ({"returned": [{"record_id": f"{BATCH}.1.99", "reason_code": "other"}]}, "record-unknown"),
        ({"returned": [{"record_id": f"{BATCH}.1.2", "reason_code": "nonsense"}]}, "return-reason-unknown"),
        ({"returned": [{"record_id": f"{BATCH}.1.2", "reason_code": "busy"}]}, "return-reason-unknown"),
        ({"returned": [{"record_id": f"{BATCH}.1.2", "reason_code": "other"}] * 2}, "record-named-twice"),
        (
            {"returned": [{"record_id": f"{BATCH}.1.2", "reason_code": "other", "field": "QQ"}]},
            "field-unknown",
        ),
        ({"return_all": {"reason_code": "fault"}}, "return-reason-unknown"),
    ],
    ids=[
        "empty",
        "both",
        "no reason",
        "unknown word",
        "long comment",
        "record",
        "reason",
        "reason of another kind",
        "twice",
        "field",
        "reason for all",
    ],
)
async def test_an_assessment_that_is_not_right_is_refused_and_changes_nothing(
    service: UnderTest, round_1: Submission, body: dict[str, object], code: str
):
    before = await service.snapshot(*TABLES)
    answer = await service.http.post(f"{path()}/assessment", json=body, headers=reviewer(service))
    assert refused(answer, 422, code), answer.text
    assert await service.snapshot(*TABLES) == before


# --- opinion ------------------------------------------------------------------------------------------


async def test_an_approver_sends_an_assessment_back_with_words_for_the_reviewer(
    service: UnderTest, round_1: Submission
):
    await assess(service, {"record_id": round_1.record_ids[0], "reason_code": "name-differs"})
    answer = await sign(service, decision="send_back", text="请再核对姓名", assessment=1)

    view = answer.json()
    assert (view["state"], view["assessed_by"]) == ("waiting", None)
    assert (view["sent_back"]["by"], view["sent_back"]["text"]) == ("p-2", "请再核对姓名")
    assert (await look(service, "/returned")).json() == {"returned": []}
    assert await service.said(topics.REVIEW_COMPLETED) == []

    again = (await assess(service)).json()
    assert (again["state"], again["sent_back"], again["assessment"]["number"]) == ("assessed", None, 2)
    assert (await sign(service)).json()["state"] == "completed"


async def test_signing_twice_says_it_once(service: UnderTest, round_1: Submission):
    await assess(service)
    await sign(service)
    before = await service.snapshot(*TABLES)
    assert (await sign(service)).status_code == 200
    assert refused(await sign(service, by=approver(service, "p-9")), 409, "review-decided")
    assert await service.snapshot(*TABLES) == before
    assert len(await service.said(topics.REVIEW_COMPLETED)) == 1


async def test_two_approvers_at_once_sign_once(service: UnderTest, round_1: Submission):
    await assess(service)
    answers = await asyncio.gather(
        *(sign(service, by=approver(service, person)) for person in ("p-2", "p-3", "p-4"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(await service.said(topics.REVIEW_COMPLETED)) == 1


async def test_an_assessment_that_was_replaced_meanwhile_is_not_signed(
    service: UnderTest, round_1: Submission
):
    await assess(service)
    await assess(service, {"record_id": round_1.record_ids[0], "reason_code": "other"})
    assert refused(await sign(service, assessment=1), 409, "review-changed")
    assert await service.said(topics.REVIEW_COMPLETED) == []


async def test_a_withdrawal_and_a_signature_at_once_give_one_answer(service: UnderTest, round_1: Submission):
    await assess(service)
    await asyncio.gather(sign(service), service.hear(topics.BATCH_WITHDRAWN, withdrawal()))
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    state = (await look(service)).json()["state"]
    assert (said.data.outcome, state) in {("decided", "completed"), ("withdrawn", "withdrawn")}


async def test_the_opinion_can_be_proven_from_its_own_bytes(service: UnderTest, round_1: Submission):
    await assess(service)
    await sign(service, text="同意")
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    opinion = json.loads(await service.work.objects.read(said.data.opinion))
    from services.provincial_review.domain.documents import digest_of  # noqa: PLC0415

    assert digest_of(opinion["statement"]) == opinion["digest"] == said.data.acts[-1].digest
    assert opinion["statement"]["assessment"] == said.data.acts[-2].digest
    assert opinion["statement"]["submitted"]["merkle_root"] == round_1.event.record_set.merkle_root
    assert "同意" not in said.model_dump_json()


# --- illegal moves ------------------------------------------------------------------------------------


async def test_nothing_is_signed_or_sent_back_before_an_assessment(service: UnderTest, round_1: Submission):
    assert refused(await sign(service), 409, "review-not-assessed")
    assert refused(await sign(service, decision="send_back"), 409, "review-not-assessed")


async def test_nothing_is_assessed_or_sent_back_after_the_signature(service: UnderTest, round_1: Submission):
    await assess(service)
    await sign(service)
    assert refused(await assess(service), 409, "review-decided")
    assert refused(await sign(service, decision="send_back"), 409, "review-decided")


async def test_nothing_is_decided_after_a_withdrawal(service: UnderTest, round_1: Submission):
    await assess(service)
    await service.hear(topics.BATCH_WITHDRAWN, withdrawal())
    assert refused(await assess(service), 409, "review-withdrawn")
    assert refused(await sign(service), 409, "review-withdrawn")
    assert len(await service.said(topics.REVIEW_COMPLETED)) == 1


# --- persons ------------------------------------------------------------------------------------------


async def test_the_assessor_does_not_sign(service: UnderTest, round_1: Submission):
    both = service.signed_in("p-1", "province:32", "reviewer", "approver")
    await assess(service, by=both)
    answer = await sign(service, by=both)
    assert refused(answer, 403, "same-person")
    assert answer.json()["acted_as"] == "assess"


async def test_an_assessor_whose_assessment_was_replaced_does_not_sign_either(
    service: UnderTest, round_1: Submission
):
    await assess(service)
    await assess(service, by=reviewer(service, "p-3"))
    assert refused(await sign(service, by=approver(service, "p-1")), 403, "same-person")


@pytest.mark.parametrize("person", [act.person for act in UNIT_ACTS])
async def test_a_person_of_the_unit_neither_assesses_nor_signs(
    service: UnderTest, round_1: Submission, person: str
):
    assert refused(await assess(service, by=reviewer(service, person)), 403, "same-person")
    await assess(service)
    assert refused(await sign(service, by=approver(service, person)), 403, "same-person")


async def test_the_parts_are_not_exchanged_in_a_later_round(service: UnderTest, round_1: Submission):
    await assess(service)
    await sign(service)
    round_2 = await submission(service.work.objects, round_=2)
    await service.hear(topics.BATCH_SUBMITTED, round_2.event)
    at = path(round_=2)
    assert refused(await assess(service, at=at, by=reviewer(service, "p-2")), 403, "same-person")
    await assess(service, at=at)
    assert refused(await sign(service, at=at, by=approver(service, "p-1")), 403, "same-person")
    assert (await sign(service, at=at)).status_code == 200


# --- storage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["damaged", "missing"])
async def test_nothing_is_decided_on_an_object_that_is_missing_or_damaged(
    service: UnderTest, round_1: Submission, damage: str
):
    objects = service.work.objects
    assert isinstance(objects, LocalObjects)
    await assess(service)
    stored = objects.path_of(round_1.event.record_set.object.sha256)
    stored.chmod(0o600)
    stored.write_bytes(b"PAR1") if damage == "damaged" else stored.unlink()

    back = {"record_id": round_1.record_ids[0], "reason_code": "other"}
    for answer in (await sign(service), await assess(service, back), await look(service, "/records")):
        assert refused(answer, 500, f"object-{damage}"), answer.text
    assert await service.said(topics.REVIEW_COMPLETED) == []
    assert (await look(service)).json()["state"] == "assessed"
