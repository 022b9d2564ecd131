"""Two-person rules of a review: compared on the natural person, over the batch's whole life (Article 12(2), 13)."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.reasons import Refused
from contracts.vocabulary import Act, OfficeKind


@dataclass(frozen=True, slots=True)
class Persons:
    """The natural persons who acted on a batch so far, in all its rounds, by opaque identifier."""

    unit: frozenset[str]
    assessors: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()


def unit_persons(acts: Iterable[Act]) -> frozenset[str]:
    """Who of the submitting unit acted, from the acts an event carries."""
    return frozenset(act.person for act in acts if act.office.startswith(f"{OfficeKind.UNIT}:"))


def may_assess(person: str, persons: Persons) -> Refused | None:
    """Refuses (same-person) whoever acted for the unit or signed an opinion on an earlier round."""
    return _differs(person, unit=persons.unit, approve=persons.approvers)


def may_approve(person: str, persons: Persons) -> Refused | None:
    """Refuses (same-person) whoever acted for the unit or assessed any round of the batch."""
    return _differs(person, unit=persons.unit, assess=persons.assessors)


def _differs(person: str, **others: frozenset[str]) -> Refused | None:
    for act, persons in others.items():
        if person in persons:
            return Refused("same-person", {"acted_as": act})
    return None
