"""`xuewei push` and what goes with it, as commands, against the real stack."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from cli.sample.layouts import written
from cli.sample.submission import Submission, make_submission
from cli.stack import Stack
from contracts.deadlines import SHANGHAI
from contracts.vocabulary import Role
from tests.cli.terminal import xuewei

pytestmark = pytest.mark.stack
UNIT = "10336"
Push = Callable[..., tuple[int, str]]


@pytest.fixture
def push(stack: Stack) -> Push:
    """Runs `xuewei push` as the unit's system; answers exit code and all that was told."""

    def run(*words: str | Path, **environment: str) -> tuple[int, str]:
        local = ("--unit", UNIT, "--folder", stack.folder.path)
        told = xuewei("push", *words, *(() if environment else local), **environment)
        return told.returncode, told.stdout + told.stderr

    return run


def submission(folder: Path, serial: int, **options: object) -> Submission:
    """A folder with a record file, its resolution and the resolution's data."""
    day = datetime.now(SHANGHAI).date() - timedelta(days=2)
    number = f"推送〔{day.year}〕{serial}号"
    made = make_submission(
        folder,
        UNIT,
        "X1",
        12,
        seed=serial,
        award_on=day,
        first_serial=serial,
        resolution_number=number,
        **options,
    )  # pyright: ignore[reportArgumentType]
    (folder / "resolution.toml").write_text(
        f'number = "{number}"\neffective_on = {day}\nheadcount = {made.headcount}\n', "utf-8"
    )
    return made


def batch_in(text: str) -> str:
    return text.partition("batch ")[2].split()[0]


def test_a_clean_folder_is_accepted_and_pushing_it_again_is_the_same_batch(
    push: Push, tmp_path: Path, stack: Stack
) -> None:
    made = submission(tmp_path, 1001)
    code, text = push(tmp_path)
    assert (code, "collected: 12 records, 0 errors" in text) == (0, True), text
    again_code, again = push(tmp_path)
    assert (again_code, batch_in(again)) == (0, batch_in(text))
    alone_code, alone = push(made.records_path, "--number", made.resolution_number, "--category", "X1")
    assert (alone_code, batch_in(alone)) == (0, batch_in(text))
    where = ("--unit", UNIT, "--folder", stack.folder.path)
    shown = xuewei("status", batch_in(text), *where)
    assert shown.returncode == 0
    assert "next: A second person checks" in shown.stdout
    assert "Collected" in shown.stdout
    as_json = json.loads(xuewei("status", batch_in(text), "--json", *where).stdout)
    assert as_json["state"] == "collected"
    early = xuewei("receipt", "get", batch_in(text), "-o", tmp_path / "r.json", *where)
    assert (early.returncode, (tmp_path / "r.json").exists()) == (1, False)


def test_the_same_bytes_under_another_name_are_recognised(push: Push, tmp_path: Path) -> None:
    made = submission(tmp_path, 1101)
    code, text = push(tmp_path)
    renamed = tmp_path / "again" / "other-X1.csv"
    renamed.parent.mkdir()
    renamed.write_bytes(made.records_path.read_bytes())
    again_code, again = push(renamed, "--number", made.resolution_number)
    assert (code, again_code) == (0, 0), again
    assert batch_in(again) == batch_in(text)
    assert "was received before" in again


def test_a_withdrawn_batch_begins_again_each_time_its_folder_is_pushed(
    push: Push, tmp_path: Path, stack: Stack
) -> None:
    submission(tmp_path, 1151)
    code, text = push(tmp_path)
    batch = batch_in(text)
    token = stack.person_token(f"unit:{UNIT}", Role.SUBMITTER)
    signed_in = {"authorization": f"Bearer {token}"}
    address = f"{stack.url('collector')}/v1/batches/{batch}"
    for round_ in (2, 3):
        gone = httpx.post(f"{address}/withdrawal", json={}, headers=signed_in)
        assert (code, gone.status_code, gone.json()["state"]) == (0, 200, "withdrawn")
        code, again = push(tmp_path)
        assert (code, batch_in(again)) == (0, batch), again
        shown = httpx.get(address, headers=signed_in).json()
        assert (shown["state"], shown["round"]) == ("collected", round_)


