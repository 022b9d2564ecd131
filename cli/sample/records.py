"""Valid degree records (学位授予信息) of made-up people, for each of the ten record categories.

A sample keeps every rule of the standard that data alone can keep; what needs a register (styles,
authorisations, office holders) is filled in form only.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

import polars as pl

from cli.sample import names, people, studies, terms, theses
from cli.sample.people import Person
from cli.sample.studies import Study
from cli.sample.terms import APPLICANTS, Term
from cli.sample.theses import Thesis
from cli.sample.units import Unit, unit_of
from contracts.standard.fields import Requirement, fields_of
from contracts.vocabulary import DegreeLevel, RecordCategory

Row = dict[str, str]

SIXTEEN_DIGITS_SINCE = date(2016, 1, 1)
"""Certificates awarded before bear prefix letters (F27), which samples do not make."""

THESES_OF_BACHELORS_SINCE = date(2024, 6, 1)
"""From this award date on bachelor records carry a thesis (C19)."""

_GRADUATE_THESIS_TYPES = ("1", "2", "2", "3", "4")
_BACHELOR_THESIS_TYPES = ("BYLW",) * 60 + ("BYSJ",) * 36 + ("QT",) * 2 + ("W", "SMLW")
_ADULT_FORMS = ("02", "03", "07", "10", "12", "13")
_PARTNER = "10001"
"""The unit of the other side in joint bachelor degrees (联合培养单位)."""
_LANGUAGES = {"050201": "en", "050207": "ja", "0502": "en"}


def make_records(
    category: str,
    unit_code: str,
    count: int,
    *,
    seed: int,
    award_on: date,
    resolution_number: str,
    first_serial: int = 1,
) -> pl.DataFrame:
    """``count`` valid records of a category (采集类别), awarded by a unit on one day under one resolution.

    The columns are the field codes of the category in the order of the standard, all text, null for an
    empty cell. Certificate and student numbers count up from ``first_serial``: give another one to each batch of the
    same unit, level and year. The same arguments give the same records. Raises ValueError when the unit
    is unknown, the serial numbers pass six digits or the award is older than the numbers' form.
    """
    if award_on < SIXTEEN_DIGITS_SINCE:
        raise ValueError("certificate numbers of sixteen digits begin in 2016")
    if not 1 <= first_serial <= 1_000_000 - count:
        raise ValueError("serial numbers of certificates have six digits")
    kind = RecordCategory(category)
    unit = unit_of(unit_code)
    rng = Random(f"{seed}/{kind}/{unit_code}/{first_serial}")  # noqa: S311 - made-up people, not secrets
    persons = people.draw_people(count, _mix(kind), *terms.birth_period(kind, award_on), rng)
    rows = [
        _person(person)
        | _course(kind, study, term, person, serial, award_on)
        | _thesis(rng, kind, study, award_on)
        | _contact(serial)
        for serial, (person, study, term) in enumerate(
            _enrolments(rng, kind, persons, award_on), start=first_serial
        )
    ]
    numbers = _certificate_numbers(kind, unit_code, award_on, first_serial, count)
    return _framed(kind, rows, _constants(kind, unit, award_on, resolution_number), numbers)


def _mix(kind: RecordCategory) -> Mapping[people.Kind, int]:
    match kind:
        case RecordCategory.X3:
            return people.FOREIGNERS
        case RecordCategory.X1 | RecordCategory.X2 | RecordCategory.X4:
            return people.CITIZENS
        case _:
            return people.EVERYBODY


def _enrolments(
    rng: Random, kind: RecordCategory, persons: Sequence[Person], award_on: date
) -> list[tuple[Person, Study, Term]]:
    chosen = rng.choices(studies.studies_of(kind), k=len(persons))
    return [
        (person, study, terms.draw_term(rng, kind, award_on, study.years))
        for person, study in zip(persons, chosen, strict=True)
    ]


def _constants(kind: RecordCategory, unit: Unit, award_on: date, resolution_number: str) -> Row:
    """What all records of one resolution share."""
    bachelor = kind.level is DegreeLevel.BACHELOR
    return {
        "XWSYDWM": unit.code,
        "XZXM": unit.head,
        "ZXXM": unit.chair,
        # Graduate records name a training unit only when it is another one.
        "PYDWM": unit.code if bachelor else "",
        "HXWRQ": f"{award_on:%Y%m%d}",
        "JYBH": resolution_number,
        "XWZSYS": f"{unit.code}-{kind}-{award_on.year}",
        "SFDEXW": "0",
        "SFFXXW": "0",
        "SFZFXXW": "0",
        "SFSXSXW": "0",
    }


def _certificate_numbers(
    kind: RecordCategory, unit_code: str, award_on: date, first: int, count: int
) -> list[str]:
    """Sixteen digits: unit, level, year, six digits of the unit's own (学位〔2015〕18号, C06)."""
    prefix = f"{unit_code}{kind.level}{award_on.year}"
    return [f"{prefix}{serial:06d}" for serial in range(first, first + count)]


