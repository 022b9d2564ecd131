"""What the services answer, as far as clients look at it; fields they do not know are let pass."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from contracts.vocabulary import Published


class Due(Published):
    """A limit: which, under which article, until when (days are left, or overdue when negative)."""

    deadline: str
    article: str
    last_day: date
    days_left: int
    why: str = ""


class Counts(Published):
    """How many records of a batch are where, and how many findings of which severity there are."""

    records: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    approved: int = 0
    returned: int = 0
    filed: int = 0
    owed: int = 0


class NextStep(Published):
    """Who must act next on a batch, and by when."""

    who: str
    what_zh: str
    what_en: str
    due: Due | None = None


class Progress(Published):
    """How far reading and checking an upload has come."""

    stage: str
    stage_zh: str
    rows: int = 0


class FilingView(Published):
    """One filing (备案) of a batch."""

    round: int
    filing_number: str
    filed_count: int
    filed_at: datetime


class BatchView(Published):
    """A batch (批次) as its unit sees it."""

    batch_id: str
    acceptance_number: str
    unit_code: str
    category: str
    category_zh: str
    resolution_id: str
    resolution_number: str
    state: str
    state_zh: str
    round: int
    attempt: int
    version: int
    progress: Progress
    counts: Counts
    next: NextStep | None = None
    unreadable: dict[str, Any] | None = None
    filings: list[FilingView] = Field(default_factory=list[FilingView])


class BatchBrief(Published):
    """A batch as it was received, or as a list shows it."""

    batch_id: str
    acceptance_number: str
    state: str
    round: int
    attempt: int


class ResolutionView(Published):
    """A registered resolution (学位授予决议)."""

    resolution_id: str
    unit_code: str
    number: str
    effective_on: date
    headcount: int
    levels: list[str]
    due: Due


class TimelineEntry(Published):
    """Something that happened to a batch, or a notice about it."""

    at: datetime
    what: str
    what_zh: str
    what_en: str
    round: int | None = None
    office: str
    reason_code: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict[str, Any])


class ReturnedView(Published):
    """A returned record (退回): why, and whether it is still owed."""

    record_id: str
    round: int
    row: int
    reason_code: str
    text_zh: str
    text_en: str
    field: str | None = None
    comment: str | None = None
    returned_by: str
    owed: bool


class ReviewView(Published):
    """A review (省级审核) as its province sees it."""

    batch_id: str
    round: int
    version: int
    state: str
    record_count: int
    colour: str
    due: Due
    comparison: dict[str, int] | None = None
    counts: dict[str, int | None]
