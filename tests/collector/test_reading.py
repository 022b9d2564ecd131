"""Reading what people send: hostile files become drafts with a reason, other batches are unhurt."""

import asyncio
import io
import re
import time
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from cli.sample.layouts import written
from contracts.standard.readers import ReadLimits
from contracts.standard.record_set import merkle_root, read_parquet, record_hashes
from contracts.vocabulary import RecordCategory
from services.collector import readers, reading
from services.collector.parsing import CannotRead, FileToRead, ReaderFault, read_or_tell
from services.kit.isolation import ReaderPool
from tests.collector.university import University, as_csv, records, with_error
from tests.harness import running

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx():
    return written(records(), "X1", form="xlsx")


def zipped_again(data, **changes):
    """The workbook with parts replaced, compressed by another program."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in source.namelist():
            new.writestr(part, changes.pop(part, source.read(part)))
        for part, content in changes.items():
            new.writestr(part, content)
    return target.getvalue()


def sheet_with(before):
    return zipped_again(xlsx(), **{"xl/worksheets/sheet1.xml": before})


def many_rows(count):
    frame = records()
    return as_csv(pl.concat([frame] * (count // frame.height + 1))[:count])


HEADER = as_csv(records()).splitlines()[0] + b"\r\n"
BAD = {
    "empty lines": (b"\r\n\r\n", {"empty"}),
    "header only": (HEADER, {"header-only"}),
    "not a table": (b"\x00\x01\x02\x03" * 50, {"not-a-table", "nul-bytes", "encoding"}),
    "truncated XLSX": (xlsx()[:3000], {"truncated", "damaged", "cannot-open"}),
    "bomb": (sheet_with(b"<x>" + b" " * 300_000_000), {"zip-bomb", "too-large"}),
    "entities": (
        sheet_with(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
        {"xml-entities"},
    ),
    "macros": (zipped_again(xlsx(), **{"xl/vbaProject.bin": b"macro"}), {"macros"}),
    "xls renamed": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, {"old-xls", "encrypted"}),
    "NUL bytes": (HEADER + b"a\x00b\r\n", {"nul-bytes"}),
    "mixed encodings": (
        HEADER + "姓名".encode("gb18030") + b",1\r\n" + "姓名".encode() + b",1\r\n",
        {"mixed-encoding", "encoding", "ragged"},
    ),
    "10 MB in a cell": (HEADER + b"x" * 10_000_000 + b"\r\n", {"cell-too-large", "ragged"}),
    "ragged": (as_csv(records()) + b"a,b\r\n", {"ragged"}),
    "too many rows": (many_rows(20_001), {"too-many-rows"}),
}


async def test_every_bad_file_is_a_draft_with_its_reason_and_the_next_good_one_is_collected(university):
    """One service for all of them: what one file does to the reader shows in the next."""
    resolution = await university.register()
    for name, (data, codes) in BAD.items():
        order = await university.order(data, resolution)
        order["records"]["filename"] = "records.xlsx" if data[:2] in {b"PK", b"\xd0\xcf"} else "records.csv"
        batch_id = (await university.ask_to_push(order)).json()["batch_id"]
        await university.work_on()
        view = await university.view(batch_id)
        assert view["state"] == "draft", name
        assert view["unreadable"]["code"] in codes, (name, view["unreadable"])
        assert view["unreadable"]["text_zh"], name
        assert view["unreadable"]["fix"], name
        assert view["next"]["who"] == "collector", name
        findings = await university.get(f"/v1/batches/{batch_id}/findings")
        assert (findings.status_code, findings.content) == (200, b""), name
    assert await university.state(await university.push()) == "collected"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_every_encoding_units_send_is_read(university, encoding):
    data = written(records(), "X1", encoding=encoding)
    assert await university.state(await university.push(data)) == "collected"


async def test_a_workbook_compressed_by_another_program_is_read(university):
    order = await university.order(zipped_again(xlsx()))
    order["records"]["filename"] = "2026.xlsx"
    batch_id = (await university.ask_to_push(order)).json()["batch_id"]
    await university.work_on()
    assert await university.state(batch_id) == "collected"


async def test_one_record_is_a_batch(university):
    view = await university.view(await university.push(as_csv(records(1))))
    assert (view["state"], view["counts"]["records"]) == ("collected", 1)


async def test_unknown_and_repeated_columns_are_findings(university):
    frame = records().with_columns(pl.lit("x").alias("surprise"))
    view = await university.view(await university.push(as_csv(frame)))
    found = await university.get(f"/v1/batches/{view['batch_id']}/findings")
    assert "F01" in {each["rule"] for each in pl.read_ndjson(found.content).to_dicts()}


async def test_the_record_set_holds_what_was_uploaded(university):
    await university.push()
    row = await university.service.work.pool.fetchrow("select batch_id, record_set from uploads")
    frame = read_parquet(await university.service.work.objects.read(row["record_set"]["object"]["sha256"]))
    assert frame["record_id"].to_list() == [f"{row['batch_id']}.1.{line}" for line in range(2, 7)]
    assert frame["ZJHM"].to_list() == records()["ZJHM"].to_list()
    assert merkle_root(record_hashes(frame)).hex() == row["record_set"]["merkle_root"]


async def test_the_findings_of_a_round_stay_after_the_upload_is_replaced(university):
    batch_id = await university.push(as_csv(with_error(records())))
    before = await university.service.work.pool.fetchrow("select * from uploads where attempt = 1")
    await university.replace(batch_id, as_csv(records()))
    after = await university.service.work.pool.fetchrow("select * from uploads where attempt = 1")
    assert dict(before) == dict(after)
    assert (await university.get(f"/v1/batches/{batch_id}/findings")).content == b""


async def test_findings_come_as_json_lines_and_as_a_spreadsheet(university):
    batch_id = await university.push(as_csv(with_error(records())))
    lines = await university.get(f"/v1/batches/{batch_id}/findings")
    assert lines.headers["content-type"] == "application/x-ndjson"
    found = pl.read_ndjson(lines.content).to_dicts()
    assert ("F13", 3, "ZJHM", f"{batch_id}.1.3") in {
        (each["rule"], each["row"], each["field"], each["record_id"]) for each in found
    }
    table = await university.get(f"/v1/batches/{batch_id}/findings", format="csv")
    assert table.content.startswith(b"\xef\xbb\xbfrule,")
    assert len(table.content.decode("utf-8-sig").splitlines()) == len(found) + 1
    assert with_error(records())["ZJHM"][1] not in lines.text + table.text


async def test_long_findings_are_sent_whole(university):
    frame = records(5).with_columns(pl.lit("?").alias("XBM"), pl.lit("?").alias("MZM"))
    batch_id = await university.push(as_csv(pl.concat([frame] * 1_500)))
    counts = (await university.view(batch_id))["counts"]
    total = counts["errors"] + counts["warnings"] + counts["notes"]
    assert total > 2 * 7_500
    lines = await university.get(f"/v1/batches/{batch_id}/findings")
    table = await university.get(f"/v1/batches/{batch_id}/findings", format="csv")
    assert len(lines.content.splitlines()) == total
    assert len(table.content.decode("utf-8-sig").splitlines()) == total + 1
    assert table.content.count(b"rule,severity") == 1


async def test_findings_are_not_there_before_the_file_was_read(university):
    order = await university.order(as_csv(records()))
    batch_id = (await university.ask_to_push(order)).json()["batch_id"]
    answer = await university.get(f"/v1/batches/{batch_id}/findings")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-checked-yet")
    assert (await university.get(f"/v1/batches/{batch_id}/findings", round=2)).json()["code"] == "not-found"


# --- limits of the reading process ---------------------------------------------------------------


def eat_memory(_: bytes, __: object, ___: Path) -> CannotRead:
    """A reader that needs more than it is given."""
    return CannotRead(str(len(bytearray(3 * 1024**3))), "", "")


def take_long(_: bytes, __: object, ___: Path) -> CannotRead:
    """A reader that does not come to an end."""
    time.sleep(60)
    return CannotRead("", "", "")


def report_slowly(_: bytes, __: object, path: Path) -> CannotRead:
    """A reader that shows how far it is."""
    path.write_text("checking 1234", "ascii")
    time.sleep(1.5)
    return CannotRead("damaged", "坏", "bad")


@pytest.fixture
async def strict(collector, make_database, tmp_path):
    """A collector whose readers are given 600 MiB and 3 seconds."""
    pools = [ReaderPool(workers=1, memory_max_bytes=600 * 1024**2, seconds_max=3) for _ in range(2)]
    async with running(collector, make_database(), tmp_path) as service:
        readers.give_readers(service.work, readers.Readers(*(readers.Reader(pool) for pool in pools)))
        yield University(service)
    for pool in pools:
        pool.close()


@pytest.mark.parametrize("greedy", [eat_memory, take_long])
async def test_a_file_too_heavy_to_read_is_a_draft_and_the_next_one_is_read(university, strict, greedy):
    work = strict.service.work
    reader = readers.readers_of(work).records
    with pytest.raises(reading.InputTooHeavy):
        await reader.run(greedy, b"", None, Path("unused"))
    order = await strict.order(as_csv(records()))
    batch_id = (await strict.ask_to_push(order)).json()["batch_id"]
    readers.give_readers(work, readers.readers_of(university.service.work))
    await strict.work_on()
    assert await strict.state(batch_id) == "collected"


async def test_too_heavy_is_told_like_any_other_unreadable_file(collector, make_database, tmp_path):
    pools = [ReaderPool(workers=1, memory_max_bytes=2 * 1024**3, seconds_max=limit) for limit in (0.01, 60)]
    async with running(collector, make_database(), tmp_path) as service:
        readers.give_readers(service.work, readers.Readers(*(readers.Reader(pool) for pool in pools)))
        university = University(service)
        view = await university.view(await university.push())
        assert (view["state"], view["unreadable"]["code"]) == ("draft", "too-heavy")
    for pool in pools:
        pool.close()


def test_a_fault_of_ours_is_told_by_kind_and_place_never_by_text():
    no_scan = FileToRead(
        batch_id="0" * 32,
        round=1,
        unit_code="10284",
        category=RecordCategory.X1,
        filename="a.csv",
        layout=None,
        resolution_number="1",
        on=date(2026, 6, 15),
        scan=None,
        limits=ReadLimits(),
        files=(),
    )
    told = read_or_tell(as_csv(records()), no_scan)
    assert isinstance(told, ReaderFault)
    assert told.kind == "AttributeError"
    assert re.fullmatch(r"documents\.py:[0-9]+", told.place)


def panic(*_: object) -> ReaderFault:
    """A reader that fell over a fault of ours."""
    return ReaderFault("PanicException", "rule.py:7")


async def test_a_fault_of_ours_does_not_stop_the_batches_behind_it(university, caplog, monkeypatch):
    order = await university.order(as_csv(records()))
    batch_id = (await university.ask_to_push(order)).json()["batch_id"]
    # The one way to have a fault in code that has none known: put one in its place.
    monkeypatch.setattr(reading.parsing, "read_or_tell", panic)
    await university.work_on()
    view = await university.view(batch_id)
    assert (view["state"], view["unreadable"]["code"]) == ("draft", "reader-fault")
    assert "fault of ours" in caplog.text
    monkeypatch.undo()
    assert (await university.replace(batch_id, as_csv(records())))["state"] == "collected"


async def test_a_reader_killed_by_somebody_else_reads_the_file_again(university):
    await university.push()
    pool = readers.readers_of(university.service.work).records.pool
    for process in [each for worker in pool._workers for each in worker._processes.values()]:
        process.kill()
        process.join()
    view = await university.view(await university.push(as_csv(records(seed=3))))
    assert view["state"] == "collected"


async def test_progress_shows_while_a_file_is_read(university, tmp_path):
    order = await university.order(as_csv(records()))
    batch_id = (await university.ask_to_push(order)).json()["batch_id"]
    work = university.service.work
    path = work.objects.spool_folder() / f"progress-{batch_id}-1-1"
    reader = readers.readers_of(work).records
    slow = asyncio.create_task(reader.run(report_slowly, b"", None, path))
    seen = (await university.view(batch_id))["version"]
    batch = await reading_batch(work, batch_id)
    told = ""
    while not told:
        told = await reading.show_progress(work, batch, path, told)
        await asyncio.sleep(0.05)
    view = await university.view(batch_id)
    assert (view["progress"]["stage"], view["progress"]["stage_zh"]) == ("checking", "正在校验")
    assert view["progress"]["rows"] == 1234
    assert view["version"] > seen
    assert isinstance(await slow, CannotRead)


async def reading_batch(work, batch_id):
    async with work.pool.acquire() as conn:
        return await reading.batches.find_batch(conn, batch_id)
