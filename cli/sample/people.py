"""Made-up people (虚构人员): a mix of citizens, of Hong Kong, Macao and Taiwan residents and of foreigners.

Every combination keeps the rules that tie document, country, ethnic group and political status together
(RULES F04–F13, C01–C04).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from random import Random

from cli.sample import identity, name_words, names
from cli.sample.identity import CHINA, HONG_KONG, MACAO, TAIWAN


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; codes as in the standard's tables, ``born`` as YYYYMMDD, "" where nothing applies."""

    name: str
    reading: str
    sex: str
    country: str
    ethnic: str
    political: str
    born: str
    document: str
    number: str


class Kind(StrEnum):
    """What sort of person, as far as the rules tell people apart."""

    HAN = "han"
    RARE = "rare"
    HAN_NAMED_MINORITY = "han-named minority"
    DOTTED_MINORITY = "dotted minority"
    UNPARTED_MINORITY = "unparted minority"
    TRAVEL_PERMIT = "travel permit"
    RESIDENCE_PERMIT = "residence permit"
    OVERSEAS_CHINESE = "overseas Chinese"
    FOREIGN_PASSPORT = "passport"
    FOREIGN_IN_HAN = "passport, name in Han"
    PERMANENT_RESIDENT = "permanent resident"
    PERMANENT_RESIDENT_OLD = "permanent resident, old card"


CITIZENS: Mapping[Kind, int] = {
    Kind.HAN: 880,
    Kind.RARE: 8,
    Kind.HAN_NAMED_MINORITY: 60,
    Kind.DOTTED_MINORITY: 14,
    Kind.UNPARTED_MINORITY: 8,
    Kind.TRAVEL_PERMIT: 12,
    Kind.RESIDENCE_PERMIT: 8,
    Kind.OVERSEAS_CHINESE: 2,
}
"""Weights of those who study as citizens or as residents of Hong Kong, Macao and Taiwan."""

FOREIGNERS: Mapping[Kind, int] = {
    Kind.FOREIGN_PASSPORT: 88,
    Kind.FOREIGN_IN_HAN: 8,
    Kind.PERMANENT_RESIDENT: 3,
    Kind.PERMANENT_RESIDENT_OLD: 1,
}
"""Weights of international students (来华留学)."""

EVERYBODY: Mapping[Kind, int] = {kind: weight * 10 for kind, weight in CITIZENS.items()} | {
    kind: weight * 3 for kind, weight in FOREIGNERS.items()
}
"""Weights of graduate categories, which hold international students too."""

# Communist Youth League members and citizens without affiliation lead among students.
_POLITICAL = ("03",) * 60 + ("13",) * 24 + ("01",) * 10 + ("02",) * 5 + ("05",)


def draw_people(
    count: int, mix: Mapping[Kind, int], born_from: date, born_until: date, rng: Random
) -> list[Person]:
    """``count`` people born in the period, no two with the same document number.

    From 50 people on, each kind of the mix occurs at least once.
    """
    birthdays = _days(born_from, born_until)
    kinds = list(mix) if count >= 50 else []
    kinds += rng.choices(list(mix), weights=list(mix.values()), k=count - len(kinds))
    rng.shuffle(kinds)
    people: list[Person] = []
    seen: set[str] = set()
    for kind in kinds:
        make = _MAKERS[kind]
        person = make(rng, rng.choice(birthdays))
        while person.number in seen:
            person = make(rng, rng.choice(birthdays))
        seen.add(person.number)
        people.append(person)
    return people


def _days(first: date, last: date) -> list[str]:
    return [
        date.fromordinal(day).strftime("%Y%m%d") for day in range(first.toordinal(), last.toordinal() + 1)
    ]


def _citizen(rng: Random, born: str, sex: str, name: names.Name, ethnic: str) -> Person:
    number = identity.resident_number(rng, born, sex)
    political = rng.choice(_POLITICAL)
    return Person(*name, sex, CHINA, ethnic, political, born, identity.RESIDENT, number)


def _sex(rng: Random) -> str:
    return names.MALE if rng.random() < 0.5 else names.FEMALE


def _han(rng: Random, born: str) -> Person:
    sex = _sex(rng)
    return _citizen(rng, born, sex, names.han_name(rng, sex), "01")


