"""Clients who go on asking until they are answered, and write down every answer they may rely on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cli.desks import NoticeDesk
from cli.sample.submission import Submission
from cli.views import BatchView
from contracts.vocabulary import Role
from tests.faults.journal import Journal, What
from tests.journeys.offices import Platform, University, renamed, rows_of

RECORDS = 20
TOLD_SECONDS = 120.0


@dataclass(frozen=True)
class Client:
    """A university and its province, driven on the main path with every answer in the journal."""

    university: University
    journal: Journal

    @classmethod
    def at(cls, platform: Platform, unit_code: str, journal: Journal) -> "Client":
        """The client of one unit."""
        return cls(platform.university(unit_code), journal)

    async def file_cleanly(self) -> BatchView:
        """A batch without findings, to the end."""
        return await self.see_filed(await self.submit_cleanly())

    async def submit_cleanly(self) -> BatchView:
        """A batch without findings, up to its review."""
        batch = await self._submit(self.university.make(count=RECORDS))
        await self.university.province.until_arrived(batch.batch_id)
        return batch

    async def see_filed(self, batch: BatchView) -> BatchView:
        """The province approves the first round; then it is filed."""
        await self._decide(batch.batch_id, 1)
        return await self._until_filed(batch.batch_id)

    async def file_after_findings(self) -> BatchView:
        """A batch whose first file has an error; the second is clean."""
        submission = self.university.make(count=RECORDS, faults=[("F13", 1)])
        draft = await self._push(submission)
        assert draft.state == "draft", draft
        mended = await self.university.replace(draft.batch_id, submission.records)
        await self._check_and_submit(mended)
        await self._decide(draft.batch_id, 1)
        return await self._until_filed(draft.batch_id)

    async def file_in_two_rounds(
        self, returned: Sequence[int] = (3, 5), *, until_told: bool = False
    ) -> BatchView:
        """A batch of which the province returns some records; corrected, they are filed in round two.

        With ``until_told`` the unit waits for the notice, so that the notifier has something to say.
        """
        submission = self.university.make(count=RECORDS)
        batch = await self._submit(submission)
        await self._decide(batch.batch_id, 1, returned)
        await self.university.until(batch.batch_id, "returned")
        if until_told:
            await self._until_told(batch.batch_id)
        second = await self.university.replace(batch.batch_id, renamed(rows_of(submission.records, returned)))
        await self._check_and_submit(second)
        await self._decide(batch.batch_id, 2)
        return await self._until_filed(batch.batch_id)

    async def name_contact(self, address: str) -> None:
        """Where the unit wants its notices."""
        await self._notices().set_contact(address)

    async def _push(self, submission: Submission) -> BatchView:
        received = await self.university.receive(submission)
        # The valid numbers: a fault planted in a file touches other fields (F13), never the certificate's.
        numbers = submission.records["XWZSBH"].to_list()
        self.journal.note(What.RECEIVED, received.batch_id, received.round, numbers=numbers)
        return await self.university.until_read(received.batch_id)

    async def _submit(self, submission: Submission) -> BatchView:
        return await self._check_and_submit(await self._push(submission))

    async def _check_and_submit(self, batch: BatchView) -> BatchView:
        assert batch.state == "collected", (batch.unreadable, batch.counts)
        submitted = await self.university.check_and_submit(batch.batch_id)
        self.journal.note(What.SUBMITTED, batch.batch_id, batch.round)
        return submitted

    async def _decide(self, batch_id: str, round_: int, returned: Sequence[int] = ()) -> None:
        await self.university.province.decide(batch_id, round_, returned=returned)
        ids = [f"{batch_id}.{round_}.{row}" for row in returned]
        self.journal.note(What.DECIDED, batch_id, round_, returned=ids)

    async def _until_told(self, batch_id: str) -> None:
        """The unit has read what was returned and its letter has left, or is given up."""
        desk = self._notices()
        async with asyncio.timeout(TOLD_SECONDS):
            while True:
                told = [each for each in await desk.inbox() if each["about"] == batch_id]
                if told and all(each["email_state"] not in {"planned", "sending"} for each in told):
                    return
                await asyncio.sleep(0.2)

    def _notices(self) -> NoticeDesk:
        return self.university.platform.notices(self.university.office, Role.SUBMITTER)

    async def _until_filed(self, batch_id: str) -> BatchView:
        filed = await self.university.until(batch_id, "filed")
        filings = [(each.round, each.filing_number, each.filed_count) for each in filed.filings]
        self.journal.note(What.FILED, batch_id, filed.round, filings=filings)
        return filed
