"""Gathers a history from where it lies: four databases by SQL, the objects' folder, the letters, the journal."""

import asyncio
import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import polars as pl

from cli.stack import Stack
from tests.faults.history import SERVICES, History, Tables
from tests.faults.journal import Journal

MESSAGES = {
    "outbox": "select position, message_id::text, topic, subject, published_at, body from outbox",
    "inbox": "select message_id::text, topic, subject, heard_at, state from inbox",
    "dead_letters": "select message_id::text, topic, reason_code from dead_letters",
}
STATEMENTS: dict[str, dict[str, str]] = {
    "collector": {
        "batches": "select batch_id, unit_code, resolution_id, state from batches",
        "rounds": "select batch_id, round, submitted_at, approved_count, returned_count, filing_number,"
        " filed_count from rounds",
        "uploads": "select batch_id, round, attempt, original_sha256 from uploads",
        "acts": "select batch_id, round, attempt, kind from acts",
        "entries": "select position, batch_id, round, attempt, what from entries",
    },
    "provincial_review": {
        "reviews": "select batch_id, round, state, completed_at, submitted, completed from reviews",
        "filings": "select batch_id, round, filing_number, filed_count from filings",
    },
    "national_filing": {
        "registry": "select certificate_number, record_id, batch_id, round from registry",
        "filings": "select filing_number, batch_id, round, filed_count, record_set, receipt, archive from filings",
        "format_checks": "select batch_id, round from format_checks",
    },
    "notifier": {
        "obligations": "select deadline, about, round, office, state from obligations",
        "notices": "select notice_id, obligation_id, step, office, channel, state from notices",
    },
}
RESTING = """
select (select count(*) from outbox where published_at is null) as unpublished,
       (select count(*) from inbox) as heard, (select count(*) from outbox) as said
"""
REST_SECONDS = 90.0


async def gather_history(stack: Stack, journal: Journal) -> History:
    """Everything there is, read once the stack has come to rest."""
    kept = {name: await _tables(stack, name) for name in SERVICES}
    folder = Path(stack.url("objects").removeprefix("file://"))
    files = {path.name: path for path in folder.rglob("*") if path.is_file() and len(path.name) == 64}
    filings = kept["national_filing"]["filings"]
    return History(
        promises=journal.read(),
        kept=kept,
        objects={name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()},
        documents={
            row[name]["sha256"]: files[row[name]["sha256"]].read_bytes()
            for row in filings
            for name in ("receipt", "archive")
            if row[name]["sha256"] in files
        },
        record_ids={
            sha256: _record_ids(files[sha256])
            for row in filings
            if (sha256 := row["record_set"]["object"]["sha256"]) in files
        },
        keys=await _keys(stack),
        letters=[str(each["Message-ID"]) for each in stack.mailbox.messages()],
    )


async def until_at_rest(stack: Stack) -> None:
    """Waits until nothing moves: all events published, all letters ended, and no count changes for a while."""
    last: list[Any] = []
    since, now = 0.0, asyncio.get_running_loop().time
    async with asyncio.timeout(REST_SECONDS):
        while True:
            counts = [await _resting(stack, name) for name in SERVICES]
            moving = any(each["unpublished"] for each in counts) or await _letters_on_their_way(stack)
            if moving or counts != last:
                last, since = counts, now()
            elif now() - since > 1.5:
                return
            await asyncio.sleep(0.15)


async def _resting(stack: Stack, service: str) -> dict[str, int]:
    (row,) = await _rows(stack, service, RESTING)
    return row


async def _letters_on_their_way(stack: Stack) -> bool:
    statement = "select count(*) as waiting from notices where state in ('planned', 'sending')"
    (row,) = await _rows(stack, "notifier", statement)
    return bool(row["waiting"])


async def _tables(stack: Stack, service: str) -> Tables:
    tables = {
        name: await _rows(stack, service, statement)
        for name, statement in {**MESSAGES, **STATEMENTS[service]}.items()
    }
    for row in tables["outbox"]:
        row["data"] = json.loads(row.pop("body"))["data"]
    return tables


async def _rows(stack: Stack, service: str, statement: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(stack.database_url(service))
    try:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def _record_ids(path: Path) -> list[str]:
    return pl.read_parquet(io.BytesIO(path.read_bytes()), columns=["record_id"])["record_id"].to_list()


async def _keys(stack: Stack) -> dict[str, bytes]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.get(f"{stack.url('national_filing')}/v1/receipt-keys")
    keys = answer.raise_for_status().json()["keys"]
    return {each["kid"]: base64.urlsafe_b64decode(each["x"] + "==") for each in keys}
