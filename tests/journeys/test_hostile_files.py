"""Hostile and merely odd files through the real ingest: each gets a clear answer, and others are unhurt."""

import asyncio
from uuid import uuid4

import polars as pl
import pytest

from cli.desks import ResolutionFacts
from cli.problems import ServiceProblem
from cli.sample.layouts import written
from cli.views import BatchView, ResolutionView
from contracts.reasons import REASONS
from tests.contracts.standard.hostile import hostile_files, hostile_scans
from tests.journeys.offices import Platform, University

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(420)]

AT_ONCE = 6
EMPTY = "empty file"


async def push_bytes(
    university: University, resolution: ResolutionView, filename: str, data: bytes
) -> BatchView:
    """Uploads bytes under that name as a batch and waits until they were read."""
    records = await university.put(data, filename=filename)
    asked = {
        "resolution_id": resolution.resolution_id,
        "category": "X1",
        "records": records.reference(),
    }
    answer = await university.collector.client.post("/v1/batches", asked, idempotency_key=uuid4().hex)
    return await university.until_read(answer.json()["batch_id"])


async def test_every_hostile_file_is_told_why_it_cannot_be_read_and_hurts_no_other_batch(
    platform: Platform,
) -> None:
    university, other = platform.university("10284"), platform.university("10335")
    resolution = await university.register(university.make(count=5))
    files = {name: file for name, file in hostile_files().items() if name != EMPTY}
    room = asyncio.Semaphore(AT_ONCE)

    async def ask(name: str) -> tuple[str, str, str]:
        filename, data, _ = files[name]
        async with room:
            batch = await push_bytes(university, resolution, filename, data)
        assert batch.unreadable is not None, name
        assert batch.unreadable["text_zh"], name
        assert batch.unreadable["fix"], name
        return name, batch.state, batch.unreadable["code"]

    clean = asyncio.create_task(other.file(other.make(count=20)))
    answers = await asyncio.gather(*(ask(name) for name in files))
    wanted = {(name, "draft", str(reason)) for name, (_, _, reason) in files.items()}
    assert set(answers) - wanted == set()
    assert (await clean).counts.filed == 20


async def test_an_empty_file_is_refused_at_the_door(platform: Platform) -> None:
    university = platform.university()
    with pytest.raises(ServiceProblem) as refused:
        await university.put(hostile_files()[EMPTY][1])
    assert (refused.value.status, refused.value.code) == (422, "object-empty")


async def test_every_hostile_scan_is_refused_with_its_reason(platform: Platform) -> None:
    university = platform.university("10286")
    sample = university.make(count=1)

    async def register(filename: str, data: bytes) -> None:
        scan = await university.put(data, filename=filename)
        facts = ResolutionFacts(sample.resolution_number, sample.effective_on, sample.levels, 1)
        await university.collector.register_resolution(facts, scan)

    for name, (filename, data, reason) in hostile_scans().items():
        with pytest.raises(ServiceProblem) as refused:
            await register(filename, data)
        expected = "object-empty" if not data else str(reason)
        assert (name, refused.value.code) == (name, expected)
        assert REASONS[refused.value.code].fix_zh
    assert await university.collector.find_resolution(sample.resolution_number) is None


@pytest.mark.parametrize(
    "how",
    [
        {"encoding": "gb18030"},
        {"encoding": "utf-8-sig"},
        {"encoding": "utf-8"},
        {"encoding": "utf-16"},
        {"form": "xlsx"},
        {"headers": "names"},
        {"layout": "newer_27"},
    ],
    ids=lambda how: "-".join(how.values()),
)
async def test_files_as_units_really_send_them_are_collected(platform: Platform, how: dict[str, str]) -> None:
    university = platform.university("10337")
    batch = await university.push(university.make(count=12, **how))
    assert (batch.state, batch.counts.records) == ("collected", 12), (batch.unreadable, batch.counts)


async def test_one_row_is_a_batch_like_any_other(platform: Platform) -> None:
    university = platform.university("10288")
    filed = await university.file(university.make(count=1))
    assert filed.counts.filed == 1


async def test_unknown_and_doubled_columns_are_told_as_findings_or_refused(platform: Platform) -> None:
    university = platform.university("10336")
    submission = university.make(count=3)
    resolution = await university.register(submission)
    lines = written(submission.records, "X1", encoding="utf-8").decode().splitlines()
    unknown = "\r\n".join(f"{line},{'新栏目' if place == 0 else 'x'}" for place, line in enumerate(lines))
    doubled = "\r\n".join(f"{line},{line.split(',')[0]}" for line in lines)
    for text in (unknown, doubled):
        batch = await push_bytes(university, resolution, "records.csv", text.encode())
        told = (
            batch.unreadable is not None or batch.counts.errors + batch.counts.warnings + batch.counts.notes
        )
        assert told, batch


async def test_the_same_person_twice_in_a_file_is_found(platform: Platform) -> None:
    university = platform.university("10336")
    submission = university.make(count=4)
    resolution = await university.register(submission)
    twice = pl.concat([submission.records, submission.records[:1]])
    batch = await push_bytes(university, resolution, "records.csv", written(twice, "X1"))
    assert batch.state == "draft"
    assert batch.counts.errors > 0
