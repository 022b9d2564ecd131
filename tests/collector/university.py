"""A university at the collector's door: people who sign in, files that are uploaded, events that come back."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import orjson
import polars as pl

from cli.sample.layouts import written
from cli.sample.records import make_records
from cli.sample.resolution import resolution_of, resolution_pdf
from contracts import topics
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.reviews import ReturnedRecord, ReviewCompleted, ReviewOutcome
from contracts.vocabulary import StoredObject
from tests.harness import UnderTest

UNIT = "10284"
EFFECTIVE_ON = date(2026, 6, 10)
NUMBER = "校学位字[2026]1号"
CSV, PDF = "text/csv", "application/pdf"


@cache
def records(count: int = 5, seed: int = 1, first_serial: int = 1) -> pl.DataFrame:
    """Valid bachelor records of the unit under its resolution."""
    return make_records(
        "X1",
        UNIT,
        count,
        seed=seed,
        award_on=EFFECTIVE_ON,
        resolution_number=NUMBER,
        first_serial=first_serial,
    )


@cache
def scan() -> bytes:
    """The scan of the unit's resolution."""
    frame = records()
    return resolution_pdf(resolution_of(frame, "X1", decided_on=EFFECTIVE_ON), frame)


def as_csv(frame: pl.DataFrame) -> bytes:
    """The records as an upload file."""
    return written(frame, "X1")


