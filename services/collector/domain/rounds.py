"""A batch's state derived from its rounds: open round / in centre / owed / filed (PROCESS §3).

Events of different topics may arrive in any order (a receipt before the review that led to it), so nothing
here is moved by an event: each round keeps what was said of it, and the state is reckoned from that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.collector.domain.states import OPEN, BatchState, Phase


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What is known of one round: its records, and what province and centre said of them (None: not yet).

    ``replaced_count`` counts returned records of earlier rounds that this round corrects; it is 0 until
    the round is submitted and again when it is withdrawn.
    """

    number: int
    phase: Phase
    attempt: int = 1
    record_count: int = 0
    replaced_count: int = 0
    submitted_at: datetime | None = None
    approved_count: int | None = None
    returned_count: int | None = None
    reviewed_at: datetime | None = None
    passed_count: int | None = None
    format_returned_count: int | None = None
    format_checked_at: datetime | None = None
    filed_count: int | None = None
    filed_at: datetime | None = None

    @property
    def decided(self) -> bool:
        """Whether the province decided, as far as anything that was heard shows it."""
        heard = (self.approved_count, self.passed_count, self.filed_count)
        return self.phase is Phase.DECIDED and any(count is not None for count in heard)

    @property
    def approved(self) -> int:
        """Records the province approved; reckoned from the centre's words while its own are on the way."""
        if self.approved_count is not None:
            return self.approved_count
        if self.passed_count is not None:
            return self.passed_count + (self.format_returned_count or 0)
        return self.filed_count or 0

    @property
    def in_centre(self) -> int:
        """Approved records the national centre has neither filed nor returned."""
        if not self.decided:
            return 0
        return max(0, self.approved - (self.format_returned_count or 0) - (self.filed_count or 0))

    @property
    def came_back(self) -> int:
        """Records of this round that province or centre returned."""
        if not self.decided:
            return 0
        return max(0, self.record_count - self.in_centre - (self.filed_count or 0))

    @property
    def came_back_at(self) -> datetime | None:
        """When the unit last had records of this round back."""
        said = [
            at
            for count, at in (
                (self.returned_count, self.reviewed_at),
                (self.format_returned_count, self.format_checked_at),
            )
            if count and at is not None
        ]
        return max(said, default=None)


def owed_count(rounds: Sequence[RoundFacts]) -> int:
    """Returned records for which no correction was submitted (退回未更正)."""
    replaced = sum(each.replaced_count for each in rounds)
    return max(0, sum(each.came_back for each in rounds) - replaced)


def state_of(rounds: Sequence[RoundFacts]) -> BatchState:
    """The batch's state: the open round's first, then what is in the centre, owed, filed; else withdrawn."""
    latest = rounds[-1]
    if latest.phase in OPEN:
        return OPEN[latest.phase]
    owed = owed_count(rounds)
    if any(each.in_centre for each in rounds):
        return BatchState.PARTLY_APPROVED if owed else BatchState.APPROVED
    if owed:
        return BatchState.RETURNED
    if any(each.filed_count for each in rounds):
        return BatchState.FILED
    return BatchState.WITHDRAWN
