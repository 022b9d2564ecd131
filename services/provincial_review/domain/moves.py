"""States of a review (省级审核) and the moves between them; everything else is refused with a reason."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.reasons import Refused


class ReviewState(StrEnum):
    """Where the review of one round stands."""

    WAITING = "waiting"
    ASSESSED = "assessed"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"

    @property
    def name_zh(self) -> str:
        """The state's name on screens."""
        return _NAMES_ZH[self]

    @property
    def is_open(self) -> bool:
        """Whether the province still has to decide."""
        return self in (ReviewState.WAITING, ReviewState.ASSESSED)


class Command(StrEnum):
    """What may be asked of a review: by a reviewer, an approver, or the unit."""

    ASSESS = "assess"
    SIGN = "sign"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


_NAMES_ZH = {
    ReviewState.WAITING: "待审核",
    ReviewState.ASSESSED: "待签发",
    ReviewState.COMPLETED: "审核完成",
    ReviewState.WITHDRAWN: "已撤回",
}

MOVES: Mapping[tuple[ReviewState, Command], ReviewState] = {
    (ReviewState.WAITING, Command.ASSESS): ReviewState.ASSESSED,
    (ReviewState.ASSESSED, Command.ASSESS): ReviewState.ASSESSED,
    (ReviewState.ASSESSED, Command.SIGN): ReviewState.COMPLETED,
    (ReviewState.ASSESSED, Command.SEND_BACK): ReviewState.WAITING,
    (ReviewState.WAITING, Command.WITHDRAW): ReviewState.WITHDRAWN,
    (ReviewState.ASSESSED, Command.WITHDRAW): ReviewState.WITHDRAWN,
}

_REFUSALS = {
    ReviewState.WAITING: "review-not-assessed",
    ReviewState.COMPLETED: "review-decided",
    ReviewState.WITHDRAWN: "review-withdrawn",
}


def move(state: ReviewState, command: Command) -> ReviewState | Refused:
    """The state a command leads to, or why it is refused."""
    after = MOVES.get((state, command))
    return after or Refused(_REFUSALS[state], {"state": state})
