# pyright: reportUnknownMemberType=false
"""Record sets (记录集) in a review: verified when they arrive, divided when some records are returned."""

from dataclasses import dataclass

import polars as pl

from contracts.standard.layouts import RECORD_ID
from contracts.standard.pack import Severity
from contracts.standard.record_set import ROW, merkle_root, read_parquet, record_hashes, write_parquet
from contracts.vocabulary import RecordSet
from services.provincial_review.domain.documents import read_returned


@dataclass(frozen=True, slots=True)
class Division:
    """The approved part of a record set: its Parquet form, how many records, their Merkle root."""

    parquet: bytes
    record_count: int
    merkle_root: str


def is_as_announced(frame: pl.DataFrame, announced: RecordSet) -> bool:
    """Whether records are as many as announced, each with its own id, with the announced Merkle root."""
    return (
        frame.height == announced.record_count
        and RECORD_ID in frame.columns
        and frame[RECORD_ID].n_unique() == frame.height
        and merkle_root(record_hashes(frame)).hex() == announced.merkle_root
    )


def rows_by_record(parquet: bytes) -> dict[str, int]:
    """Each record_id of a record set and its line in the uploaded file, in their order."""
    frame = read_parquet(parquet).select(RECORD_ID, ROW)
    return dict(zip(frame[RECORD_ID].to_list(), frame[ROW].to_list(), strict=True))


def broken_records(findings: bytes) -> frozenset[str]:
    """The records with an error finding (强制校验发现), from stored findings."""
    found = read_parquet(findings).filter(pl.col("severity") == Severity.ERROR.value)
    return frozenset(found[RECORD_ID].drop_nulls().to_list())


def approved_part(parquet: bytes, returned: bytes) -> Division:
    """The records of a set that a list of returned ones leaves, as a set of its own with the same columns."""
    frame = read_parquet(parquet)
    returned_ids = {each.record_id for each in read_returned(returned)}
    approved = frame.filter(~pl.col(RECORD_ID).is_in(list(returned_ids)))
    return Division(
        write_parquet(approved),
        approved.height,
        merkle_root(record_hashes(approved)).hex(),
    )
