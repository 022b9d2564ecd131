"""Gathers a history from where it lies: four databases by SQL, the objects' folder, the letters, the journal."""

import asyncio
import base64
import hashlib
import io
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import polars as pl

from cli.stack import Stack
from tests.faults.checks.messages import HEARERS
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
       (select count(*) from inbox) as heard, (select count(*) from outbox) as said, {letters} as on_their_way
"""
LETTERS = "(select count(*) from notices where state in ('planned', 'sending'))"
SAID = "select topic, count(*) from outbox group by topic"
REST_SECONDS = 90.0
STILL_SECONDS = 0.8


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
    """Waits until all that was said is published and heard, all letters have ended, and nothing new comes.

    What does not come to rest in time is for the checker to name.
    """
    last: list[Any] = []
    since, now = 0.0, asyncio.get_running_loop().time
    until = now() + REST_SECONDS
    async with AsyncExitStack() as open_ones:
        connections = {name: await open_ones.enter_async_context(_reading(stack, name)) for name in SERVICES}
        while now() < until:
            counts = [dict(await each.fetchrow(_resting(name)) or {}) for name, each in connections.items()]
            said = Counter[str]()
            for connection in connections.values():
                said.update({row["topic"]: row["count"] for row in await connection.fetch(SAID)})
            unheard = sum(said[topic] * len(hearers) for topic, hearers in HEARERS.items())
            unheard -= sum(each["heard"] for each in counts)
            moving = unheard or any(each["unpublished"] or each["on_their_way"] for each in counts)
            if moving or counts != last:
                last, since = counts, now()
            elif now() - since > STILL_SECONDS:
                return
            await asyncio.sleep(0.25)


def _resting(service: str) -> str:
    return RESTING.format(letters=LETTERS if service == "notifier" else "0")


async def _tables(stack: Stack, service: str) -> Tables:
    async with _reading(stack, service) as connection:
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        tables = {
            name: [dict(row) for row in await connection.fetch(statement)]
            for name, statement in {**MESSAGES, **STATEMENTS[service]}.items()
        }
    for row in tables["outbox"]:
        row["data"] = json.loads(row.pop("body"))["data"]
    return tables


@asynccontextmanager
async def _reading(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.database_url(service))
    try:
        yield connection
    finally:
        await connection.close()


def _record_ids(path: Path) -> list[str]:
    return pl.read_parquet(io.BytesIO(path.read_bytes()), columns=["record_id"])["record_id"].to_list()


async def _keys(stack: Stack) -> dict[str, bytes]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        answer = await http.get(f"{stack.url('national_filing')}/v1/receipt-keys")
    keys = answer.raise_for_status().json()["keys"]
    return {each["kid"]: base64.urlsafe_b64decode(each["x"] + "==") for each in keys}
