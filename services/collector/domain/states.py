"""The states of a batch and of its rounds, and the literal table of legal moves (Articles 11–13, 17)."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.reasons import Refused


class Phase(StrEnum):
    """How far one round (轮次) has come."""

    RECEIVED = "received"
    DRAFT = "draft"
    COLLECTED = "collected"
    CHECKED = "checked"
    SUBMITTED = "submitted"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    """The province decided: what happens to its records is counted, no longer moved."""


class BatchState(StrEnum):
    """The state of a batch (批次状态), derived from its rounds and records."""

    RECEIVED = "received"
    DRAFT = "draft"
    COLLECTED = "collected"
    CHECKED = "checked"
    SUBMITTED = "submitted"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    RETURNED = "returned"
    FILED = "filed"

    @property
    def name_zh(self) -> str:
        """The state's name on screens."""
        return NAMES_ZH[self]


S, P = BatchState, Phase

NAMES_ZH: Mapping[BatchState, str] = {
    S.RECEIVED: "已接收",
    S.DRAFT: "采集中",
    S.COLLECTED: "采集完成",
    S.CHECKED: "校核通过",
    S.SUBMITTED: "已上报",
    S.WITHDRAWAL_REQUESTED: "申请撤回",
    S.WITHDRAWN: "已撤回",
    S.APPROVED: "审核通过",
    S.PARTLY_APPROVED: "部分通过",
    S.RETURNED: "退回",
    S.FILED: "已备案",
}

OPEN: Mapping[Phase, BatchState] = {
    P.RECEIVED: S.RECEIVED,
    P.DRAFT: S.DRAFT,
    P.COLLECTED: S.COLLECTED,
    P.CHECKED: S.CHECKED,
    P.SUBMITTED: S.SUBMITTED,
    P.WITHDRAWAL_REQUESTED: S.WITHDRAWAL_REQUESTED,
}
"""Phases of an open round: while the latest round is in one, it is the batch's state."""


class Command(StrEnum):
    """What may be asked of a batch."""

    UPLOAD = "upload"
    COLLECT = "collect"
    FIND_ERRORS = "find_errors"
    CHECK = "check"
    OBJECT = "object"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"


C = Command

MOVES: Mapping[tuple[BatchState, Command], Phase] = {
    (S.RECEIVED, C.COLLECT): P.COLLECTED,
    (S.RECEIVED, C.FIND_ERRORS): P.DRAFT,
    (S.RECEIVED, C.UPLOAD): P.RECEIVED,
    (S.RECEIVED, C.WITHDRAW): P.WITHDRAWN,
    (S.DRAFT, C.UPLOAD): P.RECEIVED,
    (S.DRAFT, C.WITHDRAW): P.WITHDRAWN,
    (S.COLLECTED, C.UPLOAD): P.RECEIVED,
    (S.COLLECTED, C.CHECK): P.CHECKED,
    (S.COLLECTED, C.OBJECT): P.DRAFT,
    (S.COLLECTED, C.WITHDRAW): P.WITHDRAWN,
    (S.CHECKED, C.UPLOAD): P.RECEIVED,
    (S.CHECKED, C.SUBMIT): P.SUBMITTED,
    (S.CHECKED, C.WITHDRAW): P.WITHDRAWN,
    (S.SUBMITTED, C.WITHDRAW): P.WITHDRAWAL_REQUESTED,
    (S.WITHDRAWN, C.UPLOAD): P.RECEIVED,
    (S.PARTLY_APPROVED, C.UPLOAD): P.RECEIVED,
    (S.RETURNED, C.UPLOAD): P.RECEIVED,
}
"""Every legal move: what is not here is refused. The phase is the one the round enters."""

OPENS_A_ROUND = frozenset({S.WITHDRAWN, S.PARTLY_APPROVED, S.RETURNED})
"""States in which an upload begins the next round instead of replacing the present upload."""


def move(state: BatchState, command: Command) -> Phase | Refused:
    """The phase the round enters by a command, or the refusal ``illegal-move``."""
    phase = MOVES.get((state, command))
    if phase is None:
        return Refused("illegal-move", {"state": state, "state_zh": state.name_zh, "command": command})
    return phase
