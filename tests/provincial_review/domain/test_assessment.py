"""A reviewer decides on every record: what is not returned is approved."""

import pytest

from contracts.reasons import Refused
from contracts.vocabulary import RecordCategory
from services.provincial_review.domain.assessment import Assessed, Return, ReturnAll, assess

ROWS = {f"{'a' * 32}.1.{row}": row for row in (2, 3, 4)}
FIRST, SECOND, THIRD = ROWS


def decide(wish: list[Return] | ReturnAll, *, partial_approval: bool = True) -> Assessed | Refused:
    return assess(wish, ROWS, RecordCategory.X1, partial_approval=partial_approval)


def test_nothing_returned_approves_all():
    assert decide([]) == Assessed((), approved_count=3)
    assert decide([], partial_approval=False) == Assessed((), approved_count=3)


def test_returned_records_are_listed_in_the_order_of_the_file():
    assessed = decide(
        [Return(THIRD, "rule-broken"), Return(FIRST, "name-differs", field="XM", comment="字形不同")]
    )
    assert isinstance(assessed, Assessed)
    assert [(each.record_id, each.row, each.reason_code) for each in assessed.returned] == [
        (FIRST, 2, "name-differs"),
        (THIRD, 4, "rule-broken"),
    ]
    assert (assessed.returned[0].field, assessed.returned[0].comment) == ("XM", "字形不同")
    assert assessed.approved_count == 1


def test_without_partial_approval_one_returned_record_returns_the_round():
    assessed = decide([Return(SECOND, "rule-broken")], partial_approval=False)
    assert isinstance(assessed, Assessed)
    assert assessed.approved_count == 0
    assert [each.reason_code for each in assessed.returned] == [
        "whole-batch-returned",
        "rule-broken",
        "whole-batch-returned",
    ]


def test_the_whole_round_is_returned_for_one_reason():
    assessed = decide(ReturnAll("scan-unreadable", "第二页缺失"))
    assert isinstance(assessed, Assessed)
    assert assessed.approved_count == 0
    assert {(each.reason_code, each.comment) for each in assessed.returned} == {
        ("scan-unreadable", "第二页缺失")
    }
    assert [each.row for each in assessed.returned] == [2, 3, 4]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ([Return(f"{'a' * 32}.2.2", "other")], "record-unknown"),
        ([Return(FIRST, "other"), Return(FIRST, "rule-broken")], "record-named-twice"),
        ([Return(FIRST, "no-such-reason")], "return-reason-unknown"),
        ([Return(FIRST, "token-invalid")], "return-reason-unknown"),
        ([Return(FIRST, "other", field="NO_SUCH")], "field-unknown"),
        (ReturnAll("busy"), "return-reason-unknown"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_decision_that_names_what_is_not_there_is_refused(wish: list[Return] | ReturnAll, code: str):
    refused = decide(wish)
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_a_record_with_an_error_finding_is_returned_or_the_decision_is_refused():
    broken = frozenset({SECOND, THIRD})
    refused = assess(
        [Return(THIRD, "rule-broken")], ROWS, RecordCategory.X1, partial_approval=True, broken=broken
    )
    assert refused == Refused("record-breaks-rule", {"record_id": SECOND, "count": 1})
    both = [Return(each, "rule-broken") for each in (SECOND, THIRD)]
    assessed = assess(both, ROWS, RecordCategory.X1, partial_approval=True, broken=broken)
    assert isinstance(assessed, Assessed)
    assert assessed.approved_count == 1


def test_one_wrong_record_refuses_the_whole_decision():
    refused = decide([Return(FIRST, "other"), Return("b", "other")])
    assert isinstance(refused, Refused)
