"""Four eyes (校核与采集分离): Article 12(2), rule S01, judged on natural persons over a batch's whole life."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.reasons import Refused
from contracts.vocabulary import ActKind

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class People:
    """Who has collected, checked and submitted a batch so far, in any attempt of any round."""

    collectors: frozenset[str] = NOBODY
    checkers: frozenset[str] = NOBODY
    submitters: frozenset[str] = NOBODY


def may_act(kind: ActKind, person: str, people: People) -> Refused | None:
    """None when the person may do the act; ``same-person`` when they did one of the two others before.

    A batch is collected, checked and submitted by three persons; who did one of it never does another.
    """
    others: Mapping[ActKind, tuple[tuple[ActKind, frozenset[str]], ...]] = {
        ActKind.COLLECT: ((ActKind.CHECK, people.checkers), (ActKind.SUBMIT, people.submitters)),
        ActKind.CHECK: ((ActKind.COLLECT, people.collectors), (ActKind.SUBMIT, people.submitters)),
        ActKind.SUBMIT: ((ActKind.COLLECT, people.collectors), (ActKind.CHECK, people.checkers)),
    }
    for done, persons in others[kind]:
        if person in persons:
            return Refused("same-person", {"rule": "S01", "act": kind, "did_before": done})
    return None
