"""Check, submission and withdrawal: by whom, when, on what, and with which evidence."""

import orjson
import pytest

from contracts import topics
from contracts.vocabulary import ActKind
from services.collector.store.acts import BEGINNING, act_digest, list_acts
from tests.collector.university import as_csv, records, review, with_error


async def test_three_people_bring_a_batch_to_the_province(university):
    batch_id = await university.submit()
    view = await university.view(batch_id)
    assert (view["state"], view["next"]["who"], view["next"]["due"]["deadline"]) == (
        "submitted",
        "province",
        "T03",
    )
    [message] = await university.service.said(topics.BATCH_SUBMITTED)
    said = message.data
    assert (said.batch_id, said.round, said.unit_code, said.province_code) == (batch_id, 1, "10284", "32")
    assert said.record_set.record_count == 5
    assert [(act.kind, act.person) for act in said.acts] == [
        (ActKind.COLLECT, "p-lin"),
        (ActKind.CHECK, "p-chen"),
        (ActKind.SUBMIT, "p-su"),
    ]
    assert {act.digest for act in said.acts} == {said.manifest.sha256}


async def test_the_manifest_names_everything_that_was_confirmed(university):
    await university.submit()
    [message] = await university.service.said(topics.BATCH_SUBMITTED)
    said = message.data
    manifest = orjson.loads(await university.service.work.objects.read(said.manifest))
    assert {each["role"]: each["sha256"] for each in manifest["files"]} == {
        "original": said.original.sha256,
        "scan": said.scan.sha256,
        "record_set": said.record_set.object.sha256,
    }
    assert manifest["merkle_root"] == said.record_set.merkle_root
    assert (manifest["batch_id"], manifest["round"], manifest["record_count"]) == (said.batch_id, 1, 5)


async def test_the_acts_are_chained(university):
    await university.submit()
    rows = await university.service.work.pool.fetch(
        "select batch_id, round, attempt, previous_sha256, sha256 from acts order by position"
    )
    async with university.service.work.pool.acquire() as conn:
        kept = await list_acts(conn, rows[0]["batch_id"])
    previous = BEGINNING
    for row, each in zip(rows, kept, strict=True):
        assert row["previous_sha256"] == previous
        assert row["sha256"] == act_digest(previous, row["batch_id"], each.round, each.attempt, each.act)
        previous = row["sha256"]


@pytest.mark.parametrize("table", ["acts", "entries"])
@pytest.mark.parametrize("change", ["update {} set round = 9", "delete from {}"])
async def test_what_happened_cannot_be_rewritten(university, table, change):
    await university.submit()
    with pytest.raises(Exception, match="append-only"):
        await university.service.work.pool.execute(change.format(table))


async def test_the_checker_is_never_the_collector(university):
    batch_id = await university.push()
    lin = university.person("p-lin", "collector", "checker")
    answer = await university.ask_to_check(batch_id, lin)
    assert (answer.status_code, answer.json()["code"], answer.json()["rule"]) == (403, "same-person", "S01")
    assert await university.state(batch_id) == "collected"


async def test_who_collected_an_earlier_attempt_never_checks_a_later_one(university):
    batch_id = await university.push(as_csv(with_error(records())))
    zhao = university.person("p-zhao", "collector", "checker")
    await university.ask_to_replace(batch_id, as_csv(records()), zhao)
    await university.work_on()
    lin = university.person("p-lin", "collector", "checker")
    assert (await university.ask_to_check(batch_id, lin)).json()["code"] == "same-person"
    assert (await university.ask_to_check(batch_id, zhao)).json()["code"] == "same-person"
    assert (await university.ask_to_check(batch_id)).status_code == 200


@pytest.mark.parametrize("person", ["p-lin", "p-chen"])
async def test_the_submitter_is_a_third_person(university, person):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    answer = await university.ask_to_submit(batch_id, university.person(person, "submitter"))
    assert (answer.status_code, answer.json()["code"]) == (403, "same-person")


async def test_a_checker_never_collects_the_next_attempt(university):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    chen = university.person("p-chen", "collector", "checker")
    answer = await university.ask_to_replace(batch_id, as_csv(records(seed=2)), chen)
    assert (answer.status_code, answer.json()["code"]) == (403, "same-person")


async def test_a_machine_counts_as_the_person_answerable_for_it(university):
    batch_id = await university.push()
    token = university.service.tokens.token("machine-7", "unit:10284", "checker", person="p-lin")
    answer = await university.ask_to_check(batch_id, {"Authorization": f"Bearer {token}"})
    assert answer.json()["code"] == "same-person"