def test_findings_end_with_1_and_the_correction_with_0(push: Push, tmp_path: Path, stack: Stack) -> None:
    made = submission(tmp_path, 1201, faults=3)
    out = tmp_path.parent / "findings.csv"
    code, text = push(tmp_path, "--findings-out", out)
    assert (code, "draft: 12 records, 3 errors" in text) == (1, True), text
    table = out.read_text("utf-8-sig")
    for rule, row, _ in made.answers.iter_rows():
        assert f"{rule},error" in table
        assert f",{row}," in table
    where = ("--unit", UNIT, "--folder", stack.folder.path)
    found = xuewei("findings", batch_in(text), "--format", "jsonl", *where)
    assert (found.returncode, len(found.stdout.splitlines())) == (1, 3)
    mended = tmp_path.parent / "mended-X1.csv"
    mended.write_bytes(written(made.records, "X1"))
    code, corrected = push(mended, "--batch", batch_in(text))
    assert (code, "collected: 12 records, 0 errors" in corrected) == (0, True), corrected
    assert batch_in(corrected) == batch_in(text)


def test_a_file_nobody_can_read_ends_with_2(push: Push, tmp_path: Path) -> None:
    made = submission(tmp_path, 1301)
    made.records_path.write_bytes(b"\x00\x01\x02 no table" * 50)
    code, text = push(tmp_path)
    assert (code, "✗" in text) == (2, True), text


def test_a_scan_that_is_no_pdf_ends_with_2(push: Push, tmp_path: Path) -> None:
    made = submission(tmp_path, 1401)
    made.scan_path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    code, text = push(tmp_path)
    assert code == 2
    assert "scan-not-a-pdf" in text
    assert "fix: " in text


def test_a_resolution_with_other_content_ends_with_3(push: Push, tmp_path: Path) -> None:
    submission(tmp_path, 1501)
    assert push(tmp_path, "--no-wait")[0] == 0
    code, text = push(tmp_path, "--headcount", "99")
    assert (code, "resolution-number-taken" in text) == (3, True), text


def test_wrong_credentials_end_with_3_and_no_service_with_4(push: Push, tmp_path: Path, stack: Stack) -> None:
    submission(tmp_path, 1601)
    access = {
        "XUEWEI_CLIENT_ID": f"system-{UNIT}",
        "XUEWEI_CLIENT_SECRET": "wrong",
        "XUEWEI_OIDC_ISSUER": stack.url("issuer"),
        "XUEWEI_COLLECTOR_URL": stack.url("collector"),
    }
    code, text = push(tmp_path, **access)
    assert (code, "invalid_client" in text) == (3, True), text
    right = access | {"XUEWEI_CLIENT_SECRET": stack.state.client_secrets[f"system-{UNIT}"]}
    away = right | {"XUEWEI_COLLECTOR_URL": "http://127.0.0.1:9"}
    code, text = push(tmp_path, "--patience-seconds", "0.5", **away)
    assert (code, "cannot be reached" in text) == (4, True), text
    assert push(tmp_path, **right)[0] == 0


def test_what_cannot_be_meant_ends_with_64(push: Push, tmp_path: Path) -> None:
    submission(tmp_path, 1701)
    assert push(tmp_path, "--odd")[0] == 64
    assert push(tmp_path, "--levels", "9")[0] == 64
    assert push(tmp_path, "--batch", "0" * 32)[0] == 64
    assert push(tmp_path / "12-X1.csv", "--batch", "../etc")[0] == 64
    code, text = push(tmp_path / "X1.csv", "--number", "no such resolution")
    assert code == 2, text


def test_a_push_waits_for_a_collector_that_is_being_restarted(
    push: Push, tmp_path: Path, stack: Stack
) -> None:
    submission(tmp_path, 1801)
    process_id = stack.kill_child("collector")
    code, text = push(tmp_path)
    stack.wait_until_replaced("collector", process_id)
    assert code == 0, text
