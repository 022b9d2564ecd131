"""How batches look from outside: JSON values, codes with their words in both languages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.deadlines import DueDate
from services.collector.domain.next_step import next_step
from services.collector.domain.rounds import owed_count
from services.collector.store import resolutions, rounds, uploads
from services.collector.store.batches import Batch
from services.collector.store.resolutions import Resolution
from services.collector.store.uploads import Upload
from services.kit.database import Connection
from services.kit.telemetry import trace_id_of

STAGES_ZH: Mapping[str, str] = {
    "waiting": "等待解析",
    "reading": "正在读取",
    "checking": "正在校验",
    "storing": "正在保存",
    "done": "完成",
}


def due_view(due: DueDate, now: datetime) -> dict[str, Any]:
    """A limit: which, under which article, until when, how many days are left, and why."""
    return {
        "deadline": due.deadline,
        "article": due.article,
        "at": due.at.isoformat(),
        "last_day": due.last_day.isoformat(),
        "days_left": due.days_left(now),
        "why": due.why(),
    }


def brief_view(batch: Batch) -> dict[str, Any]:
    """A batch in a list."""
    return {
        "batch_id": batch.batch_id,
        "acceptance_number": trace_id_of(batch.traceparent),
        "unit_code": batch.unit_code,
        "province_code": batch.province_code,
        "category": batch.category,
        "category_zh": batch.category.name_zh,
        "resolution_id": batch.resolution_id,
        "state": batch.state,
        "state_zh": batch.state.name_zh,
        "round": batch.round,
        "attempt": batch.attempt,
        "version": batch.version,
        "created_at": batch.created_at.isoformat(),
        "changed_at": batch.changed_at.isoformat(),
    }


async def batch_view(conn: Connection, batch: Batch, now: datetime) -> dict[str, Any]:
    """A batch in full: where it stands, its counts, who must act next and by when."""
    resolution = await resolutions.load_resolution(conn, batch.resolution_id)
    upload = await uploads.load_upload(conn, batch.batch_id, batch.round, batch.attempt)
    filings = await rounds.list_filings(conn, batch.batch_id)
    return {
        **brief_view(batch),
        "resolution_number": resolution.number,
        "progress": {
            "stage": batch.stage,
            "stage_zh": STAGES_ZH[batch.stage],
            "rows": upload.record_count or batch.stage_rows,
        },
        **await _standing(conn, batch, upload, resolution, now),
        "layout": upload.layout,
        "unreadable": upload.unreadable,
        "rule_pack": upload.rule_pack.model_dump() if upload.rule_pack else None,
        "filings": [
            {
                "round": each.round,
                "filing_number": each.filing_number,
                "filed_count": each.filed_count,
                "filed_at": each.filed_at.isoformat(),
            }
            for each in filings
        ],
        "links": links_of(batch.batch_id),
    }


def links_of(batch_id: str) -> dict[str, str]:
    """Where the parts of a batch are read."""
    here = f"/v1/batches/{batch_id}"
    parts = {name: f"{here}/{name}" for name in ("findings", "returned", "timeline")}
    return {"self": here, **parts}


async def _standing(
    conn: Connection, batch: Batch, upload: Upload, resolution: Resolution, now: datetime
) -> dict[str, Any]:
    facts = await rounds.list_rounds(conn, batch.batch_id)
    step = next_step(batch.state, facts, resolution.effective_on)
    counts = {
        "records": upload.record_count or 0,
        "errors": upload.error_count or 0,
        "warnings": upload.warn_count or 0,
        "notes": upload.note_count or 0,
        "approved": sum(each.approved for each in facts if each.decided),
        "returned": sum(each.came_back for each in facts),
        "filed": sum(each.filed_count or 0 for each in facts),
        "owed": owed_count(facts),
    }
    if step is None:
        return {"counts": counts, "next": None}
    due = due_view(step.due, now) if step.due else None
    words = {"who": step.who, "what_zh": step.what_zh, "what_en": step.what_en, "due": due}
    return {"counts": counts, "next": words}
