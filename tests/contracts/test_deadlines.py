"""The legal clock: what the regulation says, for every day, instant and time zone."""

import csv
import re
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.deadlines import (
    DEADLINES,
    SHANGHAI,
    DayCount,
    DeadlineId,
    due_date,
    semester_of,
    shanghai_day,
)
from contracts.generate import CONTRACTS

FIXED = {DeadlineId.T01: 30, DeadlineId.T03: 30, DeadlineId.T10: 30, DeadlineId.T12: 10}
LIMITED = sorted(id_ for id_, rule in DEADLINES.items() if rule.days is not None)
OPEN = sorted(id_ for id_, rule in DEADLINES.items() if rule.days is None)

DAYS = st.dates(date(1992, 1, 1), date(2199, 12, 31))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.builds(datetime.combine, DAYS, st.times(), OFFSETS)
LIMITS = st.integers(0, 400)
NEAR_MIDNIGHT = st.integers(-5_000_000, 5_000_000).map(lambda n: timedelta(microseconds=n))
CALENDARS = st.tuples(
    st.sets(st.dates(date(2026, 1, 1), date(2026, 3, 31))).map(frozenset),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 3, 31))).map(frozenset),
)
EARLY_2026 = st.dates(date(2025, 12, 25), date(2026, 4, 5))


def limited(event, days, **more):
    """A limit of so many days, through a deadline whose number the platform sets."""
    due = due_date(DeadlineId.T04, event, days=days, **more)
    assert due is not None
    return due


def is_working(day, holidays, made_up_days):
    return day in made_up_days or (day.isoweekday() <= 5 and day not in holidays)


def days_between(after, until):
    return [after + timedelta(days=n) for n in range(1, (until - after).days + 1)]


# --- calendar days ----------------------------------------------------------------------------------


@given(event=DAYS, days=LIMITS)
def test_a_limit_ends_at_24_00_of_day_n_in_shanghai(event, days):
    due = limited(event, days)
    assert due.day_zero == event
    assert due.last_day == event + timedelta(days=days)
    assert due.at.astimezone(SHANGHAI).time() == time.min
    assert due.at.astimezone(SHANGHAI).date() == due.last_day + timedelta(days=1)


@given(event=DAYS, days=LIMITS)
def test_no_summer_time_moves_a_limit(event, days):
    at_utc = limited(event, days).at.astimezone(UTC)
    assert at_utc == datetime.combine(event + timedelta(days=days), time(16), UTC)


@given(instant=INSTANTS)
def test_day_zero_is_the_day_in_shanghai_wherever_the_event_was_written_down(instant):
    expected = (instant.astimezone(UTC) + timedelta(hours=8)).date()
    assert shanghai_day(instant) == expected
    assert limited(instant, 30) == limited(expected, 30)


@given(instant=INSTANTS, elsewhere=OFFSETS, days=LIMITS)
def test_the_same_instant_in_another_time_zone_has_the_same_limit(instant, elsewhere, days):
    assert limited(instant, days) == limited(instant.astimezone(elsewhere), days)


@given(day=DAYS.filter(lambda day: day.year > 1992), zone=OFFSETS, shift=NEAR_MIDNIGHT)
def test_a_microsecond_before_midnight_in_shanghai_is_the_day_before(day, zone, shift):
    midnight = datetime.combine(day, time.min, SHANGHAI)
    event = (midnight + shift).astimezone(zone)
    before = shift < timedelta(0)
    assert limited(event, 10).day_zero == (day - timedelta(days=1) if before else day)


@given(first=INSTANTS, second=INSTANTS, days=LIMITS)
def test_a_later_event_is_never_due_earlier(first, second, days):
    first, second = sorted((first, second))
    assert limited(first, days).at <= limited(second, days).at


@given(event=DAYS, days=LIMITS)
def test_a_limit_is_over_from_24_00_on_and_not_a_microsecond_before(event, days):
    due = limited(event, days)
    assert due.is_over(due.at)
    assert due.is_over(due.at.astimezone(UTC) + timedelta(days=1))
    assert not due.is_over(due.at - timedelta(microseconds=1))