def with_error(frame: pl.DataFrame) -> pl.DataFrame:
    """The records, the second one with an identity number of a wrong check digit (rule F13)."""
    wrong = frame["ZJHM"][1][:-1] + ("1" if frame["ZJHM"][1][-1] != "1" else "2")
    numbers = [wrong if place == 1 else number for place, number in enumerate(frame["ZJHM"])]
    return frame.with_columns(pl.Series("ZJHM", numbers))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class University:
    """One unit and its people: Lin collects, Chen checks, Su submits."""

    service: UnderTest
    code: str = UNIT
    lin: dict[str, str] = field(init=False)
    chen: dict[str, str] = field(init=False)
    su: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.lin = self.person("p-lin", "collector")
        self.chen = self.person("p-chen", "checker")
        self.su = self.person("p-su", "submitter")

    def person(self, person: str, *roles: str) -> dict[str, str]:
        return self.service.signed_in(person, f"unit:{self.code}", *roles)

    async def put(self, data: bytes, media_type: str = CSV) -> str:
        sha256 = digest(data)
        answer = await self.service.http.put(
            f"/v1/objects/{sha256}", content=data, headers=self.lin | {"Content-Type": media_type}
        )
        assert answer.status_code in {200, 201}, answer.text
        return sha256

    async def ask_to_register(self, **changes: Any) -> httpx.Response:
        order: dict[str, Any] = {
            "number": NUMBER,
            "effective_on": EFFECTIVE_ON.isoformat(),
            "levels": ["4"],
            "headcount": 5,
            **changes,
        }
        if "scan" not in order:
            order["scan"] = await self.put(scan(), PDF)
        return await self.service.http.post("/v1/resolutions", json=order, headers=self.lin)

    async def register(self, **changes: Any) -> str:
        answer = await self.ask_to_register(**changes)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()["resolution_id"]

    async def order(self, data: bytes, resolution_id: str | None = None) -> dict[str, Any]:
        return {
            "resolution_id": resolution_id or await self.register(),
            "category": "X1",
            "records": {"sha256": await self.put(data), "filename": "2026届.csv"},
        }

    async def ask_to_push(self, order: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = self.lin | {"Idempotency-Key": key or uuid4().hex}
        return await self.service.http.post("/v1/batches", json=order, headers=headers)

    async def push(self, data: bytes | None = None) -> str:
        """Uploads a batch and lets the worker read it; returns its id."""
        answer = await self.ask_to_push(await self.order(data if data is not None else as_csv(records())))
        assert answer.status_code == 202, answer.text
        await self.work_on()
        return answer.json()["batch_id"]

    async def ask_to_replace(
        self, batch_id: str, data: bytes, headers: dict[str, str] | None = None, key: str | None = None
    ) -> httpx.Response:
        order = {"records": {"sha256": await self.put(data), "filename": "更正.csv"}}
        headers = (headers or self.lin) | {"Idempotency-Key": key or uuid4().hex}
        return await self.service.http.post(f"/v1/batches/{batch_id}/uploads", json=order, headers=headers)

    async def replace(self, batch_id: str, data: bytes) -> dict[str, Any]:
        answer = await self.ask_to_replace(batch_id, data)
        assert answer.status_code == 202, answer.text
        await self.work_on()
        return await self.view(batch_id)

    async def work_on(self) -> None:
        """The collector hears all it said to itself, as Kafka would bring it (all of it, again and again)."""
        for message in await self.service.said(topics.BATCH_RECEIVED):
            await self.service.hear_again(topics.BATCH_RECEIVED, message)

    async def post(
        self, batch_id: str, act: str, headers: dict[str, str], body: dict[str, Any] | None = None
    ) -> httpx.Response:
        return await self.service.http.post(f"/v1/batches/{batch_id}/{act}", json=body or {}, headers=headers)

    async def ask_to_check(
        self, batch_id: str, headers: dict[str, str] | None = None, **opinion: Any
    ) -> httpx.Response:
        return await self.post(batch_id, "check", headers or self.chen, {"passed": True, **opinion})

    async def ask_to_submit(self, batch_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.post(batch_id, "submission", headers or self.su)

    async def ask_to_withdraw(self, batch_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.post(batch_id, "withdrawal", headers or self.su, {"reason": "wrong-file"})

    async def check_and_submit(self, batch_id: str) -> None:
        for answer in (await self.ask_to_check(batch_id), await self.ask_to_submit(batch_id)):
            assert answer.status_code == 200, answer.text

    async def submit(self, data: bytes | None = None) -> str:
        batch_id = await self.push(data)
        await self.check_and_submit(batch_id)
        return batch_id

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        return await self.service.http.get(path, params=query, headers=headers or self.lin)

    async def view(self, batch_id: str) -> dict[str, Any]:
        answer = await self.get(f"/v1/batches/{batch_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self, batch_id: str) -> str:
        return (await self.view(batch_id))["state"]


async def returned_object(service: UnderTest, record_ids: Sequence[str], code: str) -> StoredObject:
    lines = [
        ReturnedRecord(record_id=each, row=int(each.rsplit(".", 1)[1]), reason_code=code, comment="请核对")
        for each in record_ids
    ]
    data = b"".join(orjson.dumps(line.model_dump()) + b"\n" for line in lines)
    return await service.work.objects.put(data, "application/x-ndjson")


async def review(
    service: UnderTest, batch_id: str, returned: Sequence[int] = (), *, withdrawn: bool = False
) -> ReviewCompleted:
    """The province's answer to the last submitted round, returning these rows."""
    said = (await service.said(topics.BATCH_SUBMITTED))[-1].data
    assert said.batch_id == batch_id
    ids = [f"{batch_id}.{said.round}.{row}" for row in returned]
    approved = said.record_set.record_count - len(ids)
    return ReviewCompleted(
        batch_id=batch_id,
        round=said.round,
        unit_code=said.unit_code,
        province_code=said.province_code,
        category=said.category,
        resolution_id=said.resolution_id,
        resolution_number=said.resolution_number,
        layout=said.layout,
        outcome=ReviewOutcome.WITHDRAWN if withdrawn else ReviewOutcome.DECIDED,
        approved_count=0 if withdrawn else approved,
        approved=None if withdrawn or not approved else said.record_set,
        returned_count=len(ids),
        returned=await returned_object(service, ids, "name-differs") if ids else None,
        original=said.original,
        scan=said.scan,
        manifest=said.manifest,
        rule_pack=said.rule_pack,
        acts=said.acts,
    )


async def format_check(
    service: UnderTest, batch_id: str, round_: int, passed: int, returned: Sequence[int] = ()
) -> FormatCheckCompleted:
    """The centre's format check of a round, returning these rows."""
    said = (await service.said(topics.BATCH_SUBMITTED))[-1].data
    ids = [f"{batch_id}.{round_}.{row}" for row in returned]
    return FormatCheckCompleted(
        batch_id=batch_id,
        round=round_,
        unit_code=said.unit_code,
        province_code=said.province_code,
        category=said.category,
        passed_count=passed,
        returned_count=len(ids),
        returned=await returned_object(service, ids, "certificate-number-taken") if ids else None,
        rule_pack=said.rule_pack,
    )


async def filing(service: UnderTest, batch_id: str, round_: int, count: int) -> BatchFiled:
    """The centre's word that a round is filed."""
    said = (await service.said(topics.BATCH_SUBMITTED))[-1].data
    receipt = await service.work.objects.put(b'{"filed": %d}' % count, "application/json")
    return BatchFiled(
        batch_id=batch_id,
        round=round_,
        unit_code=said.unit_code,
        province_code=said.province_code,
        category=said.category,
        filing_number=f"BA2026-{round_}",
        filed_count=count,
        filed_at=service.clock.now(),
        receipt=receipt,
        archive=receipt,
    )
