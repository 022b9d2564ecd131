"""Where a batch stands after a change: reckoned from its rounds, saved, and told to those who wait."""

from collections.abc import Mapping
from typing import Any

from contracts.vocabulary import ActKind
from services.collector.domain.people import People
from services.collector.domain.rounds import state_of
from services.collector.domain.states import BatchState
from services.collector.domain.timeline import What
from services.collector.store import acts, batches, rounds, timeline, uploads
from services.collector.store.batches import Batch
from services.collector.store.timeline import Entry
from services.kit.database import Connection
from services.kit.work import Tx


async def settle(
    tx: Tx,
    batch: Batch,
    entry: Entry,
    *,
    round_: int | None = None,
    attempt: int | None = None,
    stage: str | None = None,
) -> BatchState:
    """Derives the batch's state from its rounds, saves it with one timeline entry, and wakes who waits."""
    state = state_of(await rounds.list_rounds(tx.conn, batch.batch_id))
    await batches.move_batch(
        tx.conn, batch, state, round_ or batch.round, attempt or batch.attempt, stage or batch.stage, tx.now
    )
    await timeline.append_entry(tx.conn, batch.batch_id, entry)
    tx.changed(batch.batch_id)
    return state


def entry_of(
    tx: Tx,
    batch: Batch,
    what: What,
    office: str,
    *,
    person: str | None = None,
    reason_code: str | None = None,
    round_: int | None = None,
    attempt: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Entry:
    """A timeline entry about the batch's present round and upload unless others are named."""
    return Entry(
        round=round_ or batch.round,
        attempt=attempt or batch.attempt,
        at=tx.now,
        what=what,
        office=office,
        person=person,
        reason_code=reason_code,
        facts=facts or {},
    )


async def load_people(conn: Connection, batch_id: str) -> People:
    """Who has collected, checked and submitted the batch so far."""
    return People(
        collectors=await uploads.list_collectors(conn, batch_id),
        checkers=await acts.list_persons(conn, batch_id, ActKind.CHECK),
        submitters=await acts.list_persons(conn, batch_id, ActKind.SUBMIT),
    )