def _rare(rng: Random, born: str) -> Person:
    sex = _sex(rng)
    return _citizen(rng, born, sex, names.rare_name(rng, sex), "01")


def _han_named_minority(rng: Random, born: str) -> Person:
    sex = _sex(rng)
    ethnic = rng.choice(name_words.HAN_NAMED_ETHNIC_CODES)
    return _citizen(rng, born, sex, names.han_name(rng, sex), ethnic)


def _dotted_minority(rng: Random, born: str) -> Person:
    sex = _sex(rng)
    ethnic = rng.choice(name_words.DOTTED_ETHNIC_CODES)
    return _citizen(rng, born, sex, names.dotted_name(rng, sex), ethnic)


def _unparted_minority(rng: Random, born: str) -> Person:
    ethnic = rng.choice(tuple(name_words.UNPARTED))
    return _citizen(rng, born, _sex(rng), names.unparted_name(rng, ethnic), ethnic)


def _travel_permit(rng: Random, born: str) -> Person:
    sex, country = _sex(rng), rng.choice((HONG_KONG, MACAO, TAIWAN))
    document = identity.TRAVEL_TAIWAN if country == TAIWAN else identity.TRAVEL_HK_MACAO
    number = identity.travel_permit_number(rng, country)
    # The ethnic group is optional for residents of Hong Kong, Macao and Taiwan (FIELDS, MZM).
    ethnic = rng.choice(("01", ""))
    return Person(*names.han_name(rng, sex), sex, country, ethnic, "", born, document, number)


def _residence_permit(rng: Random, born: str) -> Person:
    sex, country = _sex(rng), rng.choice((HONG_KONG, MACAO, TAIWAN))
    number = identity.residence_permit_number(rng, born, sex, country)
    return Person(*names.han_name(rng, sex), sex, country, "", "", born, identity.RESIDENCE_PERMIT, number)


def _overseas_chinese(rng: Random, born: str) -> Person:
    sex = _sex(rng)
    number = identity.overseas_passport_number(rng)
    return Person(*names.han_name(rng, sex), sex, CHINA, "01", "", born, identity.OVERSEAS_PASSPORT, number)


def _foreign_passport(rng: Random, born: str) -> Person:
    sex, country = _sex(rng), rng.choice(name_words.FOREIGN)
    name = names.foreign_name(rng, country, sex)
    return Person(*name, sex, country[0], "", "", born, identity.PASSPORT, identity.passport_number(rng))


def _foreign_in_han(rng: Random, born: str) -> Person:
    sex, country = _sex(rng), rng.choice(name_words.FOREIGN)
    name = names.foreign_name_in_han(rng, sex)
    return Person(*name, sex, country[0], "", "", born, identity.PASSPORT, identity.passport_number(rng))


def _permanent_resident(rng: Random, born: str) -> Person:
    sex, country = _sex(rng), rng.choice(name_words.FOREIGN)
    number = identity.permanent_resident_number(rng, born, sex, country[0])
    name = names.foreign_name(rng, country, sex)
    return Person(*name, sex, country[0], "", "", born, identity.PERMANENT_RESIDENT, number)


def _permanent_resident_old(rng: Random, born: str) -> Person:
    sex, country = _sex(rng), rng.choice(name_words.FOREIGN)
    number = identity.old_permanent_resident_number(rng, born, country[1])
    name = names.foreign_name(rng, country, sex)
    return Person(*name, sex, country[0], "", "", born, identity.PERMANENT_RESIDENT_OLD, number)


_MAKERS: Mapping[Kind, Callable[[Random, str], Person]] = {
    Kind.HAN: _han,
    Kind.RARE: _rare,
    Kind.HAN_NAMED_MINORITY: _han_named_minority,
    Kind.DOTTED_MINORITY: _dotted_minority,
    Kind.UNPARTED_MINORITY: _unparted_minority,
    Kind.TRAVEL_PERMIT: _travel_permit,
    Kind.RESIDENCE_PERMIT: _residence_permit,
    Kind.OVERSEAS_CHINESE: _overseas_chinese,
    Kind.FOREIGN_PASSPORT: _foreign_passport,
    Kind.FOREIGN_IN_HAN: _foreign_in_han,
    Kind.PERMANENT_RESIDENT: _permanent_resident,
    Kind.PERMANENT_RESIDENT_OLD: _permanent_resident_old,
}
