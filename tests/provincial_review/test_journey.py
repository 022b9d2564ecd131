"""A round from its arrival at the province to the province's answer."""

import json

from contracts import topics
from contracts.reviews import ReturnedRecord
from contracts.standard.record_set import merkle_root, read_parquet, record_hashes
from tests.harness import UnderTest
from tests.provincial_review.desk import approver, assess, look, sign
from tests.provincial_review.submissions import TRACE, resolution, submission


async def test_a_round_is_reviewed_approved_and_goes_on_as_it_was_submitted(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.RESOLUTION_REGISTERED, resolution())
    await service.hear(topics.BATCH_SUBMITTED, round_1.event, traceparent=TRACE)

    assert (await assess(service)).status_code == 200
    answer = await sign(service, text="同意报送")

    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "completed"
    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert said.traceparent.split("-")[1] == TRACE.split("-")[1]
    assert said.data.approved == round_1.event.record_set
    assert (said.data.approved_count, said.data.returned_count, said.data.returned) == (5, 0, None)
    assert [act.kind for act in said.data.acts] == ["collect", "check", "submit", "assess", "approve"]
    opinion = json.loads(await service.work.objects.read(said.data.opinion))
    assert opinion["statement"]["text"] == "同意报送"
    assert opinion["digest"] == said.data.acts[-1].digest


async def test_some_records_are_returned_with_reasons_and_the_others_go_on(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    second, fourth = round_1.record_ids[1], round_1.record_ids[3]

    await assess(
        service,
        {"record_id": fourth, "reason_code": "name-differs", "field": "XM", "comment": "决议中为另一字"},
        {"record_id": second, "reason_code": "not-in-resolution"},
    )
    assert (await sign(service)).status_code == 200

    (said,) = await service.said(topics.REVIEW_COMPLETED)
    assert (said.data.approved_count, said.data.returned_count) == (3, 2)
    approved = read_parquet(await service.work.objects.read(said.data.approved.object))
    submitted = read_parquet(await service.work.objects.read(round_1.event.record_set.object))
    assert approved.columns == submitted.columns
    assert approved["record_id"].to_list() == [round_1.record_ids[n] for n in (0, 2, 4)]
    assert merkle_root(record_hashes(approved)).hex() == said.data.approved.merkle_root
    lines = (await service.work.objects.read(said.data.returned)).splitlines()
    returned = [ReturnedRecord.model_validate_json(line) for line in lines]
    assert [(each.record_id, each.row, each.reason_code) for each in returned] == [
        (second, 3, "not-in-resolution"),
        (fourth, 5, "name-differs"),
    ]
    assert "决议中为另一字" not in said.model_dump_json()


async def test_the_queue_shows_the_round_with_its_clock(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event, traceparent=TRACE)

    (line,) = (await service.http.get("/v1/reviews", headers=approver(service))).json()["reviews"]

    assert line["batch_id"] == round_1.event.batch_id
    assert line["unit_name"] == "南京大学"
    assert line["acceptance_number"] == "1846060850cd5ba4dd7260cb0d07d487"
    assert (line["due"]["deadline"], line["due"]["last_day"], line["due"]["days_left"]) == (
        "T03",
        "2026-07-15",
        30,
    )
    assert (line["state"], line["colour"]) == ("waiting", "normal")


async def test_the_detail_shows_the_resolution_and_the_scan_can_be_read(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)
    before = (await look(service)).json()
    await service.hear(topics.RESOLUTION_REGISTERED, resolution(headcount=6))
    after = (await look(service)).json()

    assert before["resolution"] is None
    assert after["resolution"] == {
        "number": "学位〔2026〕12号",
        "effective_on": "2026-06-10",
        "headcount": 6,
        "page_count": 3,
    }
    scan = await look(service, "/scan")
    assert (scan.headers["content-type"], scan.content[:5]) == ("application/pdf", b"%PDF-")


async def test_a_page_of_records_shows_values_in_the_order_of_the_file(service: UnderTest):
    round_1 = await submission(service.work.objects)
    await service.hear(topics.BATCH_SUBMITTED, round_1.event)

    page = (await look(service, "/records", offset=1, limit=2)).json()

    assert page["total"] == 5
    assert [each["record_id"] for each in page["records"]] == round_1.record_ids[1:3]
    assert page["records"][0]["values"]["XM"] == round_1.frame["XM"][1]
