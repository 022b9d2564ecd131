"""The sample resolution says what it must and lists every name in its text layer, page after page."""

import csv
import time
from datetime import date
from io import StringIO

import pypdfium2
import pytest

from cli.sample.numerals import in_words
from cli.sample.resolution import resolution_of, resolution_pdf
from cli.sample.roster import COLUMNS, roster_csv
from tests.cli.sample.doors import AWARDED, NUMBER, sample


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    texts = []
    for page in document:
        layer = page.get_textpage()
        texts.append(layer.get_text_range())
        layer.close()
        page.close()
    document.close()
    return texts


def resolution(frame, category: str = "S1", effective_on: date | None = None) -> bytes:
    return resolution_pdf(
        resolution_of(frame, category, decided_on=AWARDED, effective_on=effective_on), frame
    )


def test_the_first_page_states_unit_number_dates_and_head_count():
    text = pages_of(resolution(sample("S1", 357), effective_on=date(2026, 6, 28)))[0]
    for statement in (
        "关于授予硕士学位的决议",
        NUMBER,
        "南京大学（10284）",
        "会议日期：2026年6月20日",
        "生效日期：2026年6月28日",
        "357人（大写：叁佰伍拾柒人）",
    ):
        assert statement in text


@pytest.mark.parametrize("category", ["B1", "B2", "X1", "X3"])
def test_the_list_shows_each_person_once_in_order_with_number_degree_and_major(category):
    frame = sample(category, 200)
    lines = "\n".join(pages_of(resolution(frame, category))[1:]).splitlines()
    rows = [line.strip() for line in lines if line.strip()[:1].isdigit()]
    number = "SQXWBH" if category == "B2" else "XH"
    starts = [
        f"{order} {name} {student} "
        for order, (name, student) in enumerate(frame.select("XM", number).rows(), 1)
    ]
    assert len(rows) == 200
    assert all(row.startswith(start) for row, start in zip(rows, starts, strict=True))
    assert all(row.endswith(major) for row, major in zip(rows, frame["ZYMC"], strict=True))


def test_rare_characters_are_in_the_text_layer_and_marked_on_the_page():
    frame = sample("S1", 300)
    rare = [place for place, name in enumerate(frame["XM"]) if any(c > "\uffff" for c in name)]
    assert rare
    alone = frame[rare[:1]]
    pdf = resolution(alone)
    assert alone["XM"][0] in pages_of(pdf)[1]
    assert bars_on_list_page(pdf) == 2
    assert bars_on_list_page(resolution(frame.filter(frame["XM"].str.contains("^[一-龥]+$"))[:1])) == 0


def bars_on_list_page(pdf: bytes) -> int:
    """Bars of 〓 on the second page; the only other drawing there is the line under the headings."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[1]
    count = sum(1 for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_PATH]))
    page.close()
    document.close()
    return count - 1


def test_a_page_holds_thirty_five_names():
    assert len(pages_of(resolution(sample("X1", 35), "X1"))) == 2
    assert len(pages_of(resolution(sample("X1", 36), "X1"))) == 3


def test_the_longest_list_stays_below_five_hundred_pages():
    document = pypdfium2.PdfDocument(resolution(sample("X1", 20_000), "X1"))
    assert len(document) <= 500
    document.close()


def test_five_hundred_names_take_a_second_at_most():
    frame = sample("X1", 500)
    started = time.process_time()
    resolution(frame, "X1")
    assert time.process_time() - started < 1


def test_the_same_records_give_the_same_bytes():
    frame = sample("X1", 50)
    assert resolution(frame, "X1") == resolution(frame, "X1")


def test_the_typed_list_has_one_row_a_person():
    frame = sample("B2", 40)
    rows = list(csv.DictReader(StringIO(roster_csv(frame, "B2").decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["姓名"] for row in rows] == frame["XM"].to_list()
    assert [row["学号"] for row in rows] == frame["SQXWBH"].to_list()
    assert [row["学位证书编号"] for row in rows] == frame["XWZSBH"].to_list()
    assert {row["学位类别"][-4:] for row in rows} == {"博士学位"}


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "零"),
        (1, "壹"),
        (10, "壹拾"),
        (101, "壹佰零壹"),
        (357, "叁佰伍拾柒"),
        (1_001, "壹仟零壹"),
        (1_010, "壹仟零壹拾"),
        (10_000, "壹万"),
        (10_101, "壹万零壹佰零壹"),
        (20_305, "贰万零叁佰零伍"),
        (123_456, "壹拾贰万叁仟肆佰伍拾陆"),
    ],
)
def test_counts_are_written_in_words(count, words):
    assert in_words(count) == words
