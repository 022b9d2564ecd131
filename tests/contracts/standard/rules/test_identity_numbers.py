"""GB 11643: known numbers are valid, and no single slip in a number goes unnoticed."""

import string
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.standard.pack import check_records
from contracts.standard.rules.identity_numbers import check_character, expected_check_character
from contracts.vocabulary import RecordCategory
from tests.contracts.standard.rules.cases import check, context_of, frame_of

ABOUT_NUMBERS = {"F02", "F03", "F12", "F13", "C01", "C02", "C03"}
SLIPS = string.digits + string.ascii_letters + "０Ｘ٣ -·张"


def residents(birth: str, place: str, serial: int) -> str:
    body = f"{place}{birth}{serial:03d}"
    return body + check_character(body)


numbers = st.builds(
    residents,
    st.dates(date(1950, 1, 1), date(2008, 12, 31)).map(lambda day: f"{day:%Y%m%d}"),
    st.sampled_from(["110105", "320106", "440106", "650100"]),
    st.integers(min_value=0, max_value=999),
)


def cells_of(number: str) -> dict[str, str | None]:
    return {"ZJHM": number, "CSRQ": number[6:14], "XBM": "1" if int(number[16]) % 2 else "2"}


@pytest.mark.parametrize(
    ("number", "document", "country"),
    [
        ("11010519491231002X", "01", "156"),
        ("440106200002291115", "01", "156"),
        ("810000199003070015", "07", "344"),
    ],
)
def test_the_published_test_numbers_are_valid(number: str, document: str, country: str) -> None:
    status = "03" if document == "01" else None
    record = cells_of(number) | {"ZJLXM": document, "GBM": country, "ZZMMM": status}
    assert check(record).findings.is_empty()


def test_a_permanent_resident_card_of_2023_has_the_same_check_character() -> None:
    record = cells_of("911840199003070014") | {"ZJLXM": "08", "GBM": "840"}
    assert check(record, category=RecordCategory.X3).findings.is_empty()
    wrong = record | {"ZJHM": "911840199003070015"}
    assert check(wrong, category=RecordCategory.X3).by_rule() == {"F13": 1}


@settings(max_examples=12, deadline=None)
@given(numbers)
def test_changing_any_one_character_of_a_valid_number_gives_a_finding(number: str) -> None:
    changed = [
        number[:place] + sign + number[place + 1 :]
        for place in range(len(number))
        for sign in SLIPS
        if sign != number[place]
    ]
    cells = cells_of(number)
    frame = frame_of(
        [cells, *({**cells, "ZJHM": one, "XWZSBH": f"1000142025{i:06d}"} for i, one in enumerate(changed, 2))]
    )
    findings = check_records(frame, context_of()).findings.filter(pl.col("rule").is_in(ABOUT_NUMBERS))
    noticed = set(findings["row"].to_list())
    assert noticed == set(frame["row"].to_list()[1:])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(string.digits, min_size=17, max_size=17), min_size=1, max_size=50))
def test_the_vectorised_check_character_is_that_of_the_standard(bodies: list[str]) -> None:
    frame = pl.DataFrame({"ZJLXM": ["01"] * len(bodies), "ZJHM": [body + "0" for body in bodies]})
    expected = frame.select(found=expected_check_character())["found"].to_list()
    assert expected == [check_character(body) for body in bodies]
