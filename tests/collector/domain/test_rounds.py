"""The derived state of a batch: open round / in centre / owed / filed, whatever was heard first."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.domain.rounds import RoundFacts, owed_count, state_of
from services.collector.domain.states import OPEN, BatchState, Phase

AT = datetime(2026, 6, 20, tzinfo=UTC)


def a_round(number=1, records=10, phase=Phase.DECIDED, **facts):
    return RoundFacts(number=number, phase=phase, record_count=records, **facts)


def test_while_a_round_is_open_its_phase_is_the_state():
    for phase, state in OPEN.items():
        returned = a_round(approved_count=7, returned_count=3)
        assert state_of([returned, a_round(number=2, records=3, phase=phase)]) is state


def test_all_approved_is_approved_until_the_centre_spoke():
    assert state_of([a_round(approved_count=10, returned_count=0)]) is BatchState.APPROVED


def test_some_returned_is_partly_approved():
    assert state_of([a_round(approved_count=7, returned_count=3)]) is BatchState.PARTLY_APPROVED


def test_all_returned_is_returned():
    assert state_of([a_round(approved_count=0, returned_count=10)]) is BatchState.RETURNED


def test_the_rest_filed_leaves_what_is_owed_as_returned():
    facts = a_round(
        approved_count=7, returned_count=3, passed_count=7, format_returned_count=0, filed_count=7
    )
    assert state_of([facts]) is BatchState.RETURNED
    assert owed_count([facts]) == 3


def test_all_filed_is_filed():
    facts = a_round(approved_count=10, returned_count=0, passed_count=10, format_returned_count=0)
    assert state_of([facts]) is BatchState.APPROVED
    assert state_of([replace(facts, filed_count=10)]) is BatchState.FILED


def test_what_the_centre_returned_is_owed_though_the_province_approved_it():
    facts = a_round(
        approved_count=10, returned_count=0, passed_count=9, format_returned_count=1, filed_count=9
    )
    assert state_of([facts]) is BatchState.RETURNED
    assert owed_count([facts]) == 1


def test_a_submitted_correction_answers_what_was_owed():
    first = a_round(
        approved_count=7, returned_count=3, passed_count=7, format_returned_count=0, filed_count=7
    )
    second = a_round(
        2, 3, approved_count=3, returned_count=0, passed_count=3, format_returned_count=0, filed_count=3
    )
    assert state_of([first, replace(second, replaced_count=3)]) is BatchState.FILED


def test_a_correction_of_a_part_leaves_the_rest_owed():
    first = a_round(approved_count=7, returned_count=3, filed_count=7, format_returned_count=0)
    second = a_round(2, 2, approved_count=2, returned_count=0, filed_count=2, replaced_count=2)
    assert owed_count([first, second]) == 1
    assert state_of([first, second]) is BatchState.RETURNED


def test_a_withdrawn_correction_leaves_everything_owed():
    first = a_round(approved_count=0, returned_count=10)
    withdrawn = a_round(2, 10, phase=Phase.WITHDRAWN, replaced_count=0)
    assert state_of([first, withdrawn]) is BatchState.RETURNED


def test_a_withdrawn_batch_is_withdrawn():
    assert state_of([a_round(phase=Phase.WITHDRAWN)]) is BatchState.WITHDRAWN


def test_a_receipt_before_the_review_counts_as_what_it_says():
    assert state_of([a_round(filed_count=10)]) is BatchState.FILED
    assert state_of([a_round(filed_count=7)]) is BatchState.RETURNED


REVIEW = {"approved_count": 8, "returned_count": 2, "reviewed_at": AT}
FORMAT_CHECK = {"passed_count": 7, "format_returned_count": 1, "format_checked_at": AT}
FILING = {"filed_count": 7, "filed_at": AT}


@pytest.mark.parametrize("order", list(itertools.permutations([REVIEW, FORMAT_CHECK, FILING])))
def test_whatever_is_heard_first_the_end_is_the_same(order):
    facts = a_round(phase=Phase.SUBMITTED)
    for said in order:
        facts = replace(facts, phase=Phase.DECIDED, **said)
    assert state_of([facts]) is BatchState.RETURNED
    assert owed_count([facts]) == 3


@given(st.data())
def test_every_record_of_a_decided_round_is_in_the_centre_filed_or_came_back(data):
    records = data.draw(st.integers(1, 50))
    approved = data.draw(st.integers(0, records))
    format_returned = data.draw(st.integers(0, approved))
    passed = approved - format_returned
    heard = {"approved_count": approved, "returned_count": records - approved}
    if data.draw(st.booleans()):
        heard |= {"passed_count": passed, "format_returned_count": format_returned}
    if data.draw(st.booleans()):
        heard |= {"filed_count": passed}
    facts = a_round(records=records, **heard)
    assert facts.in_centre >= 0
    assert facts.in_centre + facts.came_back + (facts.filed_count or 0) == records


def test_the_last_return_tells_when_records_came_back():
    facts = a_round(**REVIEW, passed_count=7, format_returned_count=1, format_checked_at=AT.replace(day=25))
    assert facts.came_back_at == AT.replace(day=25)
    assert a_round(approved_count=10, returned_count=0, reviewed_at=AT).came_back_at is None
