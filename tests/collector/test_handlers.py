"""Each thing the collector hears: it does its job, once only, and says no with a reason."""

import itertools

import pytest

from contracts import topics
from contracts.batches import BatchReceived
from contracts.deadlines import DeadlineId
from contracts.notices import NoticeFailed, NoticeSent
from services.kit.dead_letters import NeverRetry
from services.kit.objects import ObjectMissing
from tests.collector.university import UNIT, as_csv, filing, format_check, records, review, with_error

TABLES = ("batches", "rounds", "uploads", "returned_records", "acts", "entries", "notices")


async def timeline(university, batch_id):
    happened = (await university.get(f"/v1/batches/{batch_id}/timeline")).json()["timeline"]
    return [each["what"] for each in happened]


# --- batch.received.v1 ---------------------------------------------------------------------------


async def test_a_received_file_without_errors_is_collected(university):
    batch_id = await university.push()
    assert await university.state(batch_id) == "collected"
    assert await timeline(university, batch_id) == ["received", "collected"]


async def test_a_received_file_with_errors_is_a_draft_with_its_findings(university):
    batch_id = await university.push(as_csv(with_error(records())))
    view = await university.view(batch_id)
    assert view["state"] == "draft"
    assert view["counts"]["errors"] >= 1
    assert await timeline(university, batch_id) == ["received", "findings"]
    upload = await university.service.work.pool.fetchrow("select record_set, manifest, findings from uploads")
    assert (upload["record_set"], upload["manifest"]) == (None, None)
    assert upload["findings"]


async def test_the_same_received_message_twice_changes_nothing(university):
    await university.push()
    before = await university.service.snapshot(*TABLES)
    await university.work_on()
    assert await university.service.snapshot(*TABLES) == before


async def test_another_message_about_an_upload_that_was_read_changes_nothing(university):
    batch_id = await university.push()
    before = await university.service.snapshot(*TABLES)
    again = BatchReceived(batch_id=batch_id, round=1, attempt=1, unit_code=UNIT)
    await university.service.hear(topics.BATCH_RECEIVED, again)
    assert await university.service.snapshot(*TABLES) == before


async def test_a_received_message_about_no_upload_is_refused(university):
    with pytest.raises(NeverRetry) as refused:
        await university.service.hear(
            topics.BATCH_RECEIVED, BatchReceived(batch_id="0" * 32, round=1, attempt=1, unit_code=UNIT)
        )
    assert refused.value.code == "message-refused"


async def test_a_received_file_that_vanished_is_a_missing_object_and_the_batch_waits(university):
    order = await university.order(as_csv(records()))
    batch_id = (await university.ask_to_push(order)).json()["batch_id"]
    university.service.work.objects.path_of(order["records"]["sha256"]).unlink()
    with pytest.raises(ObjectMissing):
        await university.work_on()
    assert await university.state(batch_id) == "received"


# --- review.completed.v1 -------------------------------------------------------------------------


async def test_a_review_is_kept_and_shown(university):
    batch_id = await university.submit()
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, batch_id, [3]))
    assert await university.state(batch_id) == "partly_approved"
    assert (await timeline(university, batch_id))[-1] == "reviewed"


async def test_the_same_review_twice_changes_nothing(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id, [3])
    message = await university.service.hear(topics.REVIEW_COMPLETED, answer)
    before = await university.service.snapshot(*TABLES)
    await university.service.hear_again(topics.REVIEW_COMPLETED, message)
    await university.service.hear(topics.REVIEW_COMPLETED, answer)
    assert await university.service.snapshot(*TABLES) == before


async def test_a_review_of_no_round_we_know_is_refused(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id)
    for change in ({"round": 2}, {"batch_id": "0" * 32}):
        with pytest.raises(NeverRetry):
            await university.service.hear(topics.REVIEW_COMPLETED, answer.model_copy(update=change))
    assert await university.state(batch_id) == "submitted"


async def test_a_review_whose_list_cannot_be_understood_is_refused(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id, [3])
    nonsense = await university.service.work.objects.put(b'{"row": 3}\n', "application/x-ndjson")
    with pytest.raises(NeverRetry):
        await university.service.hear(
            topics.REVIEW_COMPLETED, answer.model_copy(update={"returned": nonsense})
        )
    assert await university.state(batch_id) == "submitted"


async def test_an_older_rounds_review_does_not_touch_the_open_round(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id, [3])
    await university.service.hear(topics.REVIEW_COMPLETED, answer)
    await university.replace(batch_id, as_csv(records()[[1]]))
    before = await university.service.snapshot(*TABLES)
    await university.service.hear(topics.REVIEW_COMPLETED, answer)
    assert await university.service.snapshot(*TABLES) == before


async def test_a_province_lets_a_unit_withdraw(university):
    batch_id = await university.submit()
    await university.ask_to_withdraw(batch_id)
    answer = await review(university.service, batch_id, withdrawn=True)
    await university.service.hear(topics.REVIEW_COMPLETED, answer)
    assert await university.state(batch_id) == "withdrawn"
    before = await university.service.snapshot(*TABLES)
    await university.service.hear(topics.REVIEW_COMPLETED, answer)
    assert await university.service.snapshot(*TABLES) == before


async def test_a_decision_that_came_first_stands_against_a_withdrawal(university):
    batch_id = await university.submit()
    await university.ask_to_withdraw(batch_id)
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, batch_id))
    view = await university.view(batch_id)
    assert (view["state"], view["counts"]["approved"]) == ("approved", 5)


