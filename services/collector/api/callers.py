"""Who may come in: persons and machines of units, by role; and what every door asks first."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Annotated

import orjson
from fastapi import Depends, Header
from pydantic import BaseModel, ConfigDict

from contracts.reasons import Refused
from contracts.vocabulary import OfficeKind, Role, StoredObject
from services.collector.settings import Settings
from services.collector.store import batches, objects
from services.collector.store.batches import Batch
from services.kit import telemetry
from services.kit.http import work_of
from services.kit.identity import Caller, require
from services.kit.problems import Problem
from services.kit.work import Tx, Work

UNIT = (OfficeKind.UNIT,)
ANY_ROLE = (Role.COLLECTOR, Role.CHECKER, Role.SUBMITTER)

Collector = Annotated[Caller, Depends(require(Role.COLLECTOR, kinds=UNIT))]
Checker = Annotated[Caller, Depends(require(Role.CHECKER, kinds=UNIT))]
Submitter = Annotated[Caller, Depends(require(Role.SUBMITTER, kinds=UNIT))]
Reader = Annotated[Caller, Depends(require(*ANY_ROLE, kinds=UNIT))]
TheWork = Annotated[Work, Depends(work_of)]


class Order(BaseModel):
    """What a request asks for: frozen, and nothing it does not know is let through unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


async def _key(idempotency_key: Annotated[str | None, Header(max_length=200)] = None) -> str:
    if not idempotency_key:
        raise Problem("idempotency-key-missing")
    return idempotency_key


IdempotencyKey = Annotated[str, Depends(_key)]


def digest_of(path: str, order: Order) -> str:
    """SHA-256 of where and what was asked, in canonical JSON: the same request has the same digest."""
    asked = {"path": path, "order": order.model_dump(mode="json")}
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def settings_of(work: Work) -> Settings:
    """The collector's settings."""
    assert isinstance(work.settings, Settings)
    return work.settings


def granted(outcome: Refused | None) -> None:
    """Lets a permission pass; raises the problem that tells a refusal."""
    if outcome is not None:
        raise Problem.of(outcome)


async def own_object(work: Work, caller: Caller, sha256_: str, what: str) -> StoredObject:
    """The durable object this unit uploaded; Problem(object-unknown) naming ``what`` when there is none."""
    async with work.pool.acquire() as conn:
        stored = await objects.find_object(conn, caller.office.code, sha256_)
    if stored is None or not await work.objects.has(sha256_):
        raise Problem("object-unknown", object=what)
    return stored


async def own_batch(work: Work, caller: Caller, batch_id: str) -> Batch:
    """The batch if it is the caller's unit's; Problem(not-found) otherwise: foreign ones do not show."""
    async with work.pool.acquire() as conn:
        batch = await batches.find_batch(conn, batch_id)
    if batch is None or batch.unit_code != caller.office.code:
        raise Problem("not-found")
    return batch


@asynccontextmanager
async def acting(work: Work, caller: Caller, batch_id: str, act: str) -> AsyncGenerator[tuple[Tx, Batch]]:
    """An act on a batch: a span in the batch's own trace, and a transaction that holds the batch locked."""
    known = await own_batch(work, caller, batch_id)
    attributes = {"xuewei.batch_id": batch_id, "xuewei.unit": known.unit_code}
    with telemetry.span(act, after=known.traceparent, attributes=attributes):
        async with work.transaction() as tx:
            batch = await batches.lock_batch(tx.conn, batch_id)
            assert batch is not None
            yield tx, batch
