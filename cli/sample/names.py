"""Made-up names (虚构姓名) as records carry them: Han, with rare characters, minority, foreign."""

from collections.abc import Sequence
from random import Random

from cli.sample import name_words
from cli.sample.name_words import Word

Name = tuple[str, str]
"""The name as on the certificate (XM) and its reading (XMPY): surname first, one space, both capitalised."""

MALE, FEMALE = "1", "2"


def han_name(rng: Random, sex: str) -> Name:
    """A Han name of two or three characters (double surnames: three or four)."""
    given = name_words.GIVEN_MALE if sex == MALE else name_words.GIVEN_FEMALE
    return _joined(rng.choice(name_words.SURNAMES), rng.choices(given, k=1 if rng.random() < 0.2 else 2))


def rare_name(rng: Random, sex: str) -> Name:
    """A Han name with a rare character (生僻字), most of them outside the basic plane."""
    given = name_words.GIVEN_MALE if sex == MALE else name_words.GIVEN_FEMALE
    words = [rng.choice(given), rng.choice(name_words.GIVEN_RARE)]
    return _joined(rng.choice(name_words.SURNAMES), words[rng.randrange(2) :])


def dotted_name(rng: Random, sex: str) -> Name:
    """Own name · father's name, parted by U+00B7 (民委发〔2016〕33号)."""
    own = rng.choice(name_words.DOTTED_MALE if sex == MALE else name_words.DOTTED_FEMALE)
    father = rng.choice([word for word in name_words.DOTTED_MALE if word != own])
    return f"{own[0]}·{father[0]}", f"{own[1]} {father[1]}"


def unparted_name(rng: Random, ethnic_code: str) -> Name:
    """A Tibetan or Mongolian name written in Han characters without a surname."""
    name, reading = rng.choice(name_words.UNPARTED[ethnic_code])
    return name, reading.replace("_", " ")


def foreign_name(rng: Random, country: tuple[str, str, str, str, str], sex: str) -> Name:
    """A name in Latin letters as in the passport of that country; its reading is the same."""
    _, _, male, female, family = country
    given = rng.choice((male if sex == MALE else female).split("|"))
    name = f"{rng.choice(family.split('|'))} {given}"
    return name, name


def foreign_name_in_han(rng: Random, sex: str) -> Name:
    """A foreign name registered in Han characters, parted by U+00B7; its reading is the passport's."""
    given = rng.choice(
        name_words.FOREIGN_IN_HAN_MALE if sex == MALE else name_words.FOREIGN_IN_HAN_FEMALE,
    )
    family = rng.choice(name_words.FOREIGN_IN_HAN_FAMILY)
    return f"{given[0]}·{family[0]}", f"{family[1]} {given[1]}"


def _joined(surname: Word, given: Sequence[Word]) -> Name:
    reading = "".join(part for _, part in given).capitalize()
    return surname[0] + "".join(part for part, _ in given), f"{surname[1]} {reading}"
