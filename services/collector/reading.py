"""From a received upload to what its reading gave: gathers what the reader needs, runs it, keeps objects."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.deadlines import shanghai_day
from contracts.standard.layouts import Layout
from contracts.standard.pack import ScanFacts
from contracts.standard.readers import ReadLimits
from contracts.standard.record_set import ManifestFile
from contracts.vocabulary import RecordSet, RulePackRef, StoredObject
from services.collector import parsing
from services.collector.parsing import CannotRead, FileToRead, Owed, ReaderFault, Reading
from services.collector.readers import readers_of
from services.collector.settings import Settings
from services.collector.store import batches, resolutions, returned_records, uploads
from services.collector.store.batches import Batch
from services.collector.store.resolutions import Resolution
from services.collector.store.uploads import Upload
from services.kit import telemetry
from services.kit.database import Connection
from services.kit.isolation import InputTooHeavy
from services.kit.logs import log
from services.kit.work import Work

PROGRESS_SECONDS = 0.2
FAULT = CannotRead(
    "reader-fault",
    "读取时发生系统故障,已记录;文件未必有误",
    "Reading failed by a fault of ours, which was recorded; the file may be in order",
)
TOO_HEAVY = CannotRead(
    "too-heavy",
    "读取该文件所需的内存或时间超过上限,请拆分或另存后重新上传",
    "Reading the file needs more memory or time than is given; split it or save it anew and upload again",
)


@dataclass(frozen=True, slots=True)
class Done:
    """What is known of an upload after it was read; ``replaces`` are returned records it corrects."""

    upload: Upload
    replaces: tuple[str, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether the upload stays a draft: unreadable, or with errors (强制)."""
        return self.upload.unreadable is not None or bool(self.upload.error_count)


async def read_upload(work: Work, batch: Batch, upload: Upload) -> Done:
    """Reads and checks an upload outside any transaction; what it made is durable when this returns."""
    async with work.pool.acquire() as conn:
        resolution = await resolutions.load_resolution(conn, batch.resolution_id)
        owed_sets = await _owed_sets(conn, batch.batch_id) if upload.corrects else None
    owed = await _owed(work, owed_sets) if owed_sets is not None else None
    data = await work.objects.read(upload.original)
    file = _file_to_read(work, batch, upload, resolution, owed)
    attributes = {"xuewei.batch_id": batch.batch_id, "xuewei.unit": batch.unit_code}
    with telemetry.span("read and check", attributes=attributes):
        outcome = await _run(work, batch, data, file)
    read = replace(upload, read_at=work.clock.now())
    if isinstance(outcome, CannotRead):
        return Done(replace(read, unreadable=_told(outcome)))
    return Done(await _keep(work, read, outcome), outcome.replaces)


async def _run(work: Work, batch: Batch, data: bytes, file: FileToRead) -> Reading | CannotRead:
    """Runs the reader and shows its progress meanwhile."""
    path = work.objects.spool_folder() / f"progress-{batch.batch_id}-{batch.round}-{batch.attempt}"
    reader = readers_of(work).records
    running = asyncio.create_task(reader.run(parsing.read_or_tell, data, file, path), name="read upload")
    told = ""
    try:
        while not (await asyncio.wait({running}, timeout=PROGRESS_SECONDS))[0]:
            told = await show_progress(work, batch, path, told)
        return _without_fault(running.result(), batch)
    except InputTooHeavy:
        return TOO_HEAVY
    finally:
        running.cancel()
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _without_fault(outcome: Reading | CannotRead | ReaderFault, batch: Batch) -> Reading | CannotRead:
    """A fault of ours becomes an answer to the unit, and an alarm to operators."""
    if isinstance(outcome, ReaderFault):
        facts = {"batch_id": batch.batch_id, "fault": outcome.kind, "place": outcome.place}
        log.error("a file could not be read by a fault of ours", extra=facts)
        return FAULT
    return outcome


