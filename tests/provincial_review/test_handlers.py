"""What provincial review does with each message: its job, nothing the second time, no with a reason."""

import asyncio
from typing import Any

import polars as pl
import pytest

from cli.sample.roster import roster_csv
from contracts import topics
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.message import Message
from contracts.notices import NoticeFailed, NoticeSent
from contracts.topics import Topic
from contracts.vocabulary import Published, RulePackRef
from services.kit.consumer import Consumer
from services.kit.dead_letters import Incoming, NeverRetry
from services.kit.objects import LocalObjects, ObjectDamaged, ObjectMissing
from tests.harness import NOON, UnderTest, event
from tests.provincial_review.desk import assess, look, sign
from tests.provincial_review.submissions import (
    BATCH,
    TABLES,
    TRACE,
    nowhere,
    records,
    resolution,
    submission,
    withdrawal,
)

PACK = RulePackRef(version="2026.1", sha256="1" * 64)
OF_ROUND_1 = {
    "batch_id": BATCH,
    "round": 1,
    "unit_code": "10284",
    "province_code": "32",
    "category": "X1",
}


def format_check(**changes: Any) -> FormatCheckCompleted:
    counts = {"passed_count": 4, "returned_count": 1, "returned": nowhere("back"), "rule_pack": PACK}
    return FormatCheckCompleted(**{**OF_ROUND_1, **counts, **changes})


def filed(**changes: Any) -> BatchFiled:
    filing = {
        "filing_number": "BA-2026-000001",
        "filed_count": 4,
        "filed_at": NOON,
        "receipt": nowhere("receipt"),
        "archive": nowhere("archive"),
    }
    return BatchFiled(**{**OF_ROUND_1, **filing, **changes})


def notice(**changes: Any) -> NoticeSent:
    return NoticeSent(
        **{
            "notice_id": "n-1",
            "obligation_id": "o-1",
            "recipient_office": "province:32",
            "step": "due_soon",
            "channel": "email",
            "about": BATCH,
            "deadline": "T03",
            "sent_at": NOON,
            **changes,
        }
    )


async def hear_twice(service: UnderTest, topic: Topic[Any], payload: Published) -> None:
    """Hears a message, and once more: the second time changes no row."""
    message = await service.hear(topic, payload)
    before = await service.snapshot(*TABLES)
    await service.hear_again(topic, message)
    assert await service.snapshot(*TABLES) == before


async def decide(service: UnderTest) -> None:
    """Round 1 is reviewed and signed."""
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    await assess(service)
    assert (await sign(service)).status_code == 200


# --- resolutions ------------------------------------------------------------------------------------


async def test_a_resolution_is_kept_once(service: UnderTest):
    await hear_twice(service, topics.RESOLUTION_REGISTERED, resolution())
    (kept,) = (await service.snapshot("resolutions"))["resolutions"]
    assert (kept["number"], kept["headcount"], kept["effective_on"].isoformat()) == (
        "学位〔2026〕12号",
        5,
        "2026-06-10",
    )


async def test_a_resolution_of_another_unit_is_not_shown_with_a_review(service: UnderTest):
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    await service.hear(topics.RESOLUTION_REGISTERED, resolution(unit_code="10001", province_code="11"))
    assert (await look(service)).json()["resolution"] is None


# --- submissions ------------------------------------------------------------------------------------


