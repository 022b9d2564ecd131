"""One batch from first byte to receipt through the public APIs, by the people who have to act on it."""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.samples import CATEGORY, Sample
from cli.client import Ask, Client
from cli.desks import ResolutionFacts, ReviewDesk, UnitDesk
from cli.stack import Stack
from cli.stack.people import load_directory
from cli.tokens import PersonTokens
from cli.views import BatchView, ResolutionView
from contracts.standard.tables import institution
from contracts.vocabulary import Role

BEING_READ = frozenset({"received"})
FAILED = frozenset({"draft", "returned", "partly_approved", "withdrawn"})


class NotFiled(RuntimeError):
    """A batch of valid records did not come to its receipt: says where it stands."""


class CountingClient(Client):
    """A client that knows how many requests it made."""

    request_count = 0

    async def ask(self, ask: Ask) -> httpx.Response:
        """Asks and counts."""
        self.request_count += 1
        return await super().ask(ask)


@dataclass(frozen=True, slots=True)
class Desks:
    """The five people of one unit and its province, each with an own connection."""

    collector: UnitDesk
    checker: UnitDesk
    submitter: UnitDesk
    reviewer: ReviewDesk
    approver: ReviewDesk
    clients: tuple[CountingClient, ...]

    @property
    def request_count(self) -> int:
        """Requests they made so far."""
        return sum(each.request_count for each in self.clients)

    async def until_read(self, batch_id: str) -> BatchView:
        """The batch as soon as its file is read and checked; NotFiled when it has errors."""
        return await _until(self.collector, batch_id, BEING_READ)


@dataclass(frozen=True, slots=True)
class Filed:
    """When (seconds after the first byte) a batch was accepted (202), collected, under review, filed."""

    batch_id: str
    record_count: int
    accepted: float
    collected: float
    under_review: float
    signed: float
    receipt: float


@asynccontextmanager
async def open_desks(stack: Stack, unit_code: str) -> AsyncGenerator[Desks]:
    """Signs in the people of a unit and of its province."""
    known = institution(unit_code)
    assert known is not None
    unit, province = f"unit:{unit_code}", f"province:{known.province_code}"
    async with AsyncExitStack() as closing:

        async def client(service: str, office: str, role: Role) -> CountingClient:
            person = load_directory().person_of(office, role)
            tokens = PersonTokens(stack.url("issuer"), person.person_id)
            await tokens.token()
            return await closing.enter_async_context(CountingClient(stack.url(service), tokens))

        collector = await client("collector", unit, Role.COLLECTOR)
        checker = await client("collector", unit, Role.CHECKER)
        submitter = await client("collector", unit, Role.SUBMITTER)
        reviewer = await client("provincial_review", province, Role.REVIEWER)
        approver = await client("provincial_review", province, Role.APPROVER)
        yield Desks(
            UnitDesk(collector),
            UnitDesk(checker),
            UnitDesk(submitter),
            ReviewDesk(reviewer),
            ReviewDesk(approver),
            clients=(collector, checker, submitter, reviewer, approver),
        )


async def register(desks: Desks, sample: Sample) -> ResolutionView:
    """Registers the resolution of a sample with its scan."""
    scan = await desks.collector.upload(sample.scan_path)
    facts = ResolutionFacts(
        sample.resolution_number, sample.effective_on, (CATEGORY.level,), sample.headcount
    )
    return await desks.collector.register_resolution(facts, scan)


async def accept(desks: Desks, resolution: ResolutionView, path: Path) -> str:
    """Uploads a record file and asks for its batch; returns with the 202."""
    records = await desks.collector.upload(path)
    return (await desks.collector.create_batch(resolution, CATEGORY, records)).batch_id


async def file_batch(desks: Desks, resolution: ResolutionView, path: Path) -> Filed:
    """Files one record file; everybody acts as soon as it is their turn. Raises NotFiled."""
    began = perf_counter()

    def passed() -> float:
        return perf_counter() - began

    batch_id = await accept(desks, resolution, path)
    accepted = passed()
    view = await desks.until_read(batch_id)
    collected = passed()
    await desks.checker.check(batch_id)
    await desks.submitter.submit(batch_id)
    await desks.reviewer.review(batch_id, view.round)
    under_review = passed()
    await desks.reviewer.assess(batch_id, view.round, [])
    await desks.approver.sign(batch_id, view.round)
    signed = passed()
    await _until(desks.submitter, batch_id, frozenset({"checked", "submitted", "approved"}))
    receipt = json.loads(await desks.submitter.receipt(batch_id, view.round))
    if _filed_count(receipt) != view.counts.records:
        raise NotFiled(f"{_filed_count(receipt)} of {view.counts.records} records are filed")
    return Filed(batch_id, view.counts.records, accepted, collected, under_review, signed, passed())


async def _until(desk: UnitDesk, batch_id: str, while_in: frozenset[str]) -> BatchView:
    """The batch as soon as it has left these states."""
    view = await desk.batch(batch_id)
    while view.state in while_in:
        view = await desk.batch(batch_id, seen=view.version)
    if view.state in FAILED:
        raise NotFiled(f"the batch is {view.state}: {view.counts.errors} errors, {view.unreadable}")
    return view


def _filed_count(receipt: dict[str, object]) -> int:
    body = receipt.get("receipt", receipt)
    assert isinstance(body, dict)
    return int(body["filed_count"])
