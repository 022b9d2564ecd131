# pyright: reportUnknownMemberType=false
"""The list of names (名单) of a resolution, typed, and its comparison with the records (rules D03–D06).

A record matches exactly one row of the list: by name and student number, else by name and certificate
number, else by name and major. What is left is compared by number alone, so that a wrong name shows as a
difference and not as one person missing and another too many. Article 13(1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from contracts.standard.layouts import RECORD_ID, column_code
from contracts.standard.raw_table import RawTable
from contracts.standard.table_reader import read_table
from contracts.standard.tables import code_table
from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason
from contracts.vocabulary import RecordCategory

ROSTER_COLUMNS = ("XM", "XH", "XWLBM", "ZYMC", "XWZSBH")
"""What a row of a list may say of a person, as field codes; 申请学位编号 stands in XH where there is none."""

_ORDER_HEADERS = frozenset({"序号", "编号", "NO", "NO."})
_TAKEN = frozenset({*ROSTER_COLUMNS, "XWLB", "SQXWBH"})
_MATCHED_BY = (("XM", "XH"), ("XM", "XWZSBH"), ("XM", "ZYMC"), ("XM", "ZSZYMC"), ("XH",), ("XWZSBH",))


@dataclass(frozen=True, slots=True)
class RosterDifference:
    """A record and the row of the list it belongs to, and the fields in which they differ."""

    record_id: str
    row: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterComparison:
    """Records against the list of names: lines missing from the records, records not on the list, differences."""

    matched_count: int
    missing: tuple[int, ...]
    extra: tuple[str, ...]
    different: tuple[RosterDifference, ...]

    @property
    def agrees(self) -> bool:
        """Whether every row has its record, every record its row, and nothing differs."""
        return not (self.missing or self.extra or self.different)


def read_roster(data: bytes, filename: str, limits: ReadLimits | None = None) -> pl.DataFrame:
    """Reads a typed list of names (CSV or XLSX); raises Unreadable.

    Columns of the answer: ``row`` (line of the file), ``seq`` (序号 as given) and ROSTER_COLUMNS, as text
    without blanks around it, null where the list says nothing.
    """

    def known(header: str) -> bool:
        return _code(header) is not None

    table = read_table(data, filename, known, limits or ReadLimits())
    places: dict[str, int] = {}
    for place, header in enumerate(table.headers):
        places.setdefault(_code(header) or header, place)
    if "XM" not in places:
        raise Unreadable(
            UnreadableReason.NO_KNOWN_COLUMNS, detail_zh=",名单须有“姓名”列", detail_en="; a list needs 姓名"
        )
    return _roster(table, places)


def compare_roster(records: pl.DataFrame, roster: pl.DataFrame) -> RosterComparison:
    """Compares the records of a batch (with ``record_id``) with the list of names ``read_roster`` gave."""
    ours = _comparable(records)
    listed = roster.with_row_index("r")
    pairs = _pairs(ours, listed)
    missing = listed.join(pairs, on="r", how="anti").sort("r")["row"].to_list()
    extra = ours.join(pairs, on="l", how="anti").sort("l")[RECORD_ID].to_list()
    return RosterComparison(pairs.height, tuple(missing), tuple(extra), _differences(ours, listed, pairs))


def _code(header: str) -> str | None:
    if "".join(header.split()).upper() in _ORDER_HEADERS:
        return "seq"
    code = column_code(header, RecordCategory.S2) or column_code(header, RecordCategory.X1)
    return code if code in _TAKEN else None


def _roster(table: RawTable, places: dict[str, int]) -> pl.DataFrame:
    def column(code: str) -> pl.Series:
        given = table.cells.to_series(places[code]) if code in places else None
        empty = pl.Series(code, [None], pl.String).new_from_index(0, table.cells.height)
        return (empty if given is None else given.str.strip_chars()).alias(code)

    codes = dict(code_table("degree_category_xwlbm").codes_by_text)
    frame = pl.DataFrame([table.rows.alias("row"), column("seq"), *map(column, sorted(_TAKEN))])
    return frame.select(
        "row",
        "seq",
        "XM",
        pl.coalesce("XH", "SQXWBH").alias("XH"),
        pl.coalesce("XWLBM", "XWLB").replace(codes).alias("XWLBM"),
        "ZYMC",
        "XWZSBH",
    )


def _comparable(records: pl.DataFrame) -> pl.DataFrame:
    """The records with every column the comparison may ask for."""
    wanted = (*ROSTER_COLUMNS, "ZSZYMC", "SQXWBH")
    absent = [pl.lit(None, pl.String).alias(code) for code in wanted if code not in records.columns]
    frame = records.with_columns(absent).select(RECORD_ID, *wanted).with_row_index("l")
    return frame.with_columns(pl.coalesce("XH", "SQXWBH").alias("XH"))


def _pairs(ours: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Pairs of places (l in the records, r in the list), each place at most once."""
    listed = listed.with_columns(pl.col("ZYMC").alias("ZSZYMC"))
    pairs = pl.DataFrame(schema={"l": pl.UInt32, "r": pl.UInt32})
    for keys in _MATCHED_BY:
        left = _numbered(ours.join(pairs, on="l", how="anti"), keys, "l")
        right = _numbered(listed.join(pairs, on="r", how="anti"), keys, "r")
        found = left.join(right, on=[*keys, "nth"], how="inner").select("l", "r")
        pairs = pl.concat([pairs, found])
    return pairs


def _numbered(frame: pl.DataFrame, keys: Sequence[str], place: str) -> pl.DataFrame:
    # Two persons of one name and major pair up in order: the first with the first, the second with the second.
    filled = frame.select(place, *keys).drop_nulls().sort(place)
    return filled.with_columns(pl.int_range(pl.len()).over(list(keys)).alias("nth"))


def _differences(
    ours: pl.DataFrame, listed: pl.DataFrame, pairs: pl.DataFrame
) -> tuple[RosterDifference, ...]:
    joined = pairs.join(ours, on="l").join(listed, on="r", suffix="_listed").sort("l")
    flags = [_differs(code).alias(code) for code in ROSTER_COLUMNS]
    flagged = joined.select(RECORD_ID, "row", *flags).filter(pl.any_horizontal(ROSTER_COLUMNS))
    return tuple(
        RosterDifference(
            record_id, row, tuple(code for code, flag in zip(ROSTER_COLUMNS, values, strict=True) if flag)
        )
        for record_id, row, *values in flagged.iter_rows()
    )


def _differs(code: str) -> pl.Expr:
    listed = pl.col(f"{code}_listed")
    differs = listed.is_not_null() & pl.col(code).ne_missing(listed)
    # A list may print the major of the certificate (自主设置专业名称) instead of the catalogue's name.
    return differs & pl.col("ZSZYMC").ne_missing(listed) if code == "ZYMC" else differs
