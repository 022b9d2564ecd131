"""Legal moves of a batch: the table, and everything that is not in it."""

import itertools

import pytest

from contracts.reasons import Refused
from services.collector.domain.states import (
    MOVES,
    NAMES_ZH,
    OPENS_A_ROUND,
    BatchState,
    Command,
    Phase,
    move,
)


def test_a_batch_goes_from_received_to_submitted():
    assert move(BatchState.RECEIVED, Command.COLLECT) is Phase.COLLECTED
    assert move(BatchState.COLLECTED, Command.CHECK) is Phase.CHECKED
    assert move(BatchState.CHECKED, Command.SUBMIT) is Phase.SUBMITTED


@pytest.mark.parametrize(
    ("state", "command"),
    [pair for pair in itertools.product(BatchState, Command) if pair not in MOVES],
)
def test_a_move_that_is_not_in_the_table_is_refused_with_the_state(state, command):
    refused = move(state, command)
    assert isinstance(refused, Refused)
    assert refused.code == "illegal-move"
    assert refused.extra["state"] == state


def test_a_filed_or_approved_batch_is_never_moved_by_its_unit():
    assert not {state for state, _ in MOVES} & {BatchState.FILED, BatchState.APPROVED}


def test_nothing_is_submitted_unchecked():
    assert [state for state, command in MOVES if command is Command.SUBMIT] == [BatchState.CHECKED]


def test_what_is_with_the_province_is_withdrawn_by_the_province_only():
    assert move(BatchState.SUBMITTED, Command.WITHDRAW) is Phase.WITHDRAWAL_REQUESTED
    assert isinstance(move(BatchState.WITHDRAWAL_REQUESTED, Command.WITHDRAW), Refused)


def test_a_new_round_begins_only_where_an_upload_is_legal():
    assert all(move(state, Command.UPLOAD) is Phase.RECEIVED for state in OPENS_A_ROUND)


def test_every_state_has_its_word():
    assert set(NAMES_ZH) == set(BatchState)
