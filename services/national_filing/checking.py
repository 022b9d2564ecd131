# pyright: reportUnknownMemberType=false
"""The centre's look at a record set: whole, true to its root, and judged by the rule pack at stage N."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from contracts.reviews import ReviewCompleted
from contracts.standard.layouts import Layout
from contracts.standard.pack import CheckReport, Context, Severity, Stage, check_records
from contracts.standard.record_set import merkle_root, read_parquet, record_hashes, write_parquet
from contracts.vocabulary import RulePackRef
from services.national_filing.domain.format_check import Broken
from services.national_filing.domain.registry import RegistryRow


class RecordSetDiffers(Exception):
    """A record set is not what the event says: other count or other Merkle root."""


@dataclass(frozen=True)
class CheckedSet:
    """An approved record set after the format check: rows by record, what is broken, hashes."""

    frame: pl.DataFrame
    hashes: tuple[bytes, ...]
    rows: Mapping[str, int]
    broken: tuple[Broken, ...]
    broken_whole: str | None
    rule_pack: RulePackRef

    def registry_rows(self, review: ReviewCompleted, without: Collection[str]) -> list[RegistryRow]:
        """What the registry keeps of every record that is not in ``without``, by certificate number.

        In that order, so that two filings that share numbers wait for each other in one direction only.
        """
        if len(without) == len(self.rows):
            return []  # perhaps because a column is missing altogether
        columns = self.frame.select("XWZSBH", "record_id", "XWLBM", "HXWRQ")
        skipped = frozenset(without)
        return sorted(
            (
                number,
                record_id,
                review.batch_id,
                review.round,
                review.unit_code,
                review.category.value,
                degree_category,
                datetime.strptime(awarded_on, "%Y%m%d").date(),  # noqa: DTZ007 a calendar day
                record_hash,
            )
            for (number, record_id, degree_category, awarded_on), record_hash in zip(
                columns.iter_rows(), self.hashes, strict=True
            )
            if record_id not in skipped
        )

    def part(self, record_ids: Collection[str]) -> tuple[bytes, str]:
        """The record set of some of the records: Parquet bytes and Merkle root."""
        kept = self.frame["record_id"].is_in(list(record_ids))
        hashes = [each for each, keep in zip(self.hashes, kept, strict=True) if keep]
        return write_parquet(self.frame.filter(kept)), merkle_root(hashes).hex()


def check_approved(data: bytes, review: ReviewCompleted, on: date) -> CheckedSet:
    """Reads an approved record set, compares count and root with the event, runs the pack at stage N.

    Raises RecordSetDiffers when the event and the object do not agree, ValueError for an unknown layout.
    CPU work: call it in a thread.
    """
    assert review.approved is not None
    try:
        frame = read_parquet(data)
    except pl.exceptions.PolarsError:
        raise RecordSetDiffers(review.batch_id) from None
    hashes = tuple(record_hashes(frame))
    if len(hashes) != review.approved_count or merkle_root(hashes).hex() != review.approved.merkle_root:
        raise RecordSetDiffers(review.batch_id)
    context = Context(
        category=review.category,
        stage=Stage.CENTRE,
        unit_code=review.unit_code,
        on=on,
        layout=Layout(review.layout),
        resolution_numbers=frozenset({review.resolution_number}),
    )
    report = check_records(frame, context)
    ids, rows = frame["record_id"].to_list(), frame["row"].to_list()
    return CheckedSet(
        frame=frame,
        hashes=hashes,
        rows=dict(zip(ids, rows, strict=True)),
        broken=_broken_records(report),
        broken_whole=_broken_whole(report),
        rule_pack=RulePackRef(version=report.pack_version, sha256=report.pack_sha256),
    )


def _errors(report: CheckReport) -> pl.DataFrame:
    return report.findings.filter(pl.col("severity") == Severity.ERROR.value)


def _broken_records(report: CheckReport) -> tuple[Broken, ...]:
    errors = _errors(report).filter(pl.col("record_id").is_not_null())
    return tuple(Broken(*row) for row in errors.select("record_id", "rule", "field").iter_rows())


def _broken_whole(report: CheckReport) -> str | None:
    whole = _errors(report).filter(pl.col("record_id").is_null())
    return None if whole.is_empty() else str(whole["rule"][0])
