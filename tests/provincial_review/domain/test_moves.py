"""A review moves only as the table says."""

from itertools import product

import pytest

from contracts.reasons import Refused
from services.provincial_review.domain.moves import MOVES, Command, ReviewState, move

ALLOWED = {
    ("waiting", "assess", "assessed"),
    ("assessed", "assess", "assessed"),
    ("assessed", "sign", "completed"),
    ("assessed", "send_back", "waiting"),
    ("waiting", "withdraw", "withdrawn"),
    ("assessed", "withdraw", "withdrawn"),
}


@pytest.mark.parametrize(("state", "command", "after"), sorted(ALLOWED))
def test_a_legal_move_leads_on(state: str, command: str, after: str):
    assert move(ReviewState(state), Command(command)) == ReviewState(after)


@pytest.mark.parametrize(
    ("state", "command"), [each for each in product(ReviewState, Command) if each not in MOVES]
)
def test_every_other_move_is_refused_with_the_state(state: ReviewState, command: Command):
    refused = move(state, command)
    assert isinstance(refused, Refused)
    assert refused.extra == {"state": state}


def test_the_refusal_says_why():
    codes = {
        state: refused.code
        for state in (ReviewState.WAITING, ReviewState.COMPLETED, ReviewState.WITHDRAWN)
        if isinstance(refused := move(state, Command.SIGN), Refused)
    }
    assert codes == {
        "waiting": "review-not-assessed",
        "completed": "review-decided",
        "withdrawn": "review-withdrawn",
    }
