"""kill -9 of every service at every crash point of the main path, while batches flow: no anomaly is left."""

import asyncio
from collections.abc import Mapping

import pytest

from cli.stack import Stack
from cli.stack.state import ChildStatus, StackState
from contracts.topics import ServiceName
from services.kit.crashpoints import POINTS
from tests.faults.checks import find_anomalies
from tests.faults.clients import Client
from tests.faults.evidence import gather_history, until_at_rest
from tests.faults.journal import Journal
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


KILLS: Mapping[str, int] = {"sweep.before-commit": 2, "sweep.after-commit": 2}
"""Where a service is killed twice: when a notice is planned, and again when its letter is about to be sent."""


def test_every_crash_point_is_on_the_list() -> None:
    assert set(PASSED_BY) == set(POINTS)


@pytest.mark.parametrize("point", POINTS)
async def test_nothing_is_lost_doubled_or_torn_by_a_kill_at(
    crashing: Platform, journal: Journal, point: str
) -> None:
    stack = crashing.stack
    one, other, third = (Client.at(crashing, code, journal) for code in ("10284", "10335", "10286"))
    for name in PASSED_BY[point]:
        stack.arm(name, point)
    async with asyncio.TaskGroup() as group:
        for name in PASSED_BY[point]:
            group.create_task(_see_killed(stack, name, point, KILLS.get(point, 1)))
        group.create_task(one.name_contact("nanjing@unit.example"))
        group.create_task(one.file_in_two_rounds(until_told=point.startswith(("relay", "sweep"))))
        group.create_task(other.file_cleanly())
        group.create_task(third.file_after_findings())
    await until_at_rest(stack)
    history = await gather_history(stack, journal)
    assert [str(each) for each in find_anomalies(history)] == []
    assert len(history.rows(F, "filings")) % 4 == 0, "each point files four rounds"


async def _see_killed(stack: Stack, name: str, point: str, times: int) -> None:
    """The service died at the point (the armed file is gone) so often, and another process took its place."""
    before = stack.state.children[name].restarts
    for killed in range(1, times + 1):
        async with asyncio.timeout(FIRED_SECONDS):
            while (stack.folder.crash_points / name).exists():
                await asyncio.sleep(0.05)
        if killed < times:
            stack.arm(name, point)

    def is_back(state: StackState) -> bool:
        child = state.children[name]
        return child.restarts == before + times and child.status is ChildStatus.READY

    await asyncio.to_thread(stack.wait_until, is_back, f"{name} is back after {times} kills")