async def show_progress(work: Work, batch: Batch, path: Path, told: str) -> str:
    """Shows what the reader wrote of its progress, if it is news; returns what is told now."""
    text = await asyncio.to_thread(lambda: path.read_text("ascii") if path.exists() else "")
    stage, _, rows = text.partition(" ")
    if text != told and rows:
        async with work.transaction(crash="progress") as tx:
            await batches.save_progress(tx.conn, batch.batch_id, batch.round, batch.attempt, stage, int(rows))
            tx.changed(batch.batch_id)
    return text


async def _keep(work: Work, upload: Upload, made: Reading) -> Upload:
    """Makes findings, record set and manifest durable and refers to them."""
    put, evidence = work.objects.put, made.evidence
    kept = [put(made.findings, parsing.PARQUET)]
    if evidence is not None:
        kept += [put(evidence.record_set, parsing.PARQUET), put(evidence.manifest, "application/json")]
    findings, *stored = await asyncio.gather(*kept)
    record_set, manifest = None, None
    if evidence is not None:
        record_set = RecordSet(
            object=stored[0], record_count=made.record_count, merkle_root=evidence.merkle_root
        )
        manifest = stored[1]
    return replace(
        upload,
        layout=made.layout,
        record_count=made.record_count,
        error_count=made.error_count,
        warn_count=made.warn_count,
        note_count=made.note_count,
        findings=findings,
        record_set=record_set,
        manifest=manifest,
        rule_pack=RulePackRef(version=made.pack_version, sha256=made.pack_sha256),
    )


def _told(answer: CannotRead) -> dict[str, str]:
    return {
        "code": answer.code,
        "text_zh": answer.text_zh,
        "text_en": answer.text_en,
        "where": answer.where,
        "fix": "Mend the file as the text says and upload it again",
        "fix_zh": "请按说明更正文件后重新上传",
    }


def _file_to_read(
    work: Work, batch: Batch, upload: Upload, resolution: Resolution, owed: Owed | None
) -> FileToRead:
    settings = work.settings
    assert isinstance(settings, Settings)
    documents = [("original", upload.original), ("scan", resolution.scan)]
    if resolution.roster is not None:
        documents.append(("roster", resolution.roster))
    return FileToRead(
        batch_id=batch.batch_id,
        round=upload.round,
        unit_code=batch.unit_code,
        category=batch.category,
        filename=upload.filename,
        layout=Layout(upload.layout_asked) if upload.layout_asked else None,
        resolution_number=resolution.number,
        on=shanghai_day(work.clock.now()),
        scan=ScanFacts(resolution.scan.sha256, resolution.scan.size_bytes, resolution.page_count),
        limits=ReadLimits(rows_max=settings.rows_max, file_bytes_max=settings.file_size_max_bytes),
        files=tuple(_manifest_file(role, stored) for role, stored in documents),
        owed=owed,
    )


def _manifest_file(role: str, stored: StoredObject) -> ManifestFile:
    return ManifestFile(role, stored.sha256, stored.size_bytes, stored.media_type)


async def _owed_sets(conn: Connection, batch_id: str) -> tuple[frozenset[str], list[StoredObject]]:
    """Ids of what is owed, and the record sets of the rounds it was returned in."""
    owed = await returned_records.list_owed_ids(conn, batch_id)
    sets: list[StoredObject] = []
    for round_ in sorted({round_ for _, round_ in owed}):
        submitted = await uploads.find_last_upload(conn, batch_id, round_)
        if submitted is not None and submitted.record_set is not None:
            sets.append(submitted.record_set.object)
    return frozenset(record_id for record_id, _ in owed), sets


async def _owed(work: Work, owed: tuple[frozenset[str], Sequence[StoredObject]]) -> Owed:
    record_ids, sets = owed
    return Owed(record_ids, tuple([await work.objects.read(stored) for stored in sets]))
