# pyright: reportUnknownMemberType=false
"""What a rule (校验规则) is: data, texts in two languages, and for each way to break it one check with examples.

A rule is broken in one or more ways, its *branches*. Every branch carries at least one example that keeps the
rule and one that breaks it; a branch without them does not load.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Self, cast

import polars as pl

from contracts.standard.rules.context import Context, Stage
from contracts.vocabulary import RecordCategory

ALL_CATEGORIES = frozenset(RecordCategory)

Cells = Mapping[str, str | None]
Input = Literal["columns", "resolution_numbers", "documents", "people", "owed_record_ids"]


class RuleWithoutExamplesError(ValueError):
    """A branch of a rule lacks an example that keeps it or one that breaks it."""


class Severity(StrEnum):
    """How much a finding weighs: error 强制 blocks, warn 核实 goes to a person, note 提示 informs."""

    ERROR = "error"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Example:
    """A small case of a rule: what differs from the valid record of its category.

    ``records`` holds one mapping of changed cells for each record of the case (None = empty cell), ``given``
    what else the check is told, by the names of :class:`Context`.
    """

    records: tuple[Cells, ...] = ({},)
    category: RecordCategory = RecordCategory.X1
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])


def example(
    category: RecordCategory = RecordCategory.X1,
    given: Mapping[str, Any] | None = None,
    /,
    **cells: str | None,
) -> Example:
    """An example of one record: the valid record of the category with these cells changed."""
    return Example(records=(cells,), category=category, given=given or {})


@dataclass(frozen=True, slots=True)
class Spot:
    """A place a finding points to: the row of the uploaded file (None: the whole batch) and the field.

    ``detail`` fills ``{detail}`` in the texts: a row number, a position or a published name; never a value.
    """

    row: int | None = None
    field: str | None = None
    record_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EachRow:
    """A check of each record alone: for every field it points to, an expression that is true where broken."""

    broken: Callable[[Context], Mapping[str, pl.Expr]]

    @classmethod
    def always(cls, broken: Mapping[str, pl.Expr]) -> Self:
        """A check whose expressions do not depend on the context: they are built once."""
        return cls(lambda _: broken)


@dataclass(frozen=True, slots=True)
class WholeSet:
    """A check over all records of the set together (记录间)."""

    broken: Callable[[pl.DataFrame, Context], tuple[Spot, ...]]


@dataclass(frozen=True, slots=True)
class OfBatch:
    """A check of what surrounds the records: the file's columns, the documents, the people."""

    broken: Callable[[Context], tuple[Spot, ...]]


@dataclass(frozen=True, slots=True)
class JudgedElsewhere:
    """A rule whose finding the named service makes, because only it knows the records before."""

    by: str


Check = EachRow | WholeSet | OfBatch | JudgedElsewhere


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages; the English one is for the API and for foreign readers."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to break a rule; texts and severity it does not give are those of its rule.

    ``needs`` names inputs of the context without which the branch cannot be judged: its rule is then
    reported as not checked, never as passed.
    """

    name: str
    check: Check
    good: tuple[Example, ...]
    bad: tuple[Example, ...]
    message: Text | None = None
    fix: Text | None = None
    severity: Severity | None = None
    needs: frozenset[Input] = frozenset()

    def lacks(self, context: Context) -> bool:
        """Whether an input it needs was not given."""
        return any(getattr(context, name) is None for name in self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A validation rule as data: who it concerns, when, why, what it says and how it is checked.

    ``since`` and ``until`` bound the checking days on which it applies (until is the first day it no longer
    does); ``evidence`` names the source. Raises RuleWithoutExamplesError.
    """

    id: str
    severity: Severity
    stages: frozenset[Stage]
    fields: tuple[str, ...]
    article: str
    evidence: str
    message: Text
    fix: Text
    branches: tuple[Branch, ...]
    categories: frozenset[RecordCategory] = ALL_CATEGORIES
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if not self.branches:
            raise RuleWithoutExamplesError(f"{self.id} has no branch")
        for branch in self.branches:
            if not branch.good or not branch.bad:
                raise RuleWithoutExamplesError(f"{self.id}/{branch.name} needs a good and a bad example")

    @property
    def group(self) -> str:
        """The letter of its group: F fields, C crossed fields, M sets, D documents, S people."""
        return self.id[0]

    def applies(self, context: Context) -> bool:
        """Whether the rule speaks at this stage, of this category, on this checking day."""
        return (
            context.stage in self.stages
            and context.category in self.categories
            and (self.since is None or context.on >= self.since)
            and (self.until is None or context.on < self.until)
        )

    def data(self) -> dict[str, Any]:
        """Everything of the rule but its expressions, as plain JSON values: what the content hash covers."""
        return {
            "id": self.id,
            "severity": self.severity,
            "stages": sorted(self.stages),
            "categories": sorted(self.categories),
            "fields": list(self.fields),
            "article": self.article,
            "evidence": self.evidence,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "message": [self.message.zh, self.message.en],
            "fix": [self.fix.zh, self.fix.en],
            "branches": [_branch_data(branch) for branch in self.branches],
        }


def _branch_data(branch: Branch) -> dict[str, Any]:
    return {
        "name": branch.name,
        "severity": branch.severity,
        "needs": sorted(branch.needs),
        "message": branch.message and [branch.message.zh, branch.message.en],
        "fix": branch.fix and [branch.fix.zh, branch.fix.en],
        "good": [_example_data(case) for case in branch.good],
        "bad": [_example_data(case) for case in branch.bad],
    }


def _example_data(case: Example) -> dict[str, Any]:
    return {
        "category": case.category,
        "records": [dict(cells) for cells in case.records],
        "given": {name: _plain(value) for name, value in sorted(case.given.items())},
    }


def _plain(value: object) -> object:
    """The value as JSON, the same whatever order a set or a mapping happens to have."""
    if isinstance(value, Set):
        return sorted(map(str, cast("Set[object]", value)))
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in cast("Mapping[object, object]", value).items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return value if isinstance(value, bool | int | str) or value is None else str(value)
