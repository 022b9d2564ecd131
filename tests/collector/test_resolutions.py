"""Registering resolutions: the clock starts once; scans that cannot be read are refused with the reason."""

import io
from datetime import date

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from contracts import topics
from services.collector.app import SERVICE
from tests.collector.university import NUMBER, PDF, University, as_csv, records, scan
from tests.contracts.standard.hostile import hostile_files
from tests.harness import running


def pdf(pages=1, encrypt=None):
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=encrypt)
    for _ in range(pages):
        canvas.drawString(100, 100, "resolution")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def pdf_without_pages():
    document, target = pypdfium2.PdfDocument.new(), io.BytesIO()
    document.save(target)
    document.close()
    return target.getvalue()


async def test_a_resolution_is_registered_and_told(university):
    answer = await university.ask_to_register()
    assert answer.status_code == 201
    view = answer.json()
    assert (view["number"], view["levels"], view["province_code"]) == (NUMBER, ["4"], "32")
    assert view["page_count"] == 2
    assert (view["due"]["deadline"], view["due"]["last_day"]) == ("T01", "2026-07-10")
    [said] = await university.service.said(topics.RESOLUTION_REGISTERED)
    assert said.data.resolution_id == view["resolution_id"]
    assert said.data.effective_on == date(2026, 6, 10)
    assert said.data.scan.media_type == PDF


async def test_the_same_content_again_is_the_same_resolution(university):
    first = await university.ask_to_register()
    again = await university.ask_to_register()
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await university.service.said(topics.RESOLUTION_REGISTERED)) == 1


@pytest.mark.parametrize(
    "change", [{"headcount": 6}, {"effective_on": "2026-06-11"}, {"levels": ["3", "4"]}], ids=str
)
async def test_other_content_under_the_same_number_is_refused(university, change):
    known = await university.register()
    answer = await university.ask_to_register(**change)
    assert (answer.status_code, answer.json()["code"]) == (409, "resolution-number-taken")
    assert answer.json()["resolution_id"] == known


async def test_a_list_of_names_is_told_with_it(university):
    roster = await university.put(as_csv(records()))
    await university.register(roster={"sha256": roster, "filename": "名单.csv"})
    [said] = await university.service.said(topics.RESOLUTION_REGISTERED)
    assert said.data.roster.sha256 == roster


@pytest.mark.parametrize(
    "name", ["xlsx: XLSX bomb", "xlsx: XML with entities", "mixed encodings", "only blanks"]
)
async def test_a_list_of_names_nobody_can_read_is_refused_before_the_province_reads_it(university, name):
    filename, data, reason = hostile_files()[name]
    roster = await university.put(data)
    answer = await university.ask_to_register(roster={"sha256": roster, "filename": filename})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["what"]) == (422, str(reason), "roster")
    assert await university.service.said(topics.RESOLUTION_REGISTERED) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pdf(encrypt=StandardEncryption("secret")), "scan-encrypted"),
        (pdf(encrypt=StandardEncryption("", ownerPassword="owner", canPrint=0)), "scan-encrypted"),
        (scan()[: len(scan()) // 2], "scan-truncated"),
        (pdf(501), "scan-too-many-pages"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "scan-not-a-pdf"),
        (b"   \n", "scan-empty"),
        (b"%PDF-1.7\nnothing here\n%%EOF\n", "scan-damaged"),
    ],
    ids=["encrypted", "restricted", "truncated", "501 pages", "PNG named pdf", "blank", "damaged"],
)
async def test_a_scan_that_cannot_be_read_is_refused_with_the_reason(university, data, code):
    answer = await university.ask_to_register(scan=await university.put(data, PDF))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["detail_zh"]
    assert await university.service.said(topics.RESOLUTION_REGISTERED) == []


async def test_a_scan_without_pages_is_refused(university):
    answer = await university.ask_to_register(scan=await university.put(pdf_without_pages(), PDF))
    assert answer.status_code == 422
    assert answer.json()["code"] in {"scan-no-pages", "scan-truncated", "scan-damaged"}


async def test_five_hundred_pages_are_taken(university):
    answer = await university.ask_to_register(scan=await university.put(pdf(500), PDF))
    assert (answer.status_code, answer.json()["page_count"]) == (201, 500)


async def test_a_scan_too_heavy_to_open_is_refused(make_database, tmp_path):
    async with running(
        SERVICE, make_database(), tmp_path, readers_warm=False, reader_seconds_max=0.001
    ) as service:
        answer = await University(service).ask_to_register()
        assert (answer.status_code, answer.json()["code"]) == (422, "scan-too-heavy")


async def test_a_scan_never_uploaded_is_refused(university):
    answer = await university.ask_to_register(scan="0" * 64)
    assert (answer.status_code, answer.json()["code"], answer.json()["object"]) == (
        422,
        "object-unknown",
        "scan",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"levels": []},
        {"levels": ["9"]},
        {"headcount": 0},
        {"effective_on": "tomorrow"},
        {"surprise": 1},
    ],
    ids=str,
)
async def test_a_request_outside_the_interface_is_told_where(university, wrong):
    answer = await university.ask_to_register(**wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert any(next(iter(wrong)) in each["where"] for each in answer.json()["errors"])


async def test_a_unit_that_is_in_no_table_is_refused(university):
    stranger = University(university.service, code="99999")
    answer = await stranger.ask_to_register()
    assert (answer.status_code, answer.json()["code"]) == (403, "unit-unknown")


async def test_a_unit_sees_its_own_resolutions_only(university):
    mine = await university.register()
    other = University(university.service, code="10001")
    theirs = await other.register()
    listed = (await university.get("/v1/resolutions")).json()["resolutions"]
    assert [each["resolution_id"] for each in listed] == [mine]
    assert (await university.get(f"/v1/resolutions/{mine}")).status_code == 200
    assert (await university.get(f"/v1/resolutions/{theirs}")).json()["code"] == "not-found"


async def test_a_military_unit_belongs_to_the_military_office(university):
    academy = University(university.service, code="91901")
    assert (await academy.ask_to_register()).json()["province_code"] == "JD"
