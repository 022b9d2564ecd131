"""The text of a notice (通知), in Chinese and English, from templates; no person's data, no links to records."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.deadlines import DEADLINES
from contracts.standard.tables import institution
from contracts.vocabulary import Office, OfficeKind
from services.notifier.domain.ladders import Step
from services.notifier.domain.obligations import WHAT_TO_DO
from services.notifier.store import Obligation

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 plain text, never HTML
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and body of a notice."""

    subject: str
    body: str


def write_letter(obligation: Obligation, step: Step, to: Office, today: date) -> Letter:
    """Writes the notice of one step of an obligation's ladder to one office."""
    deadline = DEADLINES[obligation.deadline]
    what_zh, what_en = WHAT_TO_DO[obligation.deadline]
    values = {
        "obligation": obligation,
        "step": step.kind.value,
        "duty_zh": deadline.duty_zh,
        "duty_en": deadline.duty_en,
        "what_zh": what_zh,
        "what_en": what_en,
        "to_zh": office_name(to),
        "ower_zh": office_name(obligation.office),
        "unit_zh": office_name(Office.unit(obligation.unit_code)),
        "days_left": (obligation.last_day - today).days,
    }
    subject = _TEMPLATES.get_template("subject.txt").render(values).strip()
    return Letter(subject, _TEMPLATES.get_template("body.txt").render(values))


def office_name(office: Office) -> str:
    """An office's name as letters address it."""
    if office.kind is OfficeKind.UNIT:
        unit = institution(office.code)
        return f"{unit.name_zh}({office.code})" if unit else f"学位授予单位 {office.code}"
    names = {
        OfficeKind.PROVINCE: f"省级学位委员会办公室({office.code})",
        OfficeKind.MILITARY: "军队学位委员会办公室",
        OfficeKind.NATIONAL_OFFICE: "国务院学位委员会办公室",
        OfficeKind.NATIONAL_CENTRE: "教育部学位与研究生教育发展中心",
    }
    return names[office.kind]
