"""Pushing (报送): registers the resolution, uploads, creates the batches, waits until they are checked.

Whatever is repeated is done once: files go by digest, a resolution said again is answered as it is, and each batch
has a key made of unit, resolution and content.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from cli.desks import UnitDesk, Uploaded, already_received
from cli.exits import Exit
from cli.material import BatchMaterial, Material, MaterialIncomplete
from cli.problems import ServiceProblem
from cli.views import BatchView, ResolutionView

_UNREAD = "received"
_WITHDRAWN = "withdrawn"
_NOT_TAKEN = frozenset({"draft", _WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Registered:
    """The resolution stands at the collector."""

    resolution: ResolutionView


@dataclass(frozen=True, slots=True)
class Uploading:
    """A file is on its way."""

    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Received:
    """A batch was received; ``again``: this very file was one before, and that batch is shown."""

    records: Path
    batch: BatchView
    again: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A batch has news."""

    records: Path
    batch: BatchView


@dataclass(frozen=True, slots=True)
class Checked:
    """A batch was read and checked; ``findings`` are JSON Lines."""

    records: Path
    batch: BatchView
    findings: bytes


Step = Registered | Uploading | Received | Moved | Checked
Tell = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Pushed:
    """One record file and the batch it became."""

    records: Path
    batch: BatchView
    findings: bytes = b""

    @property
    def exit_code(self) -> Exit:
        """What this batch means for the command: collected or later is accepted."""
        if self.batch.unreadable:
            return Exit.CANNOT_READ
        return Exit.FINDINGS if self.batch.state in _NOT_TAKEN else Exit.ACCEPTED


async def push_material(desk: UnitDesk, material: Material, tell: Tell, *, wait: bool = True) -> list[Pushed]:
    """Pushes a resolution with its record files; client faults are raised, findings are values."""
    resolution = await _registered(desk, material, tell)
    tell(Registered(resolution))
    pushed: list[Pushed] = []
    for each in material.batches:
        batch, again = await _received(desk, resolution, each, await _upload(desk, each.records, tell))
        tell(Received(each.records, batch, again))
        pushed.append(Pushed(each.records, batch))
    return [await _checked(desk, each, tell) for each in pushed] if wait else pushed


async def push_correction(
    desk: UnitDesk, batch_id: str, records: Path, tell: Tell, *, wait: bool = True
) -> Pushed:
    """Pushes another file for a batch: in place of a draft, or as the correction of what was returned."""
    uploaded = await _upload(desk, records, tell)
    again = False
    try:
        await desk.upload_again(batch_id, uploaded)
    except ServiceProblem as problem:
        if already_received(problem) is None:
            raise
        again = True
    batch = await desk.batch(batch_id)
    tell(Received(records, batch, again))
    pushed = Pushed(records, batch)
    return await _checked(desk, pushed, tell) if wait else pushed


async def watch(desk: UnitDesk, batch: BatchView) -> AsyncIterator[BatchView]:
    """The batch each time it has news, until it was read and checked."""
    while batch.state == _UNREAD:
        seen = batch.version
        batch = await desk.batch(batch.batch_id, seen=seen)
        if batch.version != seen:
            yield batch


async def _registered(desk: UnitDesk, material: Material, tell: Tell) -> ResolutionView:
    if material.facts is None or material.scan is None:
        found = await desk.find_resolution(material.number)
        if found is None:
            raise MaterialIncomplete(
                f"no resolution {material.number} is registered: "
                "give --resolution, --effective-on and --headcount, or a folder with resolution.toml"
            )
        return found
    scan = await _upload(desk, material.scan, tell)
    roster = await _upload(desk, material.roster, tell) if material.roster else None
    return await desk.register_resolution(material.facts, scan, roster)


async def _upload(desk: UnitDesk, path: Path, tell: Tell) -> Uploaded:
    tell(_uploading(path))
    return await desk.upload(path)


def _uploading(path: Path) -> Uploading:
    return Uploading(path, path.stat().st_size)


async def _received(
    desk: UnitDesk, resolution: ResolutionView, material: BatchMaterial, uploaded: Uploaded
) -> tuple[BatchView, bool]:
    try:
        brief = await desk.create_batch(resolution, material.category, uploaded, layout=material.layout)
    except ServiceProblem as problem:
        known = already_received(problem)
        if known is None:
            raise
        return await desk.batch(known), True
    batch = await desk.batch(brief.batch_id)
    if batch.state == _WITHDRAWN:
        # The same wish has the same key: the answer is that of the batch withdrawn since, which begins again.
        await desk.upload_again(batch.batch_id, uploaded)
        batch = await desk.batch(batch.batch_id)
    return batch, False


async def _checked(desk: UnitDesk, pushed: Pushed, tell: Tell) -> Pushed:
    batch = pushed.batch
    async for news in watch(desk, batch):
        batch = news
        tell(Moved(pushed.records, batch))
    findings = b"" if batch.unreadable else await desk.findings(batch.batch_id)
    tell(Checked(pushed.records, batch, findings))
    return Pushed(pushed.records, batch, findings)
