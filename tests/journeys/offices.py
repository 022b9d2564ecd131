"""Offices at work on a running stack: their people sign in at its issuer and use the public APIs, nothing else."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import polars as pl

from cli.client import Client, Patience
from cli.desks import NoticeDesk, ResolutionFacts, ReviewDesk, UnitDesk, Uploaded
from cli.problems import ServiceProblem
from cli.sample.layouts import written
from cli.sample.submission import Submission, make_submission
from cli.stack import Stack
from cli.stack.people import load_directory
from cli.tokens import ClientCredentials, PersonTokens
from cli.views import BatchBrief, BatchView, ResolutionView, ReviewView
from contracts.standard.tables import province_of
from contracts.vocabulary import Office, Role

SETTLED_SECONDS = 90.0
FIRST_ROW = 2
"""The line of the first record in an upload file."""
_serials = itertools.count(1, 100)
"""Certificate numbers of one unit, level and year never meet: a block of a hundred for each submission."""


def today() -> date:
    """The day it is in China by real time."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@cache
def tokens_of(issuer: str, person_id: str) -> PersonTokens:
    """One source of tokens per person for all tests on a stack: signing in costs two requests."""
    return PersonTokens(issuer, person_id)


@dataclass
class Platform:
    """A running stack and a folder for files; closes its clients at the end."""

    stack: Stack
    folder: Path
    patience: Patience = field(default_factory=Patience)
    _clients: list[Client] = field(default_factory=list)
    _names: Iterator[int] = field(default_factory=itertools.count)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            await client.close()

    def client(self, service: str, office: str, role: Role, nth: int = 0) -> Client:
        """A service as the nth person with this role alone sees it."""
        return self.client_of(service, load_directory().person_of(office, role, nth).person_id)

    def client_of(self, service: str, person_id: str) -> Client:
        """A service as a person sees it."""
        return self._kept(service, tokens_of(self.stack.url("issuer"), person_id))

    def machine(self, service: str, office: str) -> Client:
        """A service as a unit's own system sees it."""
        client_id = load_directory().client_of(office).client_id
        secret = self.stack.state.client_secrets[client_id]
        return self._kept(service, ClientCredentials(self.stack.url("issuer"), client_id, secret))

    def stranger(self, service: str) -> Client:
        """A service as somebody who did not sign in sees it."""
        return self._kept(service, None)

    def _kept(self, service: str, tokens: PersonTokens | ClientCredentials | None) -> Client:
        client = Client(self.stack.url(service), tokens, patience=self.patience)
        self._clients.append(client)
        return client

    def university(self, code: str = "10284") -> "University":
        """A degree-granting unit with its collector, checker and submitter."""
        return University(self, code)

    def province(self, code: str = "32") -> "Province":
        """A provincial (or the military) office with its reviewer and approver."""
        return Province(self, str(Office.province(code)))

    def notices(self, office: str, role: Role) -> NoticeDesk:
        """An office at the notifier."""
        return NoticeDesk(self.client("notifier", office, role))

    def new_folder(self) -> Path:
        """A folder for the files of one submission."""
        return self.folder / str(next(self._names))