@given(event=DAYS, days=st.integers(1, 400), now=st.times())
def test_the_days_left_count_down_to_zero_on_the_last_day(event, days, now):
    due = limited(event, days)
    for day, left in ((event, days), (due.last_day, 0), (due.last_day + timedelta(days=1), -1)):
        assert due.days_left(datetime.combine(day, now, SHANGHAI)) == left


@pytest.mark.parametrize(
    ("event", "days", "last_day"),
    [
        (date(2024, 1, 30), 30, date(2024, 2, 29)),
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 30, date(2024, 3, 30)),
        (date(2023, 2, 28), 1, date(2023, 3, 1)),
        (date(2025, 1, 30), 30, date(2025, 3, 1)),
        (date(2100, 2, 28), 1, date(2100, 3, 1)),
        (date(2000, 2, 28), 1, date(2000, 2, 29)),
        (date(2026, 12, 31), 10, date(2027, 1, 10)),
    ],
)
def test_leap_years_and_year_ends_are_counted_as_the_calendar_has_them(event, days, last_day):
    assert limited(event, days).last_day == last_day


def test_a_resolution_of_the_20th_of_june_is_late_from_the_21st_of_july():
    due = due_date(DeadlineId.T01, date(2026, 6, 20))
    assert due is not None
    assert due.last_day == date(2026, 7, 20)
    assert not due.is_over(datetime(2026, 7, 20, 15, 59, 59, tzinfo=UTC))
    assert due.is_over(datetime(2026, 7, 20, 16, 0, 0, tzinfo=UTC))


def test_an_instant_without_a_time_zone_is_refused():
    naive = datetime(2026, 6, 20, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        due_date(DeadlineId.T01, naive)
    with pytest.raises(ValueError, match="time zone"):
        limited(date(2026, 6, 20), 1).days_left(naive)


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="negative"):
        due_date(DeadlineId.T04, date(2026, 6, 20), days=-1)


# --- working days -----------------------------------------------------------------------------------


@given(event=EARLY_2026, days=st.integers(0, 40), calendar=CALENDARS)
def test_so_many_working_days_lie_between_the_event_and_the_last_day(event, days, calendar):
    holidays, made_up_days = calendar
    due = limited(event, days, day_count=DayCount.WORKING, holidays=holidays, made_up_days=made_up_days)
    worked = [day for day in days_between(event, due.last_day) if is_working(day, holidays, made_up_days)]
    assert len(worked) == days
    assert due.last_day == (worked[-1] if days else event)


@given(event=EARLY_2026, days=st.integers(0, 40), calendar=CALENDARS)
def test_holidays_only_lengthen_and_made_up_days_only_shorten_a_limit(event, days, calendar):
    holidays, made_up_days = calendar
    plain = limited(event, days, day_count=DayCount.WORKING)
    assert limited(event, days, day_count=DayCount.WORKING, holidays=holidays).at >= plain.at
    assert limited(event, days, day_count=DayCount.WORKING, made_up_days=made_up_days).at <= plain.at
    assert plain.at >= limited(event, days).at


@given(event=EARLY_2026, days=st.integers(0, 40), calendar=CALENDARS)
def test_calendar_days_know_no_holidays(event, days, calendar):
    assert limited(event, days, holidays=calendar[0], made_up_days=calendar[1]) == limited(event, days)


@given(first=EARLY_2026, second=EARLY_2026, days=st.integers(0, 40), calendar=CALENDARS)
def test_a_later_event_is_never_due_earlier_in_working_days(first, second, days, calendar):
    first, second = sorted((first, second))
    count = {"day_count": DayCount.WORKING, "holidays": calendar[0], "made_up_days": calendar[1]}
    assert limited(first, days, **count).at <= limited(second, days, **count).at


@pytest.mark.parametrize(
    ("event", "days", "last_day"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday: Monday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # Saturday: Monday
        (date(2026, 11, 16), 5, date(2026, 11, 23)),  # a week
        (date(2026, 9, 24), 1, date(2026, 9, 28)),  # over Mid-Autumn
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over National Day
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # the made-up Saturday
    ],
)
def test_working_days_step_over_a_long_holiday_and_use_a_made_up_saturday(event, days, last_day):
    holidays = frozenset({date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))})
    due = limited(
        event,
        days,
        day_count=DayCount.WORKING,
        holidays=holidays,
        made_up_days=frozenset({date(2026, 10, 10)}),
    )
    assert due.last_day == last_day


