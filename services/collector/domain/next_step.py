"""Who must act next on a batch, by when and under which article."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.deadlines import DeadlineId, DueDate, due_date
from services.collector.domain.rounds import RoundFacts
from services.collector.domain.states import BatchState
from services.collector.domain.window import upload_due


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next act (下一步): who, what in both languages, until when (None: no limit)."""

    who: str
    what_zh: str
    what_en: str
    due: DueDate | None


S = BatchState
_STEPS: Mapping[BatchState, tuple[str, str, str]] = {
    S.RECEIVED: ("platform", "系统正在解析与校验", "The platform reads and checks the file"),
    S.DRAFT: ("collector", "采集人按校验发现更正后重新上传", "The collector mends the findings and uploads again"),
    S.COLLECTED: ("checker", "另一人校核", "A second person checks"),
    S.CHECKED: ("submitter", "责任人上报", "The person answerable submits"),
    S.SUBMITTED: ("province", "省级审核", "The province reviews"),
    S.WITHDRAWAL_REQUESTED: ("province", "省级答复撤回申请", "The province answers the withdrawal"),
    S.WITHDRAWN: ("collector", "更正后重新上传", "The collector corrects and uploads again"),
    S.APPROVED: ("national_centre", "国家中心形式审查与备案", "The national centre checks the format and files"),
    S.PARTLY_APPROVED: ("collector", "采集人上传退回记录的更正", "The collector uploads corrections of what was returned"),
    S.RETURNED: ("collector", "采集人上传退回记录的更正", "The collector uploads corrections of what was returned"),
}  # fmt: skip
_AT_THE_UNIT = frozenset({S.DRAFT, S.COLLECTED, S.CHECKED, S.WITHDRAWN, S.PARTLY_APPROVED, S.RETURNED})


def next_step(state: BatchState, rounds: Sequence[RoundFacts], effective_on: date) -> NextStep | None:
    """The next act on a batch; None when all is filed."""
    if state is S.FILED:
        return None
    who, what_zh, what_en = _STEPS[state]
    return NextStep(who, what_zh, what_en, _due(state, rounds, effective_on))


def _due(state: BatchState, rounds: Sequence[RoundFacts], effective_on: date) -> DueDate | None:
    if state in _AT_THE_UNIT:
        return _unit_due(rounds) or upload_due(effective_on)
    latest = rounds[-1]
    if state in {S.SUBMITTED, S.WITHDRAWAL_REQUESTED} and latest.submitted_at is not None:
        return due_date(DeadlineId.T03, latest.submitted_at)
    if state is S.APPROVED:
        handed_on = [each.reviewed_at for each in rounds if each.in_centre and each.reviewed_at is not None]
        return due_date(DeadlineId.T07, min(handed_on)) if handed_on else None
    return None


def _unit_due(rounds: Sequence[RoundFacts]) -> DueDate | None:
    """The earliest limit for correcting what province (T04) or centre (T08) returned; None: nothing was."""
    returns = [
        (deadline, at)
        for each in rounds
        for deadline, count, at in (
            (DeadlineId.T04, each.returned_count, each.reviewed_at),
            (DeadlineId.T08, each.format_returned_count, each.format_checked_at),
        )
        if count and at is not None
    ]
    corrected_at = [each.submitted_at for each in rounds if each.replaced_count and each.submitted_at]
    unanswered = [said for said in returns if not corrected_at or said[1] > max(corrected_at)]
    dues = [due_date(deadline, at) for deadline, at in unanswered or returns]
    return min((due for due in dues if due is not None), key=lambda due: due.at, default=None)