# --- format-check.completed.v1, batch.filed.v1 ---------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(["review", "format check", "filing"])))
async def test_in_whatever_order_topics_arrive_the_end_is_the_same(university, order):
    batch_id = await university.submit()
    service = university.service
    said = {
        "review": (topics.REVIEW_COMPLETED, await review(service, batch_id, [3])),
        "format check": (topics.FORMAT_CHECK_COMPLETED, await format_check(service, batch_id, 1, 3, [4])),
        "filing": (topics.BATCH_FILED, await filing(service, batch_id, 1, 3)),
    }
    for name in order:
        await service.hear(*said[name])
    view = await university.view(batch_id)
    assert view["state"] == "returned"
    counts = {key: view["counts"][key] for key in ("approved", "returned", "filed", "owed")}
    assert counts == {"approved": 4, "returned": 2, "filed": 3, "owed": 2}
    listed = (await university.get(f"/v1/batches/{batch_id}/returned")).json()["returned"]
    assert [(each["row"], each["returned_by"]) for each in listed] == [
        (3, "province"),
        (4, "national_centre"),
    ]
    # Told in the order it happened, not in the order it was heard.
    assert (await timeline(university, batch_id))[-3:] == ["reviewed", "format_checked", "filed"]


@pytest.mark.parametrize("what", ["format check", "filing"])
async def test_the_centres_word_twice_changes_nothing(university, what):
    batch_id = await university.submit()
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, batch_id))
    topic, said = {
        "format check": (
            topics.FORMAT_CHECK_COMPLETED,
            await format_check(university.service, batch_id, 1, 4, [3]),
        ),
        "filing": (topics.BATCH_FILED, await filing(university.service, batch_id, 1, 5)),
    }[what]
    message = await university.service.hear(topic, said)
    before = await university.service.snapshot(*TABLES)
    await university.service.hear_again(topic, message)
    await university.service.hear(topic, said)
    assert await university.service.snapshot(*TABLES) == before


async def test_the_centres_word_on_no_batch_we_know_is_refused(university):
    batch_id = await university.submit()
    said = [
        (topics.FORMAT_CHECK_COMPLETED, await format_check(university.service, batch_id, 1, 5)),
        (topics.BATCH_FILED, await filing(university.service, batch_id, 1, 5)),
    ]
    for topic, each in said:
        with pytest.raises(NeverRetry):
            await university.service.hear(topic, each.model_copy(update={"batch_id": "0" * 32}))


async def test_the_receipt_is_served_byte_for_byte(university):
    batch_id = await university.submit()
    await university.service.hear(topics.REVIEW_COMPLETED, await review(university.service, batch_id))
    assert (await university.get(f"/v1/batches/{batch_id}/receipts/1")).json()["code"] == "not-found"
    await university.service.hear(topics.BATCH_FILED, await filing(university.service, batch_id, 1, 5))
    answer = await university.get(f"/v1/batches/{batch_id}/receipts/1")
    assert (answer.status_code, answer.content) == (200, b'{"filed": 5}')
    assert answer.headers["content-type"] == "application/json"


# --- notice.sent.v1, notice.failed.v1 ------------------------------------------------------------


def notice(about, **changes):
    return NoticeSent(
        notice_id="n1",
        obligation_id="o1",
        recipient_office=f"unit:{UNIT}",
        step="overdue",
        channel="email",
        about=about,
        deadline=DeadlineId.T01,
        sent_at="2026-06-15T05:00:00Z",
        **changes,
    )


async def test_a_notice_shows_in_the_timeline_told_when_and_how(university):
    batch_id = await university.push()
    resolution_id = (await university.view(batch_id))["resolution_id"]
    await university.service.hear(topics.NOTICE_SENT, notice(resolution_id))
    happened = (await university.get(f"/v1/batches/{batch_id}/timeline")).json()["timeline"]
    assert happened[-1]["what"] == "notice_sent"
    assert happened[-1]["office"] == f"unit:{UNIT}"
    assert happened[-1]["facts"] == {"step": "overdue", "channel": "email", "deadline": "T01"}


async def test_a_notice_that_failed_shows_why(university):
    batch_id = await university.push()
    failed = NoticeFailed(
        notice_id="n2",
        obligation_id="o1",
        recipient_office=f"unit:{UNIT}",
        step="due",
        channel="email",
        about=batch_id,
        failed_at="2026-06-15T05:00:00Z",
        reason_code="mail-refused",
    )
    await university.service.hear(topics.NOTICE_FAILED, failed)
    happened = (await university.get(f"/v1/batches/{batch_id}/timeline")).json()["timeline"]
    assert (happened[-1]["what"], happened[-1]["reason_code"]) == ("notice_failed", "mail-refused")


async def test_the_same_notice_twice_changes_nothing(university):
    batch_id = await university.push()
    message = await university.service.hear(topics.NOTICE_SENT, notice(batch_id))
    before = await university.service.snapshot(*TABLES)
    await university.service.hear_again(topics.NOTICE_SENT, message)
    await university.service.hear(topics.NOTICE_SENT, notice(batch_id))
    assert await university.service.snapshot(*TABLES) == before


async def test_a_notice_about_something_unknown_is_kept_and_hurts_nobody(university):
    batch_id = await university.push()
    await university.service.hear(topics.NOTICE_SENT, notice("something-else"))
    assert await timeline(university, batch_id) == ["received", "collected"]
