"""`xuewei demo` as it is run; and that it can fail."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from cli.demo.play import play_one
from cli.demo.stage import Stage
from cli.demo.story import Story
from cli.problems import ServiceProblem
from cli.words import Lang
from contracts.vocabulary import RecordCategory
from tests.cli.terminal import xuewei


def story() -> Story:
    return Story("a", "清洁", "clean", "10284", "南京大学", Lang.EN, lambda _: None, time.monotonic())


async def _untrue(_: Stage, told: Story) -> None:
    told.expect(1 + 1 == 3, "two and two")


async def _refused(_: Stage, __: Story) -> None:
    raise ServiceProblem(403, "POST /v1/batches", "role-missing", "You do not hold the role")


async def _late(_: Stage, __: Story) -> None:
    raise TimeoutError("it did not arrive")


@pytest.mark.parametrize(
    ("act", "failure"), [(_untrue, "two and two"), (_refused, "role-missing"), (_late, "it did not arrive")]
)
def test_a_story_that_does_not_come_out_as_told_fails(
    act: Callable[[Stage, Story], Awaitable[None]], failure: str
) -> None:
    told = story()
    asyncio.run(play_one(cast("Any", None), told, act))
    assert told.state == "failed"
    assert failure in told.failure


def test_it_does_not_empty_a_folder_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    told = xuewei("demo", "--folder", tmp_path)
    assert told.returncode == 6
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.stack
@pytest.mark.timeout(400)
def test_every_story_comes_out_as_told_and_nothing_is_left_running(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    told = xuewei("demo", "--folder", folder, seconds=380)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "8 stories came out as told" in told.stdout
    for category in RecordCategory:
        assert f" {category} " in told.stdout
    assert told.stdout.count(" valid") == len(list((folder / "receipts").glob("BA*.json"))) == 12
    for part in (
        "escalated",
        "overdue",
        "returned",
        "hear review.completed.v1 national-filing",
        "xuewei receipt",
    ):
        assert part in told.stdout
    assert "\x1b" not in told.stdout
    assert xuewei("status", "--folder", folder).returncode == 3
    receipt = next((folder / "receipts").glob("BA*.json"))
    keys = folder / "receipts" / "receipt-keys.json"
    assert xuewei("receipt", "verify", receipt, "--keys", keys).returncode == 0
