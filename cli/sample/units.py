"""Degree-granting units (学位授予单位) as samples show them: the real name, made-up office holders."""

from dataclasses import dataclass
from functools import cache
from random import Random

from cli.sample import names
from contracts.standard.tables import institution


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with the persons whose names stand on its certificates (校长, 学位评定委员会主席)."""

    code: str
    name: str
    head: str
    chair: str


@cache
def unit_of(code: str) -> Unit:
    """The unit of that code; the same made-up head and chair every time.

    Raises ValueError when the institution table has no such code.
    """
    found = institution(code)
    if found is None:
        raise ValueError(f"unit code {code} is not in the institution table")
    rng = Random(f"office holders of {code}")  # noqa: S311 - made-up people, not secrets
    head = names.han_name(rng, rng.choice((names.MALE, names.FEMALE)))[0]
    chair = names.han_name(rng, rng.choice((names.MALE, names.FEMALE)))[0]
    return Unit(code, found.name_zh, head, chair)
