"""What a check is told besides the records: category, stage, unit, checking day, and the batch's surroundings."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.standard.layouts import Columns, Layout, carried_codes
from contracts.vocabulary import RecordCategory

# Only one of the two programs that write the newer file has the ethnic group.
_OPTIONAL_COLUMNS = {Layout.NEWER_27: frozenset({"MZM"})}


class Stage(StrEnum):
    """Where the pack is run: U the unit's own check and upload, P 省级审核, N 形式审查 of the national centre."""

    UNIT = "U"
    PROVINCE = "P"
    CENTRE = "N"


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What is known of one resolution scan (决议扫描件) after it was stored and opened.

    ``size_bytes`` counts bytes; ``malware_free`` is None where no scanner is installed.
    """

    sha256: str
    size_bytes: int
    page_count: int
    readable: bool = True
    encrypted: bool = False
    malware_free: bool | None = None


@dataclass(frozen=True, slots=True)
class People:
    """The natural persons behind a batch so far, by opaque identifier (第十二条(二))."""

    collected_by: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class Context:
    """What the rules are told. An input that is None was not given: rules that need it are "not checked".

    ``on`` is the checking day: the day of submission, or today before it. ``resolution_numbers`` are the
    numbers (JYBH) of the resolutions attached to the batch; ``columns`` says what the file's layout carries;
    ``owed_record_ids`` are the returned records a correction may replace; ``late_filing`` marks 补报.
    """

    category: RecordCategory
    stage: Stage
    unit_code: str
    on: date
    layout: Layout | None = None
    columns: Columns | None = None
    resolution_numbers: frozenset[str] | None = None
    documents: tuple[ScanFacts, ...] | None = None
    people: People | None = None
    owed_record_ids: frozenset[str] | None = None
    late_filing: bool = False
    at_hand: frozenset[str] = frozenset()
    """Columns of the frame under check; filled by check_records."""
    odd: frozenset[str] = frozenset()
    """Fields in which at least one cell is not plain text (see ``odd_signs``); filled by check_records."""

    def carries(self, code: str) -> bool:
        """Whether the file could fill this field, told by its layout alone, so that every door says the same.

        A mandatory column that is missing is one finding of F01, not one for each row.
        """
        layout = self.columns.layout if self.columns else self.layout
        if layout is None:
            return True
        if code in _OPTIONAL_COLUMNS.get(layout, ()) or (self.columns and code in self.columns.missing):
            return False
        return code in carried_codes(layout, self.category)
