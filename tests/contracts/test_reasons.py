"""The list of reason codes is closed, bilingual and only ever grows."""

import re

import pytest

from contracts.generate import RELEASED_REASONS
from contracts.reasons import _ALL, REASONS, Reason, reason

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ARTICLE = re.compile(r"[1-9]\d?(\(\d\))?(, [1-9]\d?(\(\d\))?)*")


def test_no_code_is_used_twice():
    assert len(REASONS) == len(_ALL)


def test_no_released_code_is_gone_and_every_code_is_released():
    released = RELEASED_REASONS.read_text(encoding="utf-8").splitlines()
    assert len(set(released)) == len(released)
    assert set(released) == set(REASONS), "run python -m contracts.generate; released codes stay for ever"


@pytest.mark.parametrize("one", _ALL, ids=lambda one: one.code)
def test_a_reason_is_written_in_both_languages_and_named_in_kebab_case(one: Reason):
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", one.code)
    assert len(one.code) <= 60
    for text in (one.text_zh, one.fix_zh):
        assert CHINESE.search(text), text
    for text in (one.text_en, one.fix_en):
        assert text.strip()
        assert not CHINESE.search(text), text


@pytest.mark.parametrize("one", _ALL, ids=lambda one: one.code)
def test_a_reason_names_articles_of_the_regulation_and_its_version(one: Reason):
    assert ARTICLE.fullmatch(one.article), one.article
    assert all(1 <= int(number) <= 30 for number in re.findall(r"(?<!\()\b\d+", one.article))
    assert re.fullmatch(r"\d+\.\d+", one.since)


def test_an_unknown_code_is_a_fault():
    with pytest.raises(KeyError):
        reason("no-such-code")
