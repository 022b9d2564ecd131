"""A review (省级审核): what a province knows of one round of a batch and how it decided. Article 13."""

from dataclasses import dataclass
from datetime import datetime

from contracts.batches import BatchSubmitted
from contracts.deadlines import DueDate
from contracts.reviews import ReviewCompleted
from contracts.vocabulary import RecordSet, StoredObject
from services.provincial_review.domain.due import due_of
from services.provincial_review.domain.moves import ReviewState


@dataclass(frozen=True, slots=True)
class Findings:
    """What the rule pack found at stage P (校验发现); ``not_checked`` are rules that lacked an input."""

    stored: StoredObject
    error_count: int
    warn_count: int
    note_count: int
    not_checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the records compare with the resolution's list of names (名单比对)."""

    stored: StoredObject
    missing_count: int
    extra_count: int
    different_count: int


@dataclass(frozen=True, slots=True)
class Review:
    """The review of one round. ``assessment_number`` 0: none counts at present.

    ``no_comparison`` is the reason code why there is no comparison, if there is none; ``version`` grows with
    every change; ``completed`` is what was said when the review ended.
    """

    submitted: BatchSubmitted
    submitted_at: datetime
    traceparent: str | None
    findings: Findings
    comparison: Comparison | None = None
    no_comparison: str | None = None
    state: ReviewState = ReviewState.WAITING
    version: int = 1
    assessment_number: int = 0
    approved_by: str | None = None
    completed_at: datetime | None = None
    completed: ReviewCompleted | None = None

    @property
    def due(self) -> DueDate:
        """When the province has to have decided (T03)."""
        return due_of(self.submitted_at)

    @property
    def standing(self) -> RecordSet | None:
        """The records that stand so far: all while the review is open, the approved ones once it is decided."""
        if self.state.is_open:
            return self.submitted.record_set
        return self.completed.approved if self.completed else None

    @property
    def batch_id(self) -> str:
        """The batch under review."""
        return self.submitted.batch_id

    @property
    def round(self) -> int:
        """Which round of the batch."""
        return self.submitted.round


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment as kept: who decided, how many, and the objects that hold it."""

    number: int
    person: str
    assessed_at: datetime
    approved_count: int
    returned_count: int
    stored: StoredObject
    returned: StoredObject | None
    sent_back_by: str | None = None
    sent_back_at: datetime | None = None
    sent_back: StoredObject | None = None
