"""The demo's report counts what is not as it should be."""

import time
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console

from cli.demo.report import Report
from cli.demo.story import Played, Story
from cli.views import BatchView
from cli.words import Lang
from contracts.receipts import jwk_of, sign_receipt
from contracts.vocabulary import RecordCategory

KEY = Ed25519PrivateKey.generate()
BATCH = "1" * 32


def filed(receipt: bytes, category: str = "X1") -> Story:
    view = BatchView.model_validate(
        {
            "batch_id": BATCH,
            "acceptance_number": "2" * 32,
            "unit_code": "10284",
            "category": category,
            "category_zh": "",
            "resolution_id": "3" * 32,
            "resolution_number": "1号",
            "state": "filed",
            "state_zh": "已备案",
            "round": 1,
            "attempt": 1,
            "version": 9,
            "progress": {"stage": "done", "stage_zh": "完成"},
            "counts": {"filed": 12},
            "filings": [
                {
                    "round": 1,
                    "filing_number": "BA2026-32-000001",
                    "filed_count": 12,
                    "filed_at": "2026-06-15T04:00:00Z",
                }
            ],
        }
    )
    story = Story("a", "清洁", "clean", "10284", "南京大学", Lang.EN, lambda _: None, time.monotonic())
    story.played.append(Played("a", "10284", RecordCategory(category), "CSV", view, {1: receipt}))
    return story


def report(stories: list[Story], folder: Path) -> tuple[str, list[str]]:
    screen = StringIO()
    made = Report(Console(file=screen, width=150), cast("Any", None), Lang.EN)
    made.batches(stories, [jwk_of(KEY.public_key())], folder)
    return screen.getvalue(), made.faults


def signed(**changes: object) -> bytes:
    return sign_receipt({"batch_id": BATCH, "round": 1, "filed_count": 12, **changes}, KEY)


def test_a_receipt_that_holds_is_shown_and_kept(tmp_path: Path) -> None:
    stories = [filed(signed(), category) for category in RecordCategory]
    text, faults = report(stories, tmp_path)
    assert faults == []
    assert text.count("valid") == len(RecordCategory)
    assert (tmp_path / "BA2026-32-000001.json").read_bytes() == signed()


@pytest.mark.parametrize(
    "receipt",
    [
        signed().replace(b'"filed_count": 12', b'"filed_count": 13'),
        signed(filed_count=11),
        signed(batch_id="9" * 32),
        b"",
    ],
)
def test_a_receipt_that_does_not_hold_or_is_about_something_else_is_a_fault(
    receipt: bytes, tmp_path: Path
) -> None:
    stories = [filed(signed(), category) for category in RecordCategory] + [filed(receipt)]
    _, faults = report(stories, tmp_path)
    assert len(faults) == 1
    assert "does not hold" in faults[0]


def test_a_category_that_did_not_appear_is_a_fault(tmp_path: Path) -> None:
    _, faults = report(
        [filed(signed(), category) for category in RecordCategory if category != "X3"], tmp_path
    )
    assert faults == ["no batch of category X3"]
