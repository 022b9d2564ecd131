"""Acts of Article 15: append-only, chained by digest over the whole service."""

from dataclasses import dataclass
from hashlib import sha256

import orjson

from contracts.vocabulary import Act, ActKind
from services.kit.database import Connection

CHAIN_LOCK = 7_207
BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class KeptAct:
    """An act with the round and upload it was done on."""

    round: int
    attempt: int
    act: Act


async def append_act(conn: Connection, batch_id: str, round_: int, attempt: int, act: Act) -> None:
    """Appends an act; its digest covers the one before it, so none can be taken out unseen.

    One act at a time: call it late in a transaction.
    """
    await conn.execute("select pg_advisory_xact_lock($1)", CHAIN_LOCK)
    previous = await conn.fetchval("select sha256 from acts order by position desc limit 1") or BEGINNING
    await conn.execute(
        "insert into acts (batch_id, round, attempt, act, kind, person, previous_sha256, sha256)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        batch_id,
        round_,
        attempt,
        act.model_dump(exclude_none=True),
        act.kind,
        act.person,
        previous,
        act_digest(previous, batch_id, round_, attempt, act),
    )


def act_digest(previous: str, batch_id: str, round_: int, attempt: int, act: Act) -> str:
    """SHA-256 over the digest before it and the act with its place, in canonical JSON."""
    entry = {
        "previous": previous,
        "batch_id": batch_id,
        "round": round_,
        "attempt": attempt,
        "act": act.model_dump(mode="json", exclude_none=True),
    }
    return sha256(orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def list_acts(conn: Connection, batch_id: str) -> list[KeptAct]:
    """The acts on a batch, oldest first."""
    rows = await conn.fetch(
        "select round, attempt, act from acts where batch_id = $1 order by position", batch_id
    )
    return [KeptAct(row["round"], row["attempt"], Act(**row["act"])) for row in rows]


async def list_persons(conn: Connection, batch_id: str, kind: ActKind) -> frozenset[str]:
    """The persons who did acts of a kind on a batch, in any round."""
    rows = await conn.fetch(
        "select distinct person from acts where batch_id = $1 and kind = $2", batch_id, kind
    )
    return frozenset(row["person"] for row in rows)
