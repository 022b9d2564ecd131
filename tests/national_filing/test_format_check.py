"""The decision of the format check, without any store."""

from services.national_filing.domain.format_check import Broken, decide_format_check
from services.national_filing.domain.receipt import filing_number

ROWS = {"a": 2, "b": 3, "c": 4}


def test_everything_passes_when_nothing_is_broken() -> None:
    outcome = decide_format_check(ROWS, [], None, [])
    assert outcome.passed == ("a", "b", "c")
    assert outcome.returned == ()


def test_a_broken_record_is_returned_and_the_others_pass() -> None:
    outcome = decide_format_check({f"{'0' * 32}.1.{row}": row for row in (2, 3)}, [_broken(3)], None, [])
    assert [each.row for each in outcome.returned] == [3]
    assert [each.rule for each in outcome.returned] == ["F13"]
    assert len(outcome.passed) == 1


def test_a_record_that_breaks_two_rules_is_returned_once_for_the_first() -> None:
    rows = {f"{'0' * 32}.1.2": 2}
    outcome = decide_format_check(rows, [_broken(2), _broken(2, "C01")], None, list(rows))
    assert [each.rule for each in outcome.returned] == ["F13"]


def test_a_taken_certificate_number_returns_the_record_under_m02() -> None:
    rows = {f"{'0' * 32}.1.2": 2}
    (returned,) = decide_format_check(rows, [], None, list(rows)).returned
    assert (returned.reason_code, returned.rule, returned.field) == (
        "certificate-number-taken",
        "M02",
        "XWZSBH",
    )


def test_a_rule_the_whole_set_breaks_returns_every_record() -> None:
    rows = {f"{'0' * 32}.1.{row}": row for row in (2, 3)}
    outcome = decide_format_check(rows, [], "F01", [])
    assert outcome.passed == ()
    assert {each.rule for each in outcome.returned} == {"F01"}


def test_filing_numbers_tell_year_province_and_serial() -> None:
    assert filing_number(2026, "32", 17) == "BA2026-32-000017"


def _broken(row: int, rule: str = "F13") -> Broken:
    return Broken(f"{'0' * 32}.1.{row}", rule, "ZJHM")
