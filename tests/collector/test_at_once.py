"""Two people at the same moment: one is served, the other is told; nothing happens twice."""

import asyncio

from contracts import topics
from tests.collector.university import as_csv, records, review, with_error


def codes(answers):
    return sorted(answer.json().get("code", "done") for answer in answers)


async def test_two_checkers_at_once_check_once(university):
    batch_id = await university.push()
    answers = await asyncio.gather(
        *(university.ask_to_check(batch_id, university.person(f"p-{n}", "checker")) for n in range(4))
    )
    assert codes(answers) == ["done", "illegal-move", "illegal-move", "illegal-move"]
    assert await university.service.work.pool.fetchval("select count(*) from acts where kind = 'check'") == 1


async def test_submitting_at_once_tells_the_province_once(university):
    batch_id = await university.push()
    await university.ask_to_check(batch_id)
    answers = await asyncio.gather(*(university.ask_to_submit(batch_id) for _ in range(4)))
    assert codes(answers) == ["done"] * 4
    assert len(await university.service.said(topics.BATCH_SUBMITTED)) == 1


async def test_a_replacement_and_a_withdrawal_at_once_leave_one_truth(university):
    batch_id = await university.push(as_csv(with_error(records())))
    replaced, withdrawn = await asyncio.gather(
        university.ask_to_replace(batch_id, as_csv(records())), university.ask_to_withdraw(batch_id)
    )
    await university.work_on()
    state = await university.state(batch_id)
    if replaced.status_code == 202 and withdrawn.status_code == 200:
        assert state == "collected"  # withdrawn first, then uploaded anew as the next round
        assert (await university.view(batch_id))["round"] == 2
    else:
        assert codes([replaced, withdrawn]) == ["done", "illegal-move"]
        assert state == "collected"


async def test_the_same_message_heard_twice_at_once_is_handled_once(university):
    order = await university.order(as_csv(records()))
    batch_id = (await university.ask_to_push(order)).json()["batch_id"]
    [message] = await university.service.said(topics.BATCH_RECEIVED)
    await asyncio.gather(*(university.service.hear_again(topics.BATCH_RECEIVED, message) for _ in range(3)))
    assert await university.state(batch_id) == "collected"
    assert await university.service.work.pool.fetchval("select count(*) from acts") == 1


async def test_a_withdrawal_and_a_decision_at_once_end_as_the_province_says(university):
    batch_id = await university.submit()
    answer = await review(university.service, batch_id)
    asked, _ = await asyncio.gather(
        university.ask_to_withdraw(batch_id), university.service.hear(topics.REVIEW_COMPLETED, answer)
    )
    assert asked.status_code in {200, 409}
    assert await university.state(batch_id) == "approved"


async def test_acts_on_many_batches_at_once_keep_one_chain(university):
    resolution = await university.register()
    ids = []
    for seed in range(4):
        order = await university.order(as_csv(records(seed=seed + 20)), resolution)
        ids.append((await university.ask_to_push(order)).json()["batch_id"])
    await university.work_on()
    await asyncio.gather(*(university.check_and_submit(batch_id) for batch_id in ids))
    rows = await university.service.work.pool.fetch(
        "select previous_sha256, sha256 from acts order by position"
    )
    assert len(rows) == 12
    assert [row["previous_sha256"] for row in rows[1:]] == [row["sha256"] for row in rows[:-1]]
