"""The legal clock: when something is due under 学位授予信息管理工作规程, as one pure function.

Day zero is the day of the event in Asia/Shanghai; a limit of N days ends at 24:00 of day N.
Days are calendar days (日) unless a deployment counts working days; the text says nothing of holidays.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 5


class DeadlineId(StrEnum):
    """T01 … T16 of the deadline table."""

    T01 = "T01"
    T02 = "T02"
    T03 = "T03"
    T04 = "T04"
    T05 = "T05"
    T06 = "T06"
    T07 = "T07"
    T08 = "T08"
    T09 = "T09"
    T10 = "T10"
    T11 = "T11"
    T12 = "T12"
    T13 = "T13"
    T14 = "T14"
    T15 = "T15"
    T16 = "T16"


class DayCount(StrEnum):
    """Which days count: every day (the default, as the text says 日), or working days only."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One limit (期限): who owes what within how many days of which event, under which article.

    ``days`` is None where the text gives no number and the platform sets none; ``fixed_by_text`` tells a
    number of the regulation from a value the platform sets for 及时 ("in time").
    """

    id: DeadlineId
    who: str
    duty_zh: str
    duty_en: str
    days: int | None
    counted_from: str
    article: str
    fixed_by_text: bool


def _deadline(
    id_: DeadlineId,
    who: str,
    duty: tuple[str, str],
    days: int | None,
    counted_from: str,
    article: str,
    *,
    fixed: bool = False,
) -> Deadline:
    return Deadline(id_, who, duty[0], duty[1], days, counted_from, article, fixed)


T = DeadlineId
DEADLINES = {
    d.id: d
    for d in (
        _deadline(
            T.T01,
            "unit",
            ("上报决议扫描件及学位授予信息", "upload the resolution scan and the matching records"),
            30,
            "resolution takes effect",
            "12(4)",
            fixed=True,
        ),
        _deadline(
            T.T02,
            "unit",
            ("申请补报", "apply for late filing, then upload"),
            None,
            "T01 has passed",
            "12(6)",
        ),
        _deadline(
            T.T03,
            "province",
            ("完成审核和反馈", "finish review and feedback"),
            30,
            "submission",
            "13(3)",
            fixed=True,
        ),
        _deadline(
            T.T04,
            "unit",
            ("撤回、更正并重新上报退回的信息", "withdraw, correct and resubmit returned records"),
            10,
            "feedback",
            "13(2), 17",
        ),
        _deadline(
            T.T05,
            "province",
            ("汇总分析并形成省级数据库", "collect, analyse, form the provincial database"),
            30,
            "semester end",
            "13(4)",
        ),
        _deadline(T.T06, "province", ("报送工作报告", "send the work report"), 30, "semester end", "13(5)"),
        _deadline(
            T.T07,
            "national_centre",
            ("形式审查并反馈", "format check and feedback"),
            15,
            "arrival from province",
            "14(2)",
        ),
        _deadline(
            T.T08,
            "unit",
            ("按形式审查结果更正、补充或清理", "correct, complete or clean after format feedback"),
            15,
            "feedback from centre",
            "14(2), 17",
        ),
        _deadline(
            T.T09,
            "national_centre",
            ("存储并备份", "store approved data, back up"),
            1,
            "passed format check",
            "14(3)",
        ),
        _deadline(
            T.T10,
            "province",
            ("对更改或删除申请形成审核意见", "opinion on a change or deletion application"),
            30,
            "receipt of written and uploaded material, the later of both",
            "18",
            fixed=True,
        ),
        _deadline(
            T.T11,
            "national_office",
            ("对关键信息更改作出决定", "decide on a key-field change"),
            None,
            "arrival of the province opinion",
            "18",
        ),
        _deadline(
            T.T12,
            "unit",
            ("书面报送撤销学位信息", "report a revocation in writing; upload if filed"),
            10,
            "revocation resolution takes effect",
            "19",
            fixed=True,
        ),
        _deadline(T.T13, "province", ("确认撤销", "confirm the revocation"), None, "upload", "19"),
        _deadline(
            T.T14,
            "unit",
            ("维护学位证书样式", "maintain certificate styles"),
            None,
            "change of style or signatory",
            "12(7)",
        ),
        _deadline(
            T.T15,
            "province",
            ("上报关键信息更改并抄送", "hand key-field changes on, copy to centre"),
            None,
            "own consent",
            "18",
        ),
        _deadline(
            T.T16,
            "data analysts",
            ("临时信息库使用期限", "use of the temporary, masked data set"),
            None,
            "grant",
            "23",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class DueDate:
    """When something is due and why: ``at`` is 24:00 of ``last_day`` in Asia/Shanghai, as an instant."""

    deadline: DeadlineId
    article: str
    day_zero: date
    days: int
    day_count: DayCount
    last_day: date
    at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether the limit has passed: from 24:00 of the last day on."""
        return now >= self.at

    def days_left(self, now: datetime) -> int:
        """Whole days from today (Asia/Shanghai) to the last day; 0 on the last day, negative after it."""
        return (self.last_day - shanghai_day(now)).days

    def why(self) -> str:
        """The reckoning in words: which article, from which day, how many days of which kind."""
        return (
            f"Article {self.article}: {self.days} {self.day_count} days after {self.day_zero.isoformat()} "
            f"end at 24:00 of {self.last_day.isoformat()} (Asia/Shanghai)"
        )


