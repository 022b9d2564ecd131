# pyright: reportUnknownMemberType=false
"""The rule pack (规则包): all rules with a version and a content hash, run over a record set in one pass.

The same pack judges at every door: the unit's own check, upload, the province and the national centre. Every
finding is reported, never only the first, and none ever carries a value.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from contracts.standard.fields import field_codes
from contracts.standard.rules import RULES
from contracts.standard.rules import findings as found
from contracts.standard.rules.context import Context, People, ScanFacts, Stage
from contracts.standard.rules.findings import Hits, findings_csv, findings_jsonl, findings_parquet
from contracts.standard.rules.odd_signs import odd_columns
from contracts.standard.rules.rule import (
    Branch,
    EachRow,
    JudgedElsewhere,
    OfBatch,
    Rule,
    Severity,
    Spot,
    WholeSet,
)

__all__ = [
    "PACK",
    "CheckReport",
    "Context",
    "People",
    "RulePack",
    "ScanFacts",
    "Severity",
    "Spot",
    "Stage",
    "check_records",
    "find_rule",
    "findings_csv",
    "findings_jsonl",
    "findings_of_rule",
    "findings_parquet",
]

_FOLDER = Path(__file__).parent
_JUDGING_MODULES = ("fields.py", "layouts.py", "pack.py", "tables.py")
_ROW, _RECORD_ID = "row", "record_id"


@dataclass(frozen=True)
class RulePack:
    """A published set of rules: version and content hash name it on every report and receipt."""

    version: str
    rules: tuple[Rule, ...]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over the rules' data, the source of their expressions and the code tables.

        The same on every machine: texts are hashed with LF line ends, names in order.
        """
        content = {
            "version": self.version,
            "rules": [rule.data() for rule in self.rules],
            "sources": _digests(
                [*_FOLDER.glob("rules/*.py"), *(_FOLDER / name for name in _JUDGING_MODULES)]
            ),
            "tables": _digests(_FOLDER.glob("tables/*.csv")),
        }
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def label(self) -> str:
        """Version and the start of the hash, as findings carry it: ``2026.1+0a1b2c3d4e5f``."""
        return f"{self.version}+{self.sha256[:12]}"

    def find(self, rule_id: str) -> Rule | None:
        """The rule with this id; None when the pack has none."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def _digests(paths: Iterable[Path]) -> dict[str, str]:
    def digest(path: Path) -> str:
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()

    return {path.relative_to(_FOLDER).as_posix(): digest(path) for path in paths}


PACK = RulePack("2026.1", RULES)


def find_rule(rule_id: str) -> Rule | None:
    """The rule of the current pack with this id, for example ``F13``; None when there is none."""
    return PACK.find(rule_id)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found (校验报告): the findings, what was checked and what could not be.

    ``findings`` has the columns of ``rules.findings.FINDING_COLUMNS``, batch findings first, then by row.
    ``not_checked`` are rules of which at least one branch lacked an input: never a pass.
    """

    findings: pl.DataFrame
    rules_checked: tuple[str, ...]
    not_checked: tuple[str, ...]
    pack_version: str
    pack_sha256: str

    @property
    def error_count(self) -> int:
        """Findings that block (强制)."""
        return self._count(Severity.ERROR)

    @property
    def warn_count(self) -> int:
        """Findings a person must look at (核实)."""
        return self._count(Severity.WARN)

    @property
    def note_count(self) -> int:
        """Findings that only inform (提示)."""
        return self._count(Severity.NOTE)

    def by_rule(self) -> Mapping[str, int]:
        """How many findings each broken rule has, in order of the pack."""
        counts: Counter[str] = Counter()
        for rule, count in self.findings.group_by("rule").len().iter_rows():
            counts[rule] = count
        return {rule: counts[rule] for rule in self.rules_checked if counts[rule]}

    def _count(self, severity: Severity) -> int:
        return self.findings.filter(pl.col("severity") == severity.value).height


@dataclass(frozen=True, slots=True)
class _Probe:
    """One expression of the pass: where a branch of a rule is broken in one field."""

    rule: Rule
    branch: Branch
    field: str
    broken: pl.Expr