def _person(person: Person) -> Row:
    return {
        "XM": person.name,
        "XMPY": person.reading,
        "XBM": person.sex,
        "GBM": person.country,
        "MZM": person.ethnic,
        "ZZMMM": person.political,
        "CSRQ": person.born,
        "ZJLXM": person.document,
        "ZJHM": person.number,
        "ZP": f"{person.number}.jpg",
    }


def _course(
    kind: RecordCategory, study: Study, term: Term, person: Person, serial: int, award_on: date
) -> Row:
    row = {
        "XWLBM": study.degree,
        "ZYDM": study.major,
        "ZYMC": study.name,
        "ZSZYMC": study.name,
        "ZYLY": study.profession,
        "YJXKM": study.first_level,
        "SFYJXK": study.by_first_level,
    }
    if kind in APPLICANTS:
        month = terms.application_month(award_on)
        return row | {"SQXWBH": f"{kind}{month}{serial:06d}", "SQXWNY": month}
    # One place for the category keeps student numbers apart between batches of one unit.
    place = list(RecordCategory).index(kind)
    row |= {"RXNY": term.entry, "BYNY": term.graduation, "XH": f"{term.entry[:4]}{place}{serial:06d}"}
    if kind.level is DegreeLevel.BACHELOR:
        return row | _bachelor_course(kind, term, person, serial)
    return row | {"XXFSM": "1" if serial % 5 else "2", "GDLXM": "11"}


def _bachelor_course(kind: RecordCategory, term: Term, person: Person, serial: int) -> Row:
    adult = kind is RecordCategory.X2
    # 考生号 of the entrance examination: year, province, ten digits more (F26).
    province = person.number[:2] if person.document == "01" else "11"
    candidate = "" if kind is RecordCategory.X3 else f"{term.entry[2:4]}{province}0100{serial:06d}"
    joint = kind is RecordCategory.X1 and serial % 200 == 0
    return {
        "SFLHXW": "1" if joint else "0",
        "LHPYDWM": _PARTNER if joint else "",
        "KSH": candidate,
        "XZ": term.years,
        "XXXSM": _ADULT_FORMS[serial % len(_ADULT_FORMS)] if adult else "01",
        "WYKSNY": f"{int(term.graduation[:4]) - 1}11" if adult else "",
    }


def _contact(serial: int) -> Row:
    """An address for every third person, in the domain reserved for examples (RFC 2606)."""
    return {"DZYX": f"graduate{serial:06d}@example.com"} if serial % 3 == 0 else {}


def _thesis(rng: Random, kind: RecordCategory, study: Study, award_on: date) -> Row:
    if kind.level is not DegreeLevel.BACHELOR:
        return _thesis_fields(rng, study) | {"LWLXM": rng.choice(_GRADUATE_THESIS_TYPES)}
    if kind is RecordCategory.X2 or award_on < THESES_OF_BACHELORS_SINCE:
        return {}
    sort = rng.choice(_BACHELOR_THESIS_TYPES)
    # Without a thesis, and with a classified one, the other fields stay empty (C19).
    return {"LWLXM": sort} | ({} if sort in ("W", "SMLW") else _thesis_fields(rng, study))


def _thesis_fields(rng: Random, study: Study) -> Row:
    language = _LANGUAGES.get(study.major or study.first_level, "zh")
    thesis: Thesis = theses.draw_thesis(rng, study.group, language)
    supervisor = names.han_name(rng, names.MALE if rng.random() < 0.5 else names.FEMALE)[0]
    return {
        "DSXM": supervisor,
        "LWTM": thesis.title,
        "LWGJC": thesis.keywords,
        "LWXTLYM": thesis.source,
        "LWYJFX": thesis.direction,
        "LWZXYZ": thesis.language,
    }


def _framed(
    kind: RecordCategory, rows: Sequence[Row], constants: Row, numbers: Sequence[str]
) -> pl.DataFrame:
    # Legacy columns are not named in Article 9 and stay away (data minimisation).
    codes = [field.code for field in fields_of(kind) if field.requirement is not Requirement.LEGACY]
    columns = {
        code: [constants[code] or None] * len(rows)
        if code in constants
        else [row.get(code) or None for row in rows]
        for code in codes
    }
    return pl.DataFrame(columns | {"XWZSBH": numbers}, schema=dict.fromkeys(columns, pl.String))