def shanghai_day(instant: datetime) -> date:
    """The calendar day of an instant in Asia/Shanghai; naive times are refused with ValueError."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(SHANGHAI).date()


def due_date(
    deadline: DeadlineId,
    event: date | datetime,
    *,
    days: int | None = None,
    day_count: DayCount = DayCount.CALENDAR,
    holidays: AbstractSet[date] = frozenset(),
    made_up_days: AbstractSet[date] = frozenset(),
) -> DueDate | None:
    """When ``deadline`` is due after ``event``; None where neither the text nor ``days`` gives a limit.

    ``days`` replaces a value the platform sets for 及时 (or the grant's term for T16); a number fixed by
    the regulation cannot be replaced, and no limit is negative (ValueError). ``holidays`` and ``made_up_days`` (调休上班) matter
    only for working days.
    """
    rule = DEADLINES[deadline]
    if days is not None and rule.fixed_by_text and days != rule.days:
        raise ValueError(f"the limit of {deadline} is fixed by Article {rule.article}")
    limit = rule.days if days is None else days
    if limit is None:
        return None
    if limit < 0:
        raise ValueError("a limit is never negative")
    day_zero = shanghai_day(event) if isinstance(event, datetime) else event
    last_day = (
        day_zero + timedelta(days=limit)
        if day_count is DayCount.CALENDAR
        else _working_day_after(day_zero, limit, holidays, made_up_days)
    )
    return DueDate(
        deadline=deadline,
        article=rule.article,
        day_zero=day_zero,
        days=limit,
        day_count=day_count,
        last_day=last_day,
        at=datetime.combine(last_day + timedelta(days=1), time.min, SHANGHAI),
    )


def _working_day_after(
    day: date, count: int, holidays: AbstractSet[date], made_up_days: AbstractSet[date]
) -> date:
    while count > 0:
        day += timedelta(days=1)
        if day in made_up_days or (day.weekday() < SATURDAY and day not in holidays):
            count -= 1
    return day


@dataclass(frozen=True, slots=True)
class Semester:
    """A reporting semester (学期): award dates 1 September – end of February, or 1 March – 31 August."""

    first_day: date
    last_day: date


def semester_of(day: date) -> Semester:
    """The semester an award date falls in (practice of 贵州省 2014, used for T05 and T06)."""
    if 3 <= day.month <= 8:
        return Semester(date(day.year, 3, 1), date(day.year, 8, 31))
    start_year = day.year if day.month >= 9 else day.year - 1
    return Semester(date(start_year, 9, 1), date(start_year + 1, 3, 1) - timedelta(days=1))
