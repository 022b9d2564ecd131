# pyright: reportUnknownMemberType=false
"""Record sets (记录集): identifiers, hashes, the Merkle root and the Parquet form of a batch's records.

What a person signs depends on the values alone: record hash = SHA-256 over canonical JSON (RFC 8785) of
the filled fields, batch root = Merkle tree hash of RFC 6962 over the record hashes. The library that
writes the Parquet file has no part in it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson
import polars as pl

from contracts.standard.fields import TEXT_TWINS
from contracts.standard.layouts import RECORD_ID

ROW = "row"
"""The column that holds the line of a record in the uploaded file."""

# ZYMC is the text of ZYDM and a field of its own: it is part of the record.
_NOT_FIELDS = (frozenset(TEXT_TWINS.values()) - {"ZYMC"}) | {ROW, RECORD_ID}
_ESCAPED_IN_JSON = r'["\\\x00-\x1f]'
_LEAF, _NODE = b"\x00", b"\x01"
_ROWS_AT_ONCE = 4_096


def assign_record_ids(frame: pl.DataFrame, batch_id: str, round_: int) -> pl.DataFrame:
    """The frame with ``record_id`` = batch, round and row, replacing the column a correction may have had."""
    parts = [pl.lit(f"{batch_id}.{round_}."), pl.col(ROW).cast(pl.String)]
    return frame.with_columns(pl.concat_str(parts).alias(RECORD_ID))


def record_codes(frame: pl.DataFrame) -> list[str]:
    """The field codes among a frame's columns: what a record's hash and its Parquet form cover."""
    return [column for column in frame.columns if column not in _NOT_FIELDS]


def record_hashes(frame: pl.DataFrame) -> list[bytes]:
    """SHA-256 of each record: canonical JSON (RFC 8785) of its filled fields, in order of rows."""
    parts = frame.iter_slices(_ROWS_AT_ONCE)  # never the text of a whole large set at once
    return [sha256(record).digest() for part in parts for record in canonical_records(part)]


def canonical_records(frame: pl.DataFrame) -> list[bytes]:
    """Canonical JSON (RFC 8785) of the filled fields of each record, in order of rows.

    Written column by column in one pass: an order of magnitude faster than record by record. Field codes are
    ASCII, so sorting them as text is the order the RFC asks for.
    """
    codes = sorted(record_codes(frame))
    if not codes:
        return [b"{}"] * frame.height
    needs_escapes = frame.select(pl.col(codes).str.contains(_ESCAPED_IN_JSON).any())
    escaped = [code for code in codes if needs_escapes[code].item()]
    members = [_member_of_json(code) if code in escaped else _member_of_text(code) for code in codes]
    inside = pl.concat_str(members, separator=",", ignore_nulls=True)
    objects = frame.with_columns(_as_json(frame[code]) for code in escaped).select(
        pl.concat_str(pl.lit("{"), inside, pl.lit("}")).cast(pl.Binary)
    )
    return objects.to_series().to_list()


def _member_of_text(code: str) -> pl.Expr:
    """``"XM":"…"`` where a field is filled, null where it is empty."""
    member = pl.concat_str(pl.lit(f'"{code}":"'), pl.col(code), pl.lit('"'))
    return pl.when(pl.col(code) != "").then(member)


def _member_of_json(code: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f'"{code}":'), pl.col(code))


def _as_json(values: pl.Series) -> pl.Series:
    """Filled values as JSON strings, for a field in which some character must be escaped."""
    texts = [orjson.dumps(value).decode() if value else None for value in values]
    return pl.Series(values.name, texts, pl.String)


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Merkle tree hash (RFC 6962 §2.1) over record hashes; of no records the SHA-256 of nothing."""
    if not hashes:
        return sha256(b"").digest()
    level = _leaves(hashes)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path (RFC 6962 §2.1.1) that shows record ``index`` is part of the root, leaf first."""
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    path: list[bytes] = []
    level = _leaves(hashes)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _next_level(level), index >> 1
    return path


def verify_inclusion(record_hash: bytes, index: int, count: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from one of ``count`` record hashes to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < count:
        return False
    node, place, last = sha256(_LEAF + record_hash).digest(), index, count - 1
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = sha256(_NODE + step + node).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(_NODE + node + step).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def write_parquet(frame: pl.DataFrame) -> bytes:
    """The record set as Parquet (zstd): ``record_id``, ``row``, then the field codes."""
    buffer = io.BytesIO()
    frame.select(RECORD_ID, ROW, *record_codes(frame)).write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def read_parquet(data: bytes) -> pl.DataFrame:
    """The records of a record set written by ``write_parquet``."""
    return pl.read_parquet(io.BytesIO(data))


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file a manifest names: ``role`` is original, record_set, scan or roster."""

    role: str
    sha256: str
    size_bytes: int
    media_type: str


def build_manifest(
    *,
    batch_id: str,
    round_: int,
    unit_code: str,
    category: str,
    layout: str,
    record_count: int,
    root: bytes,
    rule_pack: Mapping[str, str],
    files: Sequence[ManifestFile],
) -> dict[str, object]:
    """The manifest (清单) a person signs: what was sent, how much of it, its digests, who judged it."""
    return {
        "batch_id": batch_id,
        "round": round_,
        "unit": unit_code,
        "category": str(category),
        "layout": str(layout),
        "record_count": record_count,
        "merkle_root": root.hex(),
        "rule_pack": {"version": rule_pack["version"], "sha256": rule_pack["sha256"]},
        "files": [
            {
                "role": file.role,
                "sha256": file.sha256,
                "size_bytes": file.size_bytes,
                "media_type": file.media_type,
            }
            for file in files
        ],
    }


def canonical_bytes(manifest: Mapping[str, object]) -> bytes:
    """Canonical JSON (RFC 8785) of a manifest: names in ASCII, whole numbers, no fractions."""
    return orjson.dumps(dict(manifest), option=orjson.OPT_SORT_KEYS)


def _leaves(hashes: Sequence[bytes]) -> list[bytes]:
    return [sha256(_LEAF + record_hash).digest() for record_hash in hashes]


def _next_level(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    nodes = [sha256(_NODE + left + right).digest() for left, right in pairs]
    # An odd last node is carried up unchanged: the same tree as splitting at the largest power of two.
    return nodes + level[-1:] if len(level) % 2 else nodes
