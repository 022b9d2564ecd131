"""Findings at the terminal: errors first, the rest counted, nothing that a spreadsheet would run."""

import json

from rich.console import Console

from cli.findings import Finding, as_table, read_findings, show_findings
from cli.words import Lang


def finding(rule: str, row: int, severity: str = "error", field: str = "XM") -> Finding:
    return {
        "rule": rule,
        "severity": severity,
        "row": row,
        "field": field,
        "message_zh": "姓名有误",
        "message_en": "The name is wrong",
        "fix_zh": "请更正",
        "fix_en": "Correct it",
    }


def shown(found: list[Finding], lang: Lang = Lang.EN, limit: int | None = 20) -> str:
    console = Console(width=100, no_color=True, highlight=False)
    with console.capture() as captured:
        show_findings(console, found, lang, limit=limit)
    return captured.get()


def test_errors_come_first_and_the_rest_is_counted_by_rule() -> None:
    found = [finding("C03", 2, "note"), *(finding("F04", row) for row in range(5, 9)), finding("F01", 3)]
    text = shown(found, limit=2)
    lines = text.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["3", "error", "F01"], ["5", "error", "F04"]]
    assert "and 4 more: F04 × 3, C03 × 1" in text


def test_findings_speak_both_languages() -> None:
    assert "The name is wrong → Correct it" in shown([finding("F04", 2)])
    assert "姓名有误 → 请更正" in shown([finding("F04", 2)], Lang.ZH)
    assert shown([], Lang.ZH).strip() == "没有校验发现"


def test_the_table_for_spreadsheets_runs_nothing() -> None:
    lines = json.dumps(finding("F04", 2, field="=1+1")).encode()
    assert len(read_findings(lines)) == 1
    text = as_table(lines).decode("utf-8-sig")
    assert "'=1+1" in text
    assert ",=1+1" not in text
    assert as_table(b"") == b""
