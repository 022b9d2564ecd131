"""The public APIs as a person or a machine uses them: a unit's desk, a province's desk, the notices of an office."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cli.client import Ask, Client, new_traceparent
from cli.problems import ServiceProblem
from cli.views import BatchBrief, BatchView, ResolutionView, ReturnedView, ReviewView, TimelineEntry
from contracts.vocabulary import DegreeLevel, RecordCategory

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ANY_BYTES = "application/octet-stream"
WAIT_SECONDS = 25
ALREADY_RECEIVED = "batch-already-received"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file whose bytes lie at the collector under their SHA-256, and its name at the unit."""

    sha256: str
    filename: str

    def reference(self) -> dict[str, str]:
        """As requests name it."""
        return {"sha256": self.sha256, "filename": self.filename}


@dataclass(frozen=True, slots=True)
class ResolutionFacts:
    """What a resolution (学位授予决议) says, as it is registered."""

    number: str
    effective_on: date
    levels: tuple[DegreeLevel, ...]
    headcount: int


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def request_key(*parts: str) -> str:
    """An Idempotency-Key made of what is asked: the same wish has the same key, whenever it is repeated."""
    return sha256("\x1f".join(("xuewei", *parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class UnitDesk:
    """A degree-granting unit at the collector."""

    client: Client

    async def upload(self, path: Path) -> Uploaded:
        """Puts a file under its digest; again is harmless."""
        digest = digest_of(path)
        media_type = MEDIA_TYPES.get(path.suffix.lower(), _ANY_BYTES)
        await self.client.ask(Ask("PUT", f"/v1/objects/{digest}", path, media_type))
        return Uploaded(digest, path.name)

    async def register_resolution(
        self, facts: ResolutionFacts, scan: Uploaded, roster: Uploaded | None = None
    ) -> ResolutionView:
        """Registers a resolution; registered before with the same content, it is answered as it is."""
        order = {
            "number": facts.number,
            "effective_on": facts.effective_on.isoformat(),
            "levels": [str(level) for level in facts.levels],
            "headcount": facts.headcount,
            "scan": scan.sha256,
            **({"roster": roster.reference()} if roster else {}),
        }
        return ResolutionView.model_validate((await self.client.post("/v1/resolutions", order)).json())

    async def find_resolution(self, number: str) -> ResolutionView | None:
        """The unit's registered resolution of that number."""
        answer = await self.client.get("/v1/resolutions", limit=500)
        found = (ResolutionView.model_validate(each) for each in answer.json()["resolutions"])
        return next((each for each in found if each.number == number), None)

    async def create_batch(
        self,
        resolution: ResolutionView,
        category: RecordCategory,
        records: Uploaded,
        *,
        layout: str | None = None,
        key: str | None = None,
    ) -> BatchBrief:
        """Creates a batch in a trace of its own; the key follows from unit, resolution and content."""
        order = {
            "resolution_id": resolution.resolution_id,
            "category": category,
            "records": records.reference(),
            **({"layout": layout} if layout else {}),
        }
        # All that is asked goes into the key, the file's name too: the same key never comes with another body.
        named = (records.sha256, records.filename, layout or "")
        key = key or request_key(resolution.unit_code, resolution.resolution_id, category, *named)
        answer = await self.client.post(
            "/v1/batches", order, idempotency_key=key, traceparent=new_traceparent()
        )
        return BatchBrief.model_validate(answer.json())

    async def upload_again(self, batch_id: str, records: Uploaded, *, key: str | None = None) -> BatchBrief:
        """Replaces a draft's file, or brings the correction of what was returned."""
        batch = await self.batch(batch_id)
        key = key or request_key(
            batch_id, str(batch.round), str(batch.attempt), records.sha256, records.filename
        )
        answer = await self.client.post(
            f"/v1/batches/{batch_id}/uploads", {"records": records.reference()}, idempotency_key=key
        )
        return BatchBrief.model_validate(answer.json())

    async def check(self, batch_id: str) -> BatchView:
        """校核: a second person confirms."""
        return _batch(await self.client.post(f"/v1/batches/{batch_id}/check", {"passed": True}))

    async def submit(self, batch_id: str) -> BatchView:
        """上报: a third person submits."""
        return _batch(await self.client.post(f"/v1/batches/{batch_id}/submission", {}))

    async def batch(self, batch_id: str, *, seen: int | None = None) -> BatchView:
        """The batch; with ``seen`` as soon as its version is higher (or after a while anyway)."""
        if seen is None:
            return _batch(await self.client.get(f"/v1/batches/{batch_id}"))
        return _batch(await self.client.get(f"/v1/batches/{batch_id}", seen=seen, wait_seconds=WAIT_SECONDS))

    async def batches(self) -> list[BatchBrief]:
        """The unit's latest batches, newest first."""
        answer = await self.client.get("/v1/batches", limit=200)
        return [BatchBrief.model_validate(each) for each in answer.json()["batches"]]

    async def findings(self, batch_id: str, form: str = "jsonl") -> bytes:
        """Every finding of the present upload, as JSON Lines or CSV."""
        return (await self.client.get(f"/v1/batches/{batch_id}/findings", format=form)).content

    async def returned(self, batch_id: str) -> list[ReturnedView]:
        """The records that were returned, and why."""
        answer = await self.client.get(f"/v1/batches/{batch_id}/returned")
        return [ReturnedView.model_validate(each) for each in answer.json()["returned"]]

    async def timeline(self, batch_id: str) -> list[TimelineEntry]:
        """What happened, in order of time."""
        answer = await self.client.get(f"/v1/batches/{batch_id}/timeline")
        return [TimelineEntry.model_validate(each) for each in answer.json()["timeline"]]

    async def receipt(self, batch_id: str, round_: int) -> bytes:
        """The receipt of a round, byte for byte."""
        return (await self.client.get(f"/v1/batches/{batch_id}/receipts/{round_}")).content


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """A provincial office at its review service."""

    client: Client

    async def review(self, batch_id: str, round_: int, *, wait_seconds: int = WAIT_SECONDS) -> ReviewView:
        """The review of a round; waited for until it has arrived."""
        answer = await self.client.get(f"/v1/reviews/{batch_id}/{round_}", wait_seconds=wait_seconds)
        return ReviewView.model_validate(answer.json())

    async def comparison(self, batch_id: str, round_: int) -> dict[str, list[dict[str, Any]]]:
        """The comparison with the resolution's list of names: missing, extra, different."""
        return (await self.client.get(f"/v1/reviews/{batch_id}/{round_}/comparison")).json()

    async def records(self, batch_id: str, round_: int, limit: int = 100) -> list[dict[str, Any]]:
        """The first records of a round as the reviewer sees them."""
        answer = await self.client.get(f"/v1/reviews/{batch_id}/{round_}/records", limit=limit)
        return answer.json()["records"]

    async def assess(self, batch_id: str, round_: int, returned: list[dict[str, str]]) -> ReviewView:
        """初审: a reviewer decides on every record; an empty list approves all."""
        answer = await self.client.post(f"/v1/reviews/{batch_id}/{round_}/assessment", {"returned": returned})
        return ReviewView.model_validate(answer.json())

    async def sign(self, batch_id: str, round_: int) -> ReviewView:
        """签发: another person signs the opinion."""
        answer = await self.client.post(f"/v1/reviews/{batch_id}/{round_}/opinion", {"decision": "sign"})
        return ReviewView.model_validate(answer.json())


@dataclass(frozen=True, slots=True)
class NoticeDesk:
    """An office at the notifier."""

    client: Client

    async def set_contact(self, email: str) -> None:
        """Where the office wants its notices."""
        await self.client.ask(Ask("PUT", "/v1/contact", {"email": email}))

    async def obligations(self, state: str = "open") -> list[dict[str, Any]]:
        """What the office owes, or has done."""
        return (await self.client.get("/v1/obligations", state=state)).json()["obligations"]

    async def inbox(self) -> list[dict[str, Any]]:
        """The office's notices, newest first, with how the e-mail of each fared."""
        return (await self.client.get("/v1/notices", limit=500)).json()["notices"]


def already_received(problem: ServiceProblem) -> str | None:
    """The batch as which this very file was received before, when that is what the problem says."""
    return str(problem.facts["batch_id"]) if problem.code == ALREADY_RECEIVED else None


def _batch(answer: Any) -> BatchView:
    return BatchView.model_validate(answer.json())
