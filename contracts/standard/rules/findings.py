# pyright: reportUnknownMemberType=false
"""Findings (校验发现): their columns, how they are put together, and the formats they leave in.

A finding says which rule, where and how to mend it; it never carries a value.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from contracts.standard.rules.context import Context
from contracts.standard.rules.rule import Branch, Rule, Spot

FINDING_COLUMNS = {
    "rule": pl.String,
    "severity": pl.String,
    "stage": pl.String,
    "category": pl.String,
    "row": pl.Int64,
    "field": pl.String,
    "record_id": pl.String,
    "message_zh": pl.String,
    "message_en": pl.String,
    "fix_zh": pl.String,
    "fix_en": pl.String,
    "article": pl.String,
    "pack": pl.String,
}
"""The columns of a findings frame; ``row`` is the line of the uploaded file, null for the batch as a whole."""

# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA_START = r"^[=+\-@\t\r]"


@dataclass(frozen=True, slots=True)
class Hits:
    """The rows at which one branch of a rule is broken: a frame of ``row``, ``record_id`` and the field."""

    rule: Rule
    branch: Branch
    field: str
    places: pl.DataFrame


def no_findings() -> pl.DataFrame:
    """A findings frame without a finding."""
    return pl.DataFrame(schema=FINDING_COLUMNS)


def findings_of(hits: Iterable[Hits], context: Context, pack: str) -> pl.DataFrame:
    """The findings of branches that are broken at many rows: texts are written once for each branch."""
    frames = [
        one.places.select(
            **_same_for_all(one.rule, one.branch, context, pack),
            row=pl.col("row").cast(pl.Int64),
            record_id=pl.col("record_id"),
            field=pl.lit(one.field),
            **{name: pl.lit(text) for name, text in _texts(one.rule, one.branch, "").items()},
        ).select(FINDING_COLUMNS.keys())
        for one in hits
    ]
    return pl.concat(frames) if frames else no_findings()


def findings_at(
    rule: Rule, branch: Branch, spots: Iterable[Spot], context: Context, pack: str
) -> pl.DataFrame:
    """The findings of one branch at these spots, each with its detail in the text."""
    rows = [
        {
            "row": spot.row,
            "field": spot.field,
            "record_id": spot.record_id,
            **_texts(rule, branch, spot.detail),
        }
        for spot in spots
    ]
    schema = {name: kind for name, kind in FINDING_COLUMNS.items() if not rows or name in rows[0]}
    found = pl.DataFrame(rows, schema=schema)
    return found.with_columns(**_same_for_all(rule, branch, context, pack)).select(FINDING_COLUMNS.keys())


def _same_for_all(rule: Rule, branch: Branch, context: Context, pack: str) -> dict[str, pl.Expr]:
    texts = {
        "rule": rule.id,
        "severity": str(branch.severity or rule.severity),
        "stage": str(context.stage),
        "category": str(context.category),
        "article": rule.article,
        "pack": pack,
    }
    return {name: pl.lit(text, dtype=pl.String) for name, text in texts.items()}


def _texts(rule: Rule, branch: Branch, detail: str) -> dict[str, str]:
    message, fix = branch.message or rule.message, branch.fix or rule.fix
    texts = {"message_zh": message.zh, "message_en": message.en, "fix_zh": fix.zh, "fix_en": fix.en}
    return {name: text.replace("{detail}", detail) for name, text in texts.items()}


def findings_jsonl(findings: pl.DataFrame) -> bytes:
    """The findings as JSON Lines (UTF-8), one finding a line."""
    lines = io.BytesIO()
    findings.write_ndjson(lines)
    return lines.getvalue()


def findings_csv(findings: pl.DataFrame) -> bytes:
    """The findings as CSV that opens well in a spreadsheet: UTF-8 with BOM, no cell runs as a formula."""
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(_FORMULA_START)).then("'" + text).otherwise(text)
    lines = io.BytesIO()
    findings.with_columns(safe.name.keep()).write_csv(lines, include_bom=True, line_terminator="\r\n")
    return lines.getvalue()


def findings_parquet(findings: pl.DataFrame) -> bytes:
    """The findings as Parquet (zstd), as they are stored beside the record set."""
    content = io.BytesIO()
    findings.write_parquet(content, compression="zstd")
    return content.getvalue()
