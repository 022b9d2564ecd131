"""Settings, clock, crash points and sweeps: small parts with sharp edges."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.topics import ServiceName
from services.kit import crashpoints
from services.kit.clock import Clock
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.sweeps import Sweep, Sweeper
from tests.harness import running

NEEDED: dict[str, Any] = {
    "database_url": "postgresql://nowhere",
    "kafka_bootstrap_servers": "nowhere:1",
    "object_store_url": "file:///nowhere",
    "oidc_issuer": "https://nowhere",
}


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValidationError) as refusal:
        ServiceSettings()  # type: ignore[call-arg]
    assert {error["loc"][0] for error in refusal.value.errors()} >= set(NEEDED)


@pytest.mark.parametrize("toy", ["clock_offset_path", "crashpoint_path", "trace_path"])
def test_production_refuses_the_toys_of_development(toy: str) -> None:
    with pytest.raises(ValidationError, match=toy):
        ServiceSettings(**NEEDED, **{toy: Path("x")})
    assert (
        ServiceSettings(**NEEDED, environment="development", **{toy: Path("x")}).environment == "development"
    )


def test_secrets_do_not_show() -> None:
    assert "secret-word" not in repr(
        ServiceSettings(**{**NEEDED, "database_url": "postgresql://u:secret-word@h/d"})
    )


def test_the_clock_of_a_running_stack_can_be_moved(tmp_path: Path) -> None:
    path = tmp_path / "offset"
    clock = Clock(path)
    before = clock.now()
    path.write_text(str(timedelta(days=31).total_seconds()))
    assert timedelta(days=31) <= clock.now() - before < timedelta(days=31, minutes=1)


def test_a_crash_point_that_is_not_armed_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "die-here"
    crashpoints.arm(path)
    try:
        path.write_text("relay.after-publish")
        for point in crashpoints.POINTS:
            if point != "relay.after-publish":
                crashpoints.crashpoint(point)
        assert path.exists()
    finally:
        crashpoints.arm(None)


async def test_two_replicas_sweep_one_at_a_time(make_database: Callable[[], str], tmp_path: Path) -> None:
    at_once, most = 0, 0

    async def slow(_: Any) -> int:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        return 1

    service = Service(ServiceName.NOTIFIER, ServiceSettings, tmp_path / "none", {})
    async with running(service, make_database(), tmp_path) as s:
        sweepers = [Sweeper(s.work, (Sweep("slow", 0.01, slow),)) for _ in range(3)]
        tasks = [asyncio.create_task(sweeper.run()) for sweeper in sweepers]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert most == 1


def test_a_complaint_about_settings_shows_no_other_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEWEI_DATABASE_URL", "postgresql://xuewei:very-secret@db/x")
    monkeypatch.setenv("XUEWEI_S3_SECRET_KEY", "very-secret")
    with pytest.raises(ValidationError) as complaint:
        ServiceSettings()  # type: ignore[call-arg]
    assert "kafka_bootstrap_servers" in str(complaint.value)
    assert "very-secret" not in str(complaint.value)
    assert "input_value" not in str(complaint.value)