# --- the table --------------------------------------------------------------------------------------


def test_the_clock_says_what_the_table_of_the_standard_says():
    with (CONTRACTS / "standard" / "tables" / "deadlines.csv").open(encoding="utf-8") as table:
        rows = {row["id"]: row for row in csv.DictReader(table)}
    assert set(rows) == set(DEADLINES) == set(DeadlineId)
    for id_, row in rows.items():
        rule = DEADLINES[DeadlineId(id_)]
        assert rule.article == row["article"], id_
        assert rule.who.replace("_", " ") in row["who"], id_
        fixed = re.fullmatch(r"(\d+) days", row["limit"])
        proposed = re.search(r"e\.g\. (\d+) days?", row["limit"])
        assert rule.fixed_by_text == bool(fixed), id_
        if fixed or proposed:
            assert rule.days == int((fixed or proposed)[1]), id_
        elif row["limit"] != "each semester":
            assert rule.days is None, id_


def test_four_limits_are_numbers_of_the_regulation():
    assert {id_: rule.days for id_, rule in DEADLINES.items() if rule.fixed_by_text} == FIXED


@pytest.mark.parametrize("id_", FIXED)
@given(event=DAYS, days=LIMITS)
def test_a_number_of_the_regulation_cannot_be_replaced(id_, event, days):
    if days == FIXED[id_]:
        assert due_date(id_, event, days=days) == due_date(id_, event)
    else:
        with pytest.raises(ValueError, match=f"Article {re.escape(DEADLINES[id_].article)}"):
            due_date(id_, event, days=days)


@pytest.mark.parametrize("id_", [id_ for id_ in DeadlineId if id_ not in FIXED])
@given(event=DAYS, days=LIMITS)
def test_a_value_of_the_platform_can_be_replaced(id_, event, days):
    due = due_date(id_, event, days=days)
    assert due is not None
    assert due.last_day == event + timedelta(days=days)


@pytest.mark.parametrize("id_", OPEN)
@given(event=DAYS)
def test_where_nothing_gives_a_limit_there_is_none(id_, event):
    assert due_date(id_, event) is None


@pytest.mark.parametrize("id_", LIMITED)
@given(event=DAYS)
def test_a_due_date_can_say_which_article_and_which_days_it_comes_from(id_, event):
    due = due_date(id_, event)
    assert due is not None
    words = due.why()
    for word in (
        f"Article {DEADLINES[id_].article}",
        f"{DEADLINES[id_].days} calendar days",
        event.isoformat(),
        due.last_day.isoformat(),
        "24:00",
        "Asia/Shanghai",
    ):
        assert word in words


def test_every_duty_is_named_in_both_languages():
    for rule in DEADLINES.values():
        assert re.search(r"[\u4e00-\u9fff]", rule.duty_zh)
        assert rule.duty_en
        assert not re.search(r"[\u4e00-\u9fff]", rule.duty_en)


# --- semesters --------------------------------------------------------------------------------------


@given(day=DAYS)
def test_every_day_is_in_exactly_one_semester(day):
    semester = semester_of(day)
    assert semester.first_day <= day <= semester.last_day
    assert semester_of(semester.first_day) == semester == semester_of(semester.last_day)
    assert semester_of(semester.last_day + timedelta(days=1)).first_day == semester.last_day + timedelta(
        days=1
    )
    assert semester_of(semester.first_day - timedelta(days=1)).last_day == semester.first_day - timedelta(
        days=1
    )


@pytest.mark.parametrize(
    ("day", "first_day", "last_day"),
    [
        (date(2024, 2, 29), date(2023, 9, 1), date(2024, 2, 29)),
        (date(2023, 12, 31), date(2023, 9, 1), date(2024, 2, 29)),
        (date(2025, 1, 1), date(2024, 9, 1), date(2025, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 8, 31)),
        (date(2026, 8, 31), date(2026, 3, 1), date(2026, 8, 31)),
        (date(2026, 9, 1), date(2026, 9, 1), date(2027, 2, 28)),
    ],
)
def test_a_semester_ends_with_february_or_with_august(day, first_day, last_day):
    semester = semester_of(day)
    assert (semester.first_day, semester.last_day) == (first_day, last_day)
