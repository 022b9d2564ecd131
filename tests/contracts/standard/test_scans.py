"""Scans: a PDF a reviewer can open, or the reason why it is none."""

import pickle
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.standard.scans import ScanLimits, UnreadableScan, UnreadableScanReason, inspect_scan
from tests.contracts.standard.hostile import hostile_scans, pdf


@pytest.mark.parametrize("name", hostile_scans())
def test_a_hostile_scan_is_answered_with_its_reason(name):
    _, data, reason = hostile_scans()[name]
    with pytest.raises(UnreadableScan) as answer:
        inspect_scan(data)
    assert answer.value.code is reason
    assert answer.value.detail_zh
    assert answer.value.detail_en


def test_a_scan_tells_its_pages_and_size():
    data = pdf(3)
    facts = inspect_scan(data)
    assert (facts.page_count, facts.size_bytes) == (3, len(data))


def test_as_many_pages_as_the_limit_are_taken():
    assert inspect_scan(pdf(4), ScanLimits(pages_max=4)).page_count == 4


def test_a_scan_over_the_byte_limit_is_not_opened():
    with pytest.raises(UnreadableScan) as answer:
        inspect_scan(pdf(1), ScanLimits(bytes_max=100))
    assert answer.value.code is UnreadableScanReason.TOO_LARGE


def test_the_reason_of_one_scan_does_not_leak_into_the_next():
    scans = hostile_scans()
    for name in ("encrypted", "no pages", "encrypted", "only a head and a tail"):
        _, data, reason = scans[name]
        with pytest.raises(UnreadableScan) as answer:
            inspect_scan(data)
        assert answer.value.code is reason


def test_the_answer_survives_the_way_back_from_another_process():
    answer = pickle.loads(pickle.dumps(UnreadableScan(UnreadableScanReason.NOT_A_PDF, found="PNG")))
    assert (answer.code, answer.found) == (UnreadableScanReason.NOT_A_PDF, "PNG")


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_raise_anything_but_unreadable_scan(junk, dressed):
    data = b"%PDF-1.4\n" + junk + b"\n%%EOF" if dressed else junk
    with pytest.raises(UnreadableScan):
        inspect_scan(data)


SCAN = pdf(2)


@settings(deadline=None)
@given(st.data())
def test_a_scan_with_a_changed_byte_is_opened_or_answered(data):
    scan = bytearray(SCAN)
    scan[data.draw(st.integers(0, len(scan) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableScan):
        assert inspect_scan(bytes(scan)).page_count >= 1
