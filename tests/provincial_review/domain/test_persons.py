"""Two-person rules are about the natural person and the batch's whole life."""

from contracts.vocabulary import ActKind
from services.provincial_review.domain.persons import Persons, may_approve, may_assess, unit_persons
from tests.provincial_review.submissions import UNIT_ACTS, act

SO_FAR = Persons(unit=frozenset({"u-1"}), assessors=frozenset({"p-1"}), approvers=frozenset({"p-2"}))


def test_whoever_acted_for_the_unit_neither_assesses_nor_approves():
    for refused in (may_assess("u-1", SO_FAR), may_approve("u-1", SO_FAR)):
        assert refused is not None
        assert (refused.code, refused.extra) == ("same-person", {"acted_as": "unit"})


def test_an_assessor_of_any_round_does_not_approve():
    refused = may_approve("p-1", SO_FAR)
    assert refused is not None
    assert (refused.code, refused.extra) == ("same-person", {"acted_as": "assess"})


def test_an_approver_of_any_round_does_not_assess():
    refused = may_assess("p-2", SO_FAR)
    assert refused is not None
    assert (refused.code, refused.extra) == ("same-person", {"acted_as": "approve"})


def test_the_same_two_persons_may_go_on_in_their_parts_and_strangers_in_both():
    assert may_assess("p-1", SO_FAR) is None
    assert may_approve("p-2", SO_FAR) is None
    assert may_assess("p-3", SO_FAR) is None
    assert may_approve("p-3", SO_FAR) is None


def test_acts_of_other_offices_in_an_event_are_not_the_units():
    acts = (*UNIT_ACTS, act(ActKind.ASSESS, "p-1", "province:32", "reviewer"))
    assert unit_persons(acts) == {"u-1", "u-2", "u-3"}
