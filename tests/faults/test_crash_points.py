"""kill -9 of every service at every crash point of the main path, while batches flow: no anomaly is left."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from cli.stack import Stack
from cli.stack.state import ChildStatus, StackState
from contracts.topics import ServiceName
from services.kit.crashpoints import POINTS
from tests.faults.checks import find_anomalies
from tests.faults.clients import Client
from tests.faults.evidence import gather_history, until_at_rest
from tests.faults.journal import Journal, What
from tests.journeys.offices import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("faults")]

FIRED_SECONDS = 60.0
C, R, F, N = (
    ServiceName.COLLECTOR,
    ServiceName.PROVINCIAL_REVIEW,
    ServiceName.NATIONAL_FILING,
    ServiceName.NOTIFIER,
)
EVERYBODY = (C, R, F, N)
PASSED_BY: Mapping[str, tuple[ServiceName, ...]] = {
    "consumer.before-transaction": EVERYBODY,
    "consumer.before-commit": EVERYBODY,
    "consumer.after-commit": EVERYBODY,
    "relay.before-publish": EVERYBODY,
    "relay.after-publish": EVERYBODY,
    "request.before-commit": (C, R, N),  # nothing is asked of the centre that changes anything
    "request.after-commit": (C, R, N),
    "objects.before-keep": (C, R, F),  # the notifier keeps no objects
    "objects.after-keep": (C, R, F),
    "sweep.before-commit": (N,),
    "sweep.after-commit": (N,),
}
"""Which services come to a crash point on the main path."""


KILLS: Mapping[str, int] = {"sweep.before-commit": 3, "sweep.after-commit": 2}
"""Where a service is killed again and again: when a notice is planned, when its letter begins to leave, has left."""


@dataclass(frozen=True, slots=True)
class Fault:
    """kill -9 of services at a crash point, each so often."""

    point: str
    services: Sequence[ServiceName]
    times: int = 1


def test_every_crash_point_is_on_the_list() -> None:
    assert set(PASSED_BY) == set(POINTS)


@pytest.mark.parametrize("point", POINTS)
async def test_nothing_is_lost_doubled_or_torn_by_a_kill_at(
    crashing: Platform, journal: Journal, point: str
) -> None:
    stack = crashing.stack
    one, other, third = (Client.at(crashing, code, journal) for code in ("10284", "10335", "10286"))
    await _drive(
        Fault(point, PASSED_BY[point], KILLS.get(point, 1)),
        stack,
        journal,
        one.name_contact("nanjing@unit.example"),
        one.file_in_two_rounds(until_told=point.startswith(("relay", "sweep"))),
        other.file_cleanly(),
        third.file_after_findings(),
    )


@pytest.mark.parametrize("point", ["consumer.before-commit", "consumer.after-commit", "relay.after-publish"])
async def test_nothing_is_lost_doubled_or_torn_when_provinces_decide_and_all_die_at(
    crashing: Platform, journal: Journal, point: str
) -> None:
    """The same on the second half of the path: signature, format check, filing and what is heard of them."""
    stack = crashing.stack
    clients = [Client.at(crashing, code, journal) for code in ("10284", "10335", "10286")]
    batches = await asyncio.gather(*(client.submit_cleanly() for client in clients))
    dying = {"relay.after-publish": (R, F)}.get(point, (C, F, N))
    await until_at_rest(stack)
    await _drive(
        Fault(point, dying),
        stack,
        journal,
        *(client.see_filed(batch) for client, batch in zip(clients, batches, strict=True)),
    )


async def _drive(fault: Fault, stack: Stack, journal: Journal, *doings: Coroutine[Any, Any, object]) -> None:
    """Kills while the clients are at work, waits for rest, and finds nothing wrong.

    When a client is left waiting, the anomalies of the moment are noted beside its failure.
    """
    for name in fault.services:
        stack.arm(name, fault.point)
    try:
        async with asyncio.TaskGroup() as group:
            for name in fault.services:
                group.create_task(_see_killed(stack, name, fault))
            for doing in doings:
                group.create_task(doing)
    except BaseExceptionGroup as stuck:
        for anomaly in find_anomalies(await gather_history(stack, journal)):
            stuck.add_note(str(anomaly))
        raise
    await _nothing_is_wrong(stack, journal)


async def _nothing_is_wrong(stack: Stack, journal: Journal) -> None:
    """Everything that was promised since the stack is up is there, whole, once and in order."""
    await until_at_rest(stack)
    history = await gather_history(stack, journal)
    assert [str(each) for each in find_anomalies(history)] == []
    filed = [each for each in history.promises if each.what is What.FILED]
    assert filed
    assert len(history.rows(F, "filings")) == sum(len(each.filings) for each in filed)


async def _see_killed(stack: Stack, name: str, fault: Fault) -> None:
    """The service died at the point (the armed file is gone) so often, and another process took its place."""
    before = stack.state.children[name].restarts
    for killed in range(1, fault.times + 1):
        async with asyncio.timeout(FIRED_SECONDS):
            while (stack.folder.crash_points / name).exists():
                await asyncio.sleep(0.05)
        if killed < fault.times:
            stack.arm(name, fault.point)

    def is_back(state: StackState) -> bool:
        child = state.children[name]
        return child.restarts == before + fault.times and child.status is ChildStatus.READY

    await asyncio.to_thread(stack.wait_until, is_back, f"{name} is back after {fault.times} kills")
