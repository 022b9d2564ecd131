# pyright: reportUnknownMemberType=false
"""M01, M03, M10: records side by side (记录间校验): the same number or the same person twice, corrections."""

import polars as pl

from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.rule import (
    Branch,
    Example,
    JudgedElsewhere,
    Rule,
    Severity,
    Spot,
    Text,
    WholeSet,
)
from contracts.vocabulary import RecordCategory

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_KEY = ("ZJLXM", "ZJHM", "XWSYDWM", "XWLBM", "ZYDM", "HXWRQ")
_PROFESSIONAL_MAJOR = "ZYLY"


def _repeated(records: pl.DataFrame, key: list[str], points_to: str) -> tuple[Spot, ...]:
    """Every record whose key another record has too; the detail names the first row of the others."""
    twice = records.filter(pl.concat_str(key, separator="\x1f", ignore_nulls=False).is_duplicated())
    if twice.is_empty():
        return ()
    name = pl.col("record_id") if "record_id" in twice.columns else pl.lit(None, pl.String)
    first, second = pl.col("row").min().over(key), pl.col("row").sort().slice(1, 1).first().over(key)
    other = pl.when(pl.col("row") == first).then(second).otherwise(first)
    rows = twice.select(pl.col("row"), name.alias("name"), other.alias("other"))
    return tuple(Spot(row, points_to, record_id, str(again)) for row, record_id, again in rows.iter_rows())


def _same_certificate_number(records: pl.DataFrame, _: Context) -> tuple[Spot, ...]:
    twice = records.filter(pl.col("XWZSBH").is_not_null() & pl.col("XWZSBH").is_duplicated())
    # C15: a minor degree is a second record of the same person that carries the number of the main degree.
    flag = pl.col("SFFXXW") if "SFFXXW" in records.columns else pl.lit(None, pl.String)
    twice = twice.with_columns(minor=flag.fill_null("0") == "1")
    minor = pl.col("minor")
    mains, persons = (~minor).sum().over("XWZSBH"), pl.col("ZJHM").n_unique().over("XWZSBH")
    return _repeated(twice.filter(((mains > 1) & ~minor) | (persons > 1)), ["XWZSBH"], "XWZSBH")


def _same_award(records: pl.DataFrame, _: Context) -> tuple[Spot, ...]:
    known = records.filter(pl.col("ZJHM").is_not_null())
    key = [*_KEY, _PROFESSIONAL_MAJOR]
    filled = known.with_columns(
        pl.col(code).fill_null("") if code in known.columns else pl.lit("").alias(code) for code in key
    )
    return _repeated(filled, key, "ZJHM")


def _two(first: dict[str, str | None], second: dict[str, str | None]) -> tuple[Example, ...]:
    return (Example(records=(first, second)),)


_OTHER_PERSON: dict[str, str | None] = {"ZJHM": "440106200002291115", "CSRQ": "20000229", "XH": "2021000124"}
_OTHER_NUMBER: dict[str, str | None] = {"XWZSBH": "1000142025000002"}

M01 = Rule(
    id="M01",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XWZSBH",),
    article="9(2)",
    evidence="inferred",
    message=Text(
        "学位证书编号在本批次内重复,另见第{detail}行",
        "The certificate number appears twice in this batch, see row {detail}",
    ),
    fix=Text("请核对两条记录的证书编号", "Check the numbers of both records"),
    branches=(
        Branch(
            "repeated",
            WholeSet(_same_certificate_number),
            (*_two({}, _OTHER_PERSON | _OTHER_NUMBER), *_two({}, {"SFFXXW": "1", "ZYDM": "020101"})),
            (
                *_two({}, _OTHER_PERSON),
                *_two({}, _OTHER_PERSON | {"SFFXXW": "1"}),
                Example(records=({}, {"ZYDM": "081203"}), category=RecordCategory.S1),
            ),
        ),
    ),
)

M03 = Rule(
    id="M03",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=_KEY,
    article="9(2)",
    evidence="inferred",
    message=Text("与第{detail}行为同一人的同一学位", "The same person's same degree stands in row {detail}"),
    fix=Text("请删除重复的记录", "Remove the record that is there twice"),
    branches=(
        Branch(
            "repeated",
            WholeSet(_same_award),
            (*_two({}, _OTHER_PERSON | _OTHER_NUMBER), *_two({}, _OTHER_NUMBER | {"ZYDM": "020101"})),
            _two({}, _OTHER_NUMBER),
        ),
    ),
)

_OWED = {"owed_record_ids": frozenset({"0123456789abcdef0123456789abcdef.1.7"})}

M10 = Rule(
    id="M10",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("lineage",),
    article="17",
    evidence="REG 17",
    message=Text(
        "更正记录未对应任何被退回的记录", "The corrected record does not name a record that was returned"
    ),
    fix=Text(
        "请填写被退回记录的记录编号,并只上传被退回记录的更正",
        "Name the returned record in the column record_id, and upload corrections of returned records only",
    ),
    branches=(
        Branch(
            "unmatched",
            JudgedElsewhere(by="collector"),
            (Example(records=({"record_id": "0123456789abcdef0123456789abcdef.1.7"},), given=_OWED),),
            (Example(records=({"record_id": "0123456789abcdef0123456789abcdef.1.8"},), given=_OWED),),
            needs=frozenset({"owed_record_ids"}),
        ),
    ),
)

RULES = (M01, M03, M10)