async def test_a_submitted_round_opens_a_review_once(service: UnderTest):
    await hear_twice(service, topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    view = (await look(service)).json()
    assert (view["state"], view["due"]["last_day"], view["record_count"]) == ("waiting", "2026-07-15", 5)
    assert view["findings"]["errors"] == 0
    assert (view["comparison"], view["no_comparison"]["reason_code"]) == (None, "no-list-supplied")


async def test_the_30_days_run_from_the_submission_not_from_its_arrival(service: UnderTest):
    round_1 = await submission(service.work.objects)
    message = event(topics.BATCH_SUBMITTED, round_1.event, at=NOON)
    service.clock.pass_days(12)
    await service.hear_again(topics.BATCH_SUBMITTED, message)
    due = (await look(service)).json()["due"]
    assert (due["last_day"], due["days_left"]) == ("2026-07-15", 18)


async def test_the_rule_pack_looks_at_the_round_and_the_findings_can_be_read(service: UnderTest):
    frame = records()
    broken = frame.with_columns(
        JYBH=pl.Series(["另一决议" if row == 1 else number for row, number in enumerate(frame["JYBH"])])
    )
    round_1 = await submission(service.work.objects, frame=broken)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)

    view = (await look(service)).json()
    page = (await look(service, "/records", only="findings")).json()
    lines = (await look(service, "/findings")).text.splitlines()
    table = (await look(service, "/findings", format="csv")).text.splitlines()

    assert view["findings"]["errors"] > 0
    refused = (await assess(service)).json()
    assert (refused["code"], refused["record_id"]) == ("record-breaks-rule", round_1.record_ids[1])
    back = {"record_id": round_1.record_ids[1], "reason_code": "rule-broken", "field": "JYBH"}
    assert (await assess(service, back)).status_code == 200
    assert [each["record_id"] for each in page["records"]] == [round_1.record_ids[1]]
    assert "JYBH" in {finding["field"] for finding in page["records"][0]["findings"]}
    assert (
        len(lines)
        == len(table) - 1
        == sum(view["findings"][kind] for kind in ("errors", "warnings", "notes"))
    )
    assert "另一决议" not in (await look(service, "/findings")).text


async def test_a_round_is_compared_with_the_list_of_names(service: UnderTest):
    frame = records(6)
    listed = frame.with_columns(XM=frame["XM"].replace(frame["XM"][0], "另一名"))[[0, 2, 3, 4, 5]]
    roster = await service.work.objects.put(roster_csv(listed, "X1"), "text/csv")
    round_1 = await submission(service.work.objects, frame=frame.head(5), roster=roster)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)

    view = (await look(service)).json()
    extra = (await look(service, "/records", only="extra")).json()
    different = (await look(service, "/records", only="different")).json()

    assert view["comparison"] == {"missing": 1, "extra": 1, "different": 1}
    assert [each["record_id"] for each in extra["records"]] == [round_1.record_ids[1]]
    assert different["records"][0]["different"] == {"XM": {"record": frame["XM"][0], "list": "另一名"}}
    assert (await look(service, "/comparison")).json()["missing"][0]["XM"] == frame["XM"][5]


async def test_a_correction_is_not_told_that_approved_persons_are_missing(service: UnderTest):
    frame = records(5)
    roster = await service.work.objects.put(roster_csv(frame, "X1"), "text/csv")
    round_1 = await submission(service.work.objects, frame=frame, roster=roster)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    await assess(service, {"record_id": round_1.record_ids[0], "reason_code": "other"})
    await sign(service)

    corrected = records(5, round_=2).head(1)
    round_2 = await submission(service.work.objects, round_=2, frame=corrected, roster=roster)
    await service.hear(topics.BATCH_SUBMITTED, round_2.event)

    view = (await look(service, at=f"/v1/reviews/{BATCH}/2")).json()
    assert view["comparison"] == {"missing": 0, "extra": 0, "different": 0}


async def test_a_list_that_cannot_be_read_holds_up_nothing(service: UnderTest):
    roster = await service.work.objects.put(b"\x89PNG\r\n\x1a\n", "text/csv")
    round_1 = await submission(service.work.objects, roster=roster)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    assert (await look(service)).json()["no_comparison"]["reason_code"] == "list-unreadable"
    assert (await look(service, "/comparison")).json()["code"] == "list-unreadable"