class University:
    """A unit at work. The three people of Article 12(2) each have a desk of their own."""

    def __init__(self, platform: Platform, code: str) -> None:
        self.platform = platform
        self.code = code
        self.office = f"unit:{code}"
        province = province_of(code)
        assert province is not None
        self.province_code = province
        self.collector, self.checker, self.submitter = (
            UnitDesk(platform.client("collector", self.office, role))
            for role in (Role.COLLECTOR, Role.CHECKER, Role.SUBMITTER)
        )

    @property
    def province(self) -> "Province":
        """The office that reviews this unit."""
        return self.platform.province(self.province_code)

    def make(self, count: int = 20, category: str = "X1", **how: Any) -> Submission:
        """Files of a new submission: awarded a week ago, certificate numbers never used before."""
        serial = next(_serials)
        wanted = {"seed": serial, "award_on": today() - timedelta(days=7), "first_serial": serial} | how
        return make_submission(self.platform.new_folder(), self.code, category, count, **wanted)

    async def register(self, submission: Submission, *, with_roster: bool = True) -> ResolutionView:
        """Uploads scan and list of names and registers the resolution."""
        scan = await self.collector.upload(submission.scan_path)
        roster = await self.collector.upload(submission.roster_path) if with_roster else None
        facts = ResolutionFacts(
            submission.resolution_number, submission.effective_on, submission.levels, submission.headcount
        )
        return await self.collector.register_resolution(facts, scan, roster)

    async def receive(self, submission: Submission, resolution: ResolutionView | None = None) -> BatchBrief:
        """Uploads the record file and creates the batch: what 202 answers."""
        resolution = resolution or await self.register(submission)
        records = await self.collector.upload(submission.records_path)
        return await self.collector.create_batch(resolution, submission.category, records)

    async def push(self, submission: Submission) -> BatchView:
        """As ``receive``, and waits until the file was read and checked."""
        return await self.until_read((await self.receive(submission)).batch_id)

    async def replace(self, batch_id: str, records: pl.DataFrame | bytes, category: str = "X1") -> BatchView:
        """Uploads another file for a batch and waits until it was read and checked."""
        await self.collector.upload_again(batch_id, await self.put(records, category))
        return await self.until_read(batch_id)

    async def put(
        self, records: pl.DataFrame | bytes, category: str = "X1", filename: str = "更正.csv"
    ) -> Uploaded:
        """Uploads records or bytes as a file of that name."""
        path = self.platform.new_folder() / filename
        path.parent.mkdir(parents=True)
        path.write_bytes(records if isinstance(records, bytes) else written(records, category))
        return await self.collector.upload(path)

    async def check_and_submit(self, batch_id: str) -> BatchView:
        """A second person checks, a third submits."""
        await self.checker.check(batch_id)
        return await self.submitter.submit(batch_id)

    async def submit(self, submission: Submission) -> BatchView:
        """From files to a submitted batch; they must be without errors."""
        batch = await self.push(submission)
        assert batch.state == "collected", (batch.unreadable, batch.counts)
        return await self.check_and_submit(batch.batch_id)

    async def file(self, submission: Submission, returned: Sequence[int] = ()) -> BatchView:
        """From files to what the province makes of them: filed, or what came back when rows are returned."""
        batch = await self.submit(submission)
        await self.province.decide(batch.batch_id, returned=returned)
        await self.until_told(batch.batch_id, "reviewed", "format_checked", "filed")
        return await self.until(batch.batch_id, "filed" if not returned else "returned")

    async def until_told(self, batch_id: str, *wanted: str) -> list[str]:
        """What the timeline tells, once it tells all of this: topics overtake each other, so in any order."""
        async with asyncio.timeout(SETTLED_SECONDS):
            while True:
                what = [entry.what for entry in await self.collector.timeline(batch_id)]
                if set(wanted) <= set(what):
                    return what
                await asyncio.sleep(0.1)

    async def until_read(self, batch_id: str) -> BatchView:
        """The batch once its upload was read and checked."""
        return await self.until_not(batch_id, "received")

    async def until(self, batch_id: str, *states: str) -> BatchView:
        """The batch once it is in one of these states."""
        return await self._until(batch_id, lambda batch: batch.state in states)

    async def until_not(self, batch_id: str, *states: str) -> BatchView:
        """The batch once it is in none of these states."""
        return await self._until(batch_id, lambda batch: batch.state not in states)

    async def _until(self, batch_id: str, is_so: Any) -> BatchView:
        batch = await self.collector.batch(batch_id)
        try:
            async with asyncio.timeout(SETTLED_SECONDS):
                while not is_so(batch):
                    batch = await self.collector.batch(batch_id, seen=batch.version)
        except TimeoutError:
            raise AssertionError(f"after {SETTLED_SECONDS:.0f} s still {batch}") from None
        return batch


class Province:
    """A provincial office at work: a reviewer and an approver, two persons."""

    def __init__(self, platform: Platform, office: str) -> None:
        self.office = office
        self.reviewer, self.approver = (
            ReviewDesk(platform.client("provincial_review", office, role))
            for role in (Role.REVIEWER, Role.APPROVER)
        )

    async def decide(
        self, batch_id: str, round_: int = 1, *, returned: Sequence[int] = (), reason: str = "name-differs"
    ) -> ReviewView:
        """Waits for a round, returns these rows, approves the others, and signs."""
        await self.assess(batch_id, round_, returned=returned, reason=reason)
        return await self.approver.sign(batch_id, round_)

    async def assess(
        self, batch_id: str, round_: int = 1, *, returned: Sequence[int] = (), reason: str = "name-differs"
    ) -> ReviewView:
        """Waits for a round and decides on every record of it."""
        await self.until_arrived(batch_id, round_)
        back = [{"record_id": f"{batch_id}.{round_}.{row}", "reason_code": reason} for row in returned]
        return await self.reviewer.assess(batch_id, round_, back)

    async def until_arrived(self, batch_id: str, round_: int = 1) -> ReviewView:
        """The review of a round once it has arrived: on a busy machine later than one request waits."""
        async with asyncio.timeout(SETTLED_SECONDS):
            while True:
                try:
                    return await self.reviewer.review(batch_id, round_)
                except ServiceProblem as problem:
                    if problem.code != "not-found":
                        raise


def rows_of(records: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
    """The records that stood in these lines of the upload file."""
    return records[[row - FIRST_ROW for row in rows]]


def renamed(records: pl.DataFrame) -> pl.DataFrame:
    """Corrected records: other titles of theses, the same persons, awards and certificates."""
    return records.with_columns(pl.col("LWTM") + pl.lit("(修订)"))


def renumbered(records: pl.DataFrame, first_serial: int | None = None) -> pl.DataFrame:
    """The same records with certificate numbers never used before."""
    start = first_serial or next(_serials)
    numbers = [number[:10] + f"{start + place:06d}" for place, number in enumerate(records["XWZSBH"])]
    return records.with_columns(pl.Series("XWZSBH", numbers))
