"""How long people wait: for the receipt of a small batch, for the 202 of a middling one."""

from statistics import fmean
from time import perf_counter

from benchmarks.figures import Better, Figure
from benchmarks.filing import accept, file_batch, open_desks, register
from benchmarks.peers import message_seconds, request_seconds
from benchmarks.samples import make_sample
from benchmarks.setting import UNITS, Expense, Setting
from benchmarks.statistics import Spread

HOPS = 4
"""Messages a receipt waits for: batch.received, batch.submitted, review.completed, batch.filed."""
FETCH_MAX_WAIT_MS = 25
"""As the embedded stack sets it."""
WARM_UP = 2


async def small_batch(setting: Setting) -> list[Figure]:
    """A batch of 100 records from upload to receipt, one after another, after two that warm up."""
    runs = setting.amount(30, 4)
    sample = make_sample(
        setting.samples,
        UNITS[3],
        "小批",
        batches=runs + WARM_UP,
        batch_records=100,
        award_on=setting.award_on,
        first_serial=700_001,
    )
    async with open_desks(setting.stack, sample.unit_code) as desks:
        resolution = await register(desks, sample)
        for path in sample.record_paths[:WARM_UP]:
            await file_batch(desks, resolution, path)
        expense, asked_before = Expense(setting.stack), desks.request_count
        filed = [await file_batch(desks, resolution, path) for path in sample.record_paths[WARM_UP:]]
        spent, requests = expense.spent(per=runs), (desks.request_count - asked_before) / runs
    request = await request_seconds(setting.stack.url("collector"))
    message = await message_seconds(setting.stack.url("kafka"), FETCH_MAX_WAIT_MS)
    peer = (requests * request + HOPS * message) * 1000
    peer_is = f"{requests:.0f} requests that do nothing and {HOPS} bare messages"
    spread = Spread.of([each.receipt * 1000 for each in filed])
    details = {
        "runs": runs,
        "least_ms": round(spread.least, 1),
        "most_ms": round(spread.most, 1),
        "mean_ms_until": {
            stage: round(fmean(getattr(each, stage) for each in filed) * 1000)
            for stage in ("accepted", "collected", "under_review", "signed", "receipt")
        },
        "bare_request_ms": round(request * 1000, 2),
        "bare_message_ms": round(message * 1000, 2),
        **spent,
    }
    goals = (None, None) if setting.quick else (700.0, 2_000.0)
    name = "100 records, upload to receipt"
    return [
        Figure(f"{name}, p50", spread.p50, "ms", Better.LESS, goals[0], peer, peer_is, details),
        Figure(f"{name}, p99", spread.p99, "ms", Better.LESS, goals[1], peer, peer_is),
    ]


async def accepted(setting: Setting) -> list[Figure]:
    """A batch of 1,000 records until its 202: both requests, so a little more than after the last byte."""
    runs = setting.amount(50, 5)
    sample = make_sample(
        setting.samples,
        UNITS[4],
        "受理",
        batches=runs + 1,
        batch_records=1_000,
        award_on=setting.award_on,
        first_serial=800_001,
    )
    taken: list[float] = []
    async with open_desks(setting.stack, sample.unit_code) as desks:
        resolution = await register(desks, sample)
        expense = Expense(setting.stack)
        for path in sample.record_paths:
            began = perf_counter()
            batch_id = await accept(desks, resolution, path)
            taken.append((perf_counter() - began) * 1000)
            await desks.until_read(batch_id)
        spent = expense.spent(per=len(taken))
    spread = Spread.of(taken[1:])
    peer = 2 * await request_seconds(setting.stack.url("collector")) * 1000
    details = {"runs": runs, "p50_ms": round(spread.p50, 1), "least_ms": round(spread.least, 1), **spent}
    return [
        Figure(
            "202 for 1,000 records, p99",
            spread.p99,
            "ms",
            Better.LESS,
            None if setting.quick else 300,
            peer,
            "2 requests that do nothing",
            details,
        )
    ]