def check_records(records: pl.DataFrame, context: Context, pack: RulePack = PACK) -> CheckReport:
    """Checks a record set (校验): every rule of the stage and category, every row, every finding.

    ``records`` has ``row`` (line of the uploaded file), optionally ``record_id``, the field codes of the
    category as text (null = empty cell) and text columns where the file has them. Bad content never raises.
    """
    frame = _complete(records, context)
    odd = odd_columns(frame, context.category)
    context = replace(context, at_hand=frozenset(records.columns), odd=odd)
    rules = [rule for rule in pack.rules if rule.applies(context)]
    branches = [(rule, branch) for rule in rules for branch in rule.branches if not branch.lacks(context)]
    frames = [
        *(_of_batch(rule, branch, context, pack) for rule, branch in branches),
        found.findings_of(_broken_rows(frame, _probes(branches, context)), context, pack.label),
        *(_of_set(rule, branch, frame, context, pack) for rule, branch in branches),
    ]
    findings = pl.concat([one for one in frames if one is not None], how="vertical")
    judged = {rule.id for rule, branch in branches if not isinstance(branch.check, JudgedElsewhere)}
    return CheckReport(
        findings=findings.sort(_ROW, nulls_last=False, maintain_order=True),
        rules_checked=tuple(rule.id for rule in rules if rule.id in judged),
        not_checked=tuple(rule.id for rule in rules if _partly_unjudged(rule, context)),
        pack_version=pack.version,
        pack_sha256=pack.sha256,
    )


def findings_of_rule(
    rule_id: str, spots: Iterable[Spot], context: Context, pack: RulePack = PACK
) -> pl.DataFrame:
    """Findings of a rule that is judged elsewhere (M10), in the same form as all others; KeyError if unknown."""
    rule = pack.find(rule_id)
    if rule is None:
        raise KeyError(rule_id)
    return found.findings_at(rule, rule.branches[0], spots, context, pack.label)


def _partly_unjudged(rule: Rule, context: Context) -> bool:
    own = [branch for branch in rule.branches if not isinstance(branch.check, JudgedElsewhere)]
    return any(branch.lacks(context) for branch in own)


def _complete(records: pl.DataFrame, context: Context) -> pl.DataFrame:
    """The frame with every field of the category as text: what the file does not have is empty."""
    codes = field_codes(context.category)
    schema = records.schema
    absent = [pl.lit(None, pl.String).alias(code) for code in (*codes, _RECORD_ID) if code not in schema]
    foreign = [pl.col(code).cast(pl.String) for code in codes if code in schema and schema[code] != pl.String]
    return records.with_columns(*absent, *foreign) if absent or foreign else records


def _probes(branches: Iterable[tuple[Rule, Branch]], context: Context) -> list[_Probe]:
    return [
        _Probe(rule, branch, field, broken)
        for rule, branch in branches
        if isinstance(branch.check, EachRow)
        for field, broken in branch.check.broken(context).items()
    ]


def _broken_rows(frame: pl.DataFrame, probes: list[_Probe]) -> Iterator[Hits]:
    """All expressions in one pass; only where something is broken are rows gathered."""
    mask = (
        frame.lazy().select(probe.broken.alias(str(number)) for number, probe in enumerate(probes)).collect()
    )
    if mask.is_empty():
        return
    places = frame.select(_ROW, _RECORD_ID)
    for probe, broken in zip(probes, mask.get_columns(), strict=True):
        if broken.any():
            yield Hits(probe.rule, probe.branch, probe.field, places.filter(broken))


def _of_batch(rule: Rule, branch: Branch, context: Context, pack: RulePack) -> pl.DataFrame | None:
    if not isinstance(branch.check, OfBatch):
        return None
    spots = branch.check.broken(context)
    return found.findings_at(rule, branch, spots, context, pack.label) if spots else None


def _of_set(
    rule: Rule, branch: Branch, frame: pl.DataFrame, context: Context, pack: RulePack
) -> pl.DataFrame | None:
    if not isinstance(branch.check, WholeSet):
        return None
    spots = branch.check.broken(frame, context)
    return found.findings_at(rule, branch, spots, context, pack.label) if spots else None