async def test_the_same_submission_said_again_changes_nothing_and_another_one_is_refused(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    before = await service.snapshot("reviews")
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    assert await service.snapshot("reviews") == before
    with pytest.raises(NeverRetry) as refused:
        await service.hear(topics.BATCH_SUBMITTED, round_1.but(warn_count=3).event)
    assert refused.value.code == "message-refused"
    assert await service.snapshot("reviews") == before


async def test_a_record_set_other_than_announced_never_becomes_a_review(service: UnderTest):
    round_1 = await submission(service.work.objects)
    told = round_1.event.record_set
    for lie in ({"merkle_root": "0" * 64}, {"record_count": 4}):
        with pytest.raises(NeverRetry) as refused:
            await service.hear(
                topics.BATCH_SUBMITTED, round_1.but(record_set=told.model_copy(update=lie)).event
            )
        assert refused.value.code == "record-set-mismatch"
    assert (await look(service)).status_code == 404


async def test_a_record_set_that_is_no_parquet_never_becomes_a_review(service: UnderTest):
    stored = await service.work.objects.put(b"PAR1 not really PAR1", "application/vnd.apache.parquet")
    round_1 = await submission(service.work.objects)
    told = round_1.event.record_set.model_copy(update={"object": stored})
    with pytest.raises(NeverRetry) as refused:
        await service.hear(topics.BATCH_SUBMITTED, round_1.but(record_set=told).event)
    assert refused.value.code == "record-set-mismatch"


async def test_a_missing_or_damaged_object_is_a_fault(service: UnderTest):
    objects = service.work.objects
    assert isinstance(objects, LocalObjects)
    round_1 = await submission(objects)
    path = objects.path_of(round_1.event.record_set.object.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ObjectDamaged):
        await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    path.unlink()
    with pytest.raises(ObjectMissing):
        await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    assert await service.work.pool.fetchval("select count(*) from reviews") == 0


async def test_a_fault_stays_visible_as_a_dead_letter_and_the_next_message_is_handled(service: UnderTest):
    round_1 = await submission(service.work.objects)
    told = round_1.event.record_set
    bad = round_1.but(record_set=told.model_copy(update={"merkle_root": "0" * 64}), batch_id="0" * 32)
    consumer = Consumer(service.work, service.service.handlers)
    for offset, payload in enumerate((bad.event, round_1.event)):
        body = event(topics.BATCH_SUBMITTED, payload).model_dump_json(serialize_as_any=True).encode()
        await consumer.hear(Incoming(topics.BATCH_SUBMITTED.name, 0, offset, b"key", body))
    (letter,) = await service.work.pool.fetch("select reason_code, body from dead_letters")
    assert letter["reason_code"] == "record-set-mismatch"
    assert Message[Any].model_validate_json(letter["body"]).subject == "0" * 32
    assert (await look(service)).status_code == 200


# --- withdrawals ------------------------------------------------------------------------------------


async def test_a_round_not_decided_yet_is_withdrawn_and_the_province_answers_once(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event, traceparent=TRACE)
    await assess(service)
    await hear_twice(service, topics.BATCH_WITHDRAWN, withdrawal())

    assert (await look(service)).json()["state"] == "withdrawn"
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert (said.data.outcome, said.data.approved_count, said.data.returned_count) == ("withdrawn", 0, 0)
    assert (said.data.approved, said.data.returned, said.data.opinion) == (None, None, None)
    assert [each.kind for each in said.data.acts] == ["collect", "check", "submit", "withdraw"]
    assert said.traceparent is not None
    assert said.traceparent.split("-")[1] == TRACE.split("-")[1]


async def test_a_second_request_to_withdraw_is_not_answered_again(service: UnderTest):
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    await service.hear(topics.BATCH_WITHDRAWN, withdrawal())
    await service.hear(topics.BATCH_WITHDRAWN, withdrawal())
    assert len(await service.said(topics.REVIEW_COMPLETED)) == 1


async def test_a_decision_stands_against_a_later_withdrawal(service: UnderTest):
    await decide(service)
    await hear_twice(service, topics.BATCH_WITHDRAWN, withdrawal())
    view = (await look(service)).json()
    assert (view["state"], view["outcome"]) == ("completed", "decided")
    assert view["withdrawal_asked_at"] is not None
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert said.data.outcome == "decided"


async def test_a_withdrawal_heard_before_its_submission_ends_the_same(service: UnderTest):
    await hear_twice(service, topics.BATCH_WITHDRAWN, withdrawal())
    assert await service.said(topics.REVIEW_COMPLETED) == []
    await hear_twice(service, topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    assert (await look(service)).json()["state"] == "withdrawn"
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert said.data.outcome == "withdrawn"


async def test_the_withdrawal_of_one_round_leaves_the_next_alone(service: UnderTest):
    await service.hear(topics.BATCH_WITHDRAWN, withdrawal(round_=1))
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects, round_=2)).event)
    assert (await look(service, at=f"/v1/reviews/{BATCH}/2")).json()["state"] == "waiting"


