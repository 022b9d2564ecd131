"""Receiving batches: 202 once durable, idempotent, one batch however often it is sent."""

import asyncio
from uuid import uuid4

import pytest

from contracts import topics
from tests.collector.university import NUMBER, University, as_csv, digest, records, with_error


async def test_a_batch_is_received_durable_and_announced(university):
    data = as_csv(records())
    order = await university.order(data)
    answer = await university.ask_to_push(order)
    assert answer.status_code == 202
    body = answer.json()
    assert (body["round"], body["attempt"], body["state"]) == (1, 1, "received")
    assert len(body["acceptance_number"]) == 32
    assert body["links"]["self"] == f"/v1/batches/{body['batch_id']}"
    assert await university.service.work.objects.has(digest(data))
    [said] = await university.service.said(topics.BATCH_RECEIVED)
    assert (said.subject, said.data.round, said.data.attempt) == (body["batch_id"], 1, 1)


async def test_the_same_key_and_body_get_the_same_answer(university):
    order, key = await university.order(as_csv(records())), uuid4().hex
    first = await university.ask_to_push(order, key)
    before = await university.service.snapshot("batches", "uploads", "entries")
    again = await university.ask_to_push(order, key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert await university.service.snapshot("batches", "uploads", "entries") == before


async def test_the_same_key_with_another_body_is_refused(university):
    order, key = await university.order(as_csv(records())), uuid4().hex
    await university.ask_to_push(order, key)
    answer = await university.ask_to_push(order | {"category": "X2"}, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-key-reused")


async def test_without_a_key_nothing_is_received(university):
    order = await university.order(as_csv(records()))
    answer = await university.service.http.post("/v1/batches", json=order, headers=university.lin)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-missing")


async def test_the_same_key_at_once_makes_one_batch(university):
    order, key = await university.order(as_csv(records())), uuid4().hex
    answers = await asyncio.gather(*(university.ask_to_push(order, key) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["batch_id"] for answer in answers}) == 1
    assert await university.service.work.pool.fetchval("select count(*) from batches") == 1
    assert len(await university.service.said(topics.BATCH_RECEIVED)) == 1


async def test_the_same_file_with_other_keys_at_once_makes_one_batch(university):
    order = await university.order(as_csv(records()))
    answers = await asyncio.gather(*(university.ask_to_push(order) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409, 409]
    [received] = [answer for answer in answers if answer.status_code == 202]
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert refused.json()["code"] == "batch-already-received"
        assert refused.json()["batch_id"] == received.json()["batch_id"]


async def test_a_withdrawn_batch_does_not_stand_in_the_way(university):
    batch_id = await university.push()
    assert (await university.ask_to_withdraw(batch_id)).json()["state"] == "withdrawn"
    answer = await university.ask_to_push(await university.order(as_csv(records())))
    assert answer.status_code == 202
    assert answer.json()["batch_id"] != batch_id


async def test_another_resolution_makes_another_batch(university):
    data = as_csv(records())
    first = await university.ask_to_push(await university.order(data))
    other = await university.register(number="校学位字[2026]2号")
    second = await university.ask_to_push(await university.order(data, other))
    assert first.json()["batch_id"] != second.json()["batch_id"]


async def test_a_level_the_resolution_does_not_award_is_refused(university):
    order = await university.order(as_csv(records()))
    answer = await university.ask_to_push(order | {"category": "B1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "level-not-in-resolution")


async def test_a_resolution_of_another_unit_is_not_found(university):
    other = University(university.service, code="10001")
    theirs = await other.register()
    answer = await university.ask_to_push(await university.order(as_csv(records()), theirs))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_file_never_uploaded_is_refused(university):
    order = await university.order(as_csv(records()))
    answer = await university.ask_to_push(order | {"records": {"sha256": "0" * 64, "filename": "x.csv"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "object-unknown")


async def test_an_object_lost_from_storage_is_never_answered_202(university):
    data = as_csv(records())
    order = await university.order(data)
    university.service.work.objects.path_of(digest(data)).unlink()
    answer = await university.ask_to_push(order)
    assert (answer.status_code, answer.json()["code"]) == (422, "object-unknown")


@pytest.mark.parametrize("filename", ["", "a/b.csv", "a\x00b", "x" * 256], ids=repr)
async def test_a_file_name_that_is_none_is_refused(university, filename):
    order = await university.order(as_csv(records()))
    order["records"]["filename"] = filename
    assert (await university.ask_to_push(order)).json()["code"] == "request-invalid"


async def test_the_view_tells_where_the_batch_stands(university):
    batch_id = await university.push()
    view = await university.view(batch_id)
    assert (view["state"], view["state_zh"], view["resolution_number"]) == ("collected", "采集完成", NUMBER)
    assert view["counts"] | {"notes": 0} == {
        **dict.fromkeys(("errors", "warnings", "notes", "approved", "returned", "filed", "owed"), 0),
        "records": 5,
    }
    assert view["progress"] == {"stage": "done", "stage_zh": "完成", "rows": 5}
    assert view["next"]["who"] == "checker"
    assert view["next"]["due"]["deadline"] == "T01"
    assert view["rule_pack"]["version"]
    assert view["unreadable"] is None
    assert "traceparent" not in view


async def test_the_list_is_the_units_own_by_state_and_page(university):
    resolution = await university.register()
    ids = []
    for seed in range(3):
        university.service.clock.pass_days(0.01)
        order = await university.order(as_csv(records(seed=seed + 10)), resolution)
        ids.append((await university.ask_to_push(order)).json()["batch_id"])
    await University(university.service, code="10001").ask_to_register()
    page = (await university.get("/v1/batches", limit=2)).json()
    assert [each["batch_id"] for each in page["batches"]] == [ids[2], ids[1]]
    rest = (await university.get("/v1/batches", limit=2, before=page["before"])).json()
    assert ([each["batch_id"] for each in rest["batches"]], rest["before"]) == ([ids[0]], None)
    assert len((await university.get("/v1/batches", state="received")).json()["batches"]) == 3
    assert (await university.get("/v1/batches", state="filed")).json()["batches"] == []
    assert (await university.get("/v1/batches", state="nonsense")).json()["code"] == "request-invalid"


async def test_a_long_poll_answers_when_something_changed(university):
    batch_id = (await university.ask_to_push(await university.order(as_csv(records())))).json()["batch_id"]
    seen = (await university.view(batch_id))["version"]
    waiting = asyncio.create_task(university.get(f"/v1/batches/{batch_id}", seen=seen, wait_seconds=30))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await university.work_on()
    view = (await asyncio.wait_for(waiting, 30)).json()
    assert view["version"] > seen
    assert view["state"] == "collected"


async def test_a_long_poll_ends_in_time_without_news(university):
    batch_id = await university.push()
    view = await university.view(batch_id)
    answer = await university.get(f"/v1/batches/{batch_id}", seen=view["version"], wait_seconds=0.2)
    assert answer.json()["version"] == view["version"]
    behind = await university.get(f"/v1/batches/{batch_id}", seen=view["version"] - 1, wait_seconds=30)
    assert behind.status_code == 200


async def test_a_draft_is_replaced_in_the_same_round(university):
    batch_id = await university.push(as_csv(with_error(records())))
    assert await university.state(batch_id) == "draft"
    view = await university.replace(batch_id, as_csv(records()))
    assert (view["state"], view["round"], view["attempt"]) == ("collected", 1, 2)
    assert view["counts"]["errors"] == 0


async def test_a_replaced_upload_sends_a_checked_batch_back_to_the_beginning(university):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    view = await university.replace(batch_id, as_csv(records(seed=2)))
    assert (view["state"], view["attempt"]) == ("collected", 2)
    assert (await university.ask_to_submit(batch_id)).json()["code"] == "illegal-move"


async def test_the_same_file_as_a_good_upload_is_already_received(university):
    batch_id = await university.push()
    answer = await university.ask_to_replace(batch_id, as_csv(records()))
    assert (answer.status_code, answer.json()["code"]) == (409, "batch-already-received")


async def test_a_replacement_with_the_same_key_is_received_once(university):
    batch_id, key = await university.push(as_csv(with_error(records()))), uuid4().hex
    data = as_csv(records())
    first, second = [await university.ask_to_replace(batch_id, data, key=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert (await university.view(batch_id))["attempt"] == 2


@pytest.mark.parametrize("act", ["check", "submission"])
async def test_what_is_still_being_read_may_not_be_checked_or_submitted(university, act):
    batch_id = (await university.ask_to_push(await university.order(as_csv(records())))).json()["batch_id"]
    ask = {"check": university.ask_to_check, "submission": university.ask_to_submit}[act]
    answer = await ask(batch_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-move")
    assert answer.json()["state"] == "received"


async def test_an_upload_may_be_replaced_before_it_was_read(university):
    batch_id = (await university.ask_to_push(await university.order(as_csv(records())))).json()["batch_id"]
    view = await university.replace(batch_id, as_csv(records(3, seed=2)))
    assert (view["state"], view["attempt"], view["counts"]["records"]) == ("collected", 2, 3)
    assert (
        await university.service.work.pool.fetchval("select read_at from uploads where attempt = 1") is None
    )


async def test_a_batch_withdrawn_before_it_was_read_stays_withdrawn(university):
    batch_id = (await university.ask_to_push(await university.order(as_csv(records())))).json()["batch_id"]
    assert (await university.ask_to_withdraw(batch_id)).json()["state"] == "withdrawn"
    await university.work_on()
    assert await university.state(batch_id) == "withdrawn"
