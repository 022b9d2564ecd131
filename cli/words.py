"""The language of what is shown: Chinese or English (--lang, else the environment's locale)."""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer


class Lang(StrEnum):
    """The two languages of the platform."""

    ZH = "zh"
    EN = "en"


LangOption = Annotated[
    Lang | None, typer.Option("--lang", help="zh or en; told by LANG if not given 界面语言")
]


def chosen(wanted: Lang | None = None, environment: Mapping[str, str] = os.environ) -> Lang:
    """The language asked for, else the one the locale names, else English."""
    if wanted is not None:
        return wanted
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return Lang.ZH if locale.lower().startswith("zh") else Lang.EN


def say(lang: Lang, zh: str, en: str) -> str:
    """The text in the language."""
    return zh if lang is Lang.ZH else en