@pytest.mark.parametrize("attempt", range(5))
async def test_submission_and_withdrawal_heard_at_once_are_answered_once(service: UnderTest, attempt: int):
    round_1 = await submission(service.work.objects)
    await asyncio.gather(
        service.hear(topics.BATCH_SUBMITTED, round_1.event),
        service.hear(topics.BATCH_WITHDRAWN, withdrawal()),
    )
    assert (await look(service)).json()["state"] == "withdrawn"
    assert len(await service.said(topics.REVIEW_COMPLETED)) == 1


async def test_a_unit_cannot_withdraw_another_units_round(service: UnderTest):
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    with pytest.raises(NeverRetry) as refused:
        await service.hear(topics.BATCH_WITHDRAWN, withdrawal(unit_code="10285"))
    assert refused.value.code == "message-refused"
    assert (await look(service)).json()["state"] == "waiting"


# --- what the national centre and the notifier say ---------------------------------------------------


async def test_a_format_check_is_shown_and_what_it_returned_can_be_read(service: UnderTest):
    await decide(service)
    back = await service.work.objects.put(b'{"record_id": "x"}\n', "application/jsonl")
    version = (await look(service)).json()["version"]
    await hear_twice(service, topics.FORMAT_CHECK_COMPLETED, format_check(returned=back))
    view = (await look(service)).json()
    assert (view["format_check"]["passed"], view["format_check"]["returned"]) == (4, 1)
    assert view["version"] > version
    assert (await look(service, "/format-check/returned")).content == b'{"record_id": "x"}\n'


async def test_a_filing_is_shown(service: UnderTest):
    await decide(service)
    await hear_twice(service, topics.BATCH_FILED, filed())
    (shown,) = (await look(service)).json()["filings"]
    assert (shown["filing_number"], shown["filed_count"]) == ("BA-2026-000001", 4)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [(topics.FORMAT_CHECK_COMPLETED, format_check()), (topics.BATCH_FILED, filed())],
    ids=["format check", "filing"],
)
async def test_what_this_province_never_decided_cannot_be_checked_or_filed(
    service: UnderTest, topic: Topic[Any], payload: Published
):
    for prepare in (None, (await submission(service.work.objects)).event):
        if prepare:
            await service.hear(topics.BATCH_SUBMITTED, prepare)
        with pytest.raises(NeverRetry) as refused:
            await service.hear(topic, payload)
        assert refused.value.code == "message-refused"


async def test_notices_about_a_batch_are_shown_delivered_or_not(service: UnderTest):
    await service.hear(topics.BATCH_SUBMITTED, (await submission(service.work.objects)).event)
    await hear_twice(service, topics.NOTICE_SENT, notice())
    failed = NoticeFailed(
        **notice(notice_id="n-2").model_dump(exclude={"sent_at"}), failed_at=NOON, reason_code="mail-refused"
    )
    await hear_twice(service, topics.NOTICE_FAILED, failed)
    await service.hear(topics.NOTICE_SENT, notice(notice_id="n-3", about="f" * 32))
    shown = (await look(service)).json()["notices"]
    assert [(each["step"], each["delivered"], each["reason_code"]) for each in shown] == [
        ("due_soon", True, None),
        ("due_soon", False, "mail-refused"),
    ]