async def test_a_check_that_does_not_pass_makes_a_draft_again(university):
    batch_id = await university.push()
    answer = await university.ask_to_check(batch_id, passed=False, reason="name-differs")
    assert (answer.status_code, answer.json()["state"]) == (200, "draft")
    view = await university.replace(batch_id, as_csv(records(seed=2)))
    assert (view["state"], view["attempt"]) == ("collected", 2)


async def test_a_reason_outside_the_published_list_is_refused(university):
    batch_id = await university.push()
    answer = await university.ask_to_check(batch_id, passed=False, reason="token-expired")
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert "check-failed" in answer.json()["allowed"]


@pytest.mark.parametrize("act", ["check", "submission", "withdrawal"])
async def test_the_same_act_again_by_the_same_person_changes_nothing(university, act):
    batch_id = await university.push()
    asked = {
        "check": [university.ask_to_check],
        "submission": [university.ask_to_check, university.ask_to_submit],
        "withdrawal": [university.ask_to_check, university.ask_to_submit, university.ask_to_withdraw],
    }[act]
    for ask in asked:
        first = await ask(batch_id)
    before = await university.service.snapshot("batches", "rounds", "acts", "entries")
    again = await asked[-1](batch_id)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await university.service.snapshot("batches", "rounds", "acts", "entries") == before


async def test_a_withdrawal_before_submission_may_be_repeated_too(university):
    batch_id = await university.push()
    first = await university.ask_to_withdraw(batch_id)
    again = await university.ask_to_withdraw(batch_id)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_somebody_elses_withdrawal_of_what_is_withdrawn_is_refused(university):
    batch_id = await university.submit()
    await university.ask_to_withdraw(batch_id)
    answer = await university.ask_to_withdraw(batch_id, university.person("p-ma", "submitter"))
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-move")


async def test_somebody_elses_check_of_what_is_checked_is_refused(university):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    answer = await university.ask_to_check(batch_id, university.person("p-ma", "checker"))
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-move")


async def test_nothing_is_submitted_unchecked(university):
    answer = await university.ask_to_submit(await university.push())
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (
        409,
        "illegal-move",
        "collected",
    )


async def test_a_draft_is_neither_checked_nor_submitted(university):
    batch_id = await university.push(as_csv(with_error(records())))
    for ask in (university.ask_to_check, university.ask_to_submit):
        assert (await ask(batch_id)).json()["code"] == "illegal-move"


async def test_thirty_days_after_the_resolution_the_window_is_closed(university):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    university.service.clock.pass_days(26)
    answer = await university.ask_to_submit(batch_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "window-closed")
    assert answer.json()["article"] == "12(4), 12(6)"
    assert answer.json()["deadline"] == "T01"
    assert await university.service.said(topics.BATCH_SUBMITTED) == []


async def test_on_the_last_day_the_window_is_open(university):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    university.service.clock.pass_days(25.49)
    assert (await university.ask_to_submit(batch_id)).status_code == 200


async def test_a_batch_withdrawn_after_timely_submission_is_submitted_again_later(university):
    batch_id = await university.submit()
    await university.ask_to_withdraw(batch_id)
    await university.service.hear(
        topics.REVIEW_COMPLETED, await review(university.service, batch_id, withdrawn=True)
    )
    university.service.clock.pass_days(40)
    await university.replace(batch_id, as_csv(records(seed=2)))
    await university.check_and_submit(batch_id)
    assert await university.state(batch_id) == "submitted"


async def test_before_submission_a_withdrawal_needs_nobody_else(university):
    batch_id = await university.push()
    answer = await university.ask_to_withdraw(batch_id)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert await university.service.said(topics.BATCH_WITHDRAWN) == []


async def test_after_submission_the_province_is_asked(university):
    batch_id = await university.submit()
    answer = await university.ask_to_withdraw(batch_id)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawal_requested")
    [message] = await university.service.said(topics.BATCH_WITHDRAWN)
    assert (message.data.batch_id, message.data.round) == (batch_id, 1)
    assert (message.data.act.kind, message.data.act.reason) == (ActKind.WITHDRAW, "wrong-file")


@pytest.mark.parametrize("act", ["check", "submission", "withdrawal"])
async def test_a_foreign_or_unknown_batch_does_not_show(university, act):
    batch_id = await university.push()
    role = {"check": "checker", "submission": "submitter", "withdrawal": "submitter"}[act]
    stranger = university.service.signed_in("p-x", "unit:10001", role)
    body = {"passed": True} if act == "check" else {}
    foreign = await university.post(batch_id, act, stranger, body)
    unknown = await university.post("0" * 32, act, stranger, body)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not-found")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
