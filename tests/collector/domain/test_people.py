"""Four eyes on the natural person, over the batch's whole life (Article 12(2), S01)."""

import itertools

import pytest

from contracts.reasons import Refused
from contracts.vocabulary import ActKind
from services.collector.domain.people import People, may_act

ACTS = (ActKind.COLLECT, ActKind.CHECK, ActKind.SUBMIT)
DONE = {ActKind.COLLECT: "collectors", ActKind.CHECK: "checkers", ActKind.SUBMIT: "submitters"}


@pytest.mark.parametrize("act", ACTS)
def test_a_person_nobody_knows_yet_may_do_any_act(act):
    assert may_act(act, "new", People(frozenset({"a"}), frozenset({"b"}), frozenset({"c"}))) is None


@pytest.mark.parametrize(("before", "act"), list(itertools.permutations(ACTS, 2)))
def test_who_did_one_act_never_does_another(before, act):
    refused = may_act(act, "lin", People(**{DONE[before]: frozenset({"lin"})}))
    assert isinstance(refused, Refused)
    assert refused.code == "same-person"
    assert refused.extra == {"rule": "S01", "act": act, "did_before": before}


@pytest.mark.parametrize("act", ACTS)
def test_a_person_may_do_the_same_act_again_in_the_next_round(act):
    assert may_act(act, "lin", People(**{DONE[act]: frozenset({"lin"})})) is None
