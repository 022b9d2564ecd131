"""The centre's doors."""

import pytest

from contracts import topics
from contracts.receipts import VerifiedReceipt, verify_receipt
from tests.harness import UnderTest
from tests.national_filing.submissions import approved, records


def operator(s: UnderTest) -> dict[str, str]:
    return s.signed_in("p-centre", "national_centre", "centre_operator")


async def test_anybody_gets_the_receipt_keys_and_can_verify_with_them(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(3)))
    keys = (await s.http.get("/v1/receipt-keys")).json()["keys"]
    answer = await s.http.get("/v1/filings/BA2026-32-000001/receipt", headers=operator(s))
    assert isinstance(verify_receipt(answer.content, keys), VerifiedReceipt)


async def test_filings_are_listed_newest_first_and_by_batch(s: UnderTest) -> None:
    first = await approved(s.work.objects, records(3))
    await s.hear(topics.REVIEW_COMPLETED, first)
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(3, first_serial=9)))
    everything = (await s.http.get("/v1/filings", headers=operator(s))).json()["filings"]
    assert [each["filing_number"][-1] for each in everything] == ["2", "1"]
    mine = await s.http.get("/v1/filings", params={"batch_id": first.batch_id}, headers=operator(s))
    assert [each["batch_id"] for each in mine.json()["filings"]] == [first.batch_id]
    one = await s.http.get("/v1/filings/BA2026-32-000001", headers=operator(s))
    assert one.json()["filed_count"] == 3


async def test_a_format_check_and_its_returned_records_can_be_read(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(3)))
    twice = await approved(s.work.objects, records(3))
    await s.hear(topics.REVIEW_COMPLETED, twice)
    path = f"/v1/format-checks/{twice.batch_id}/1"
    check = (await s.http.get(path, headers=operator(s))).json()
    assert (check["passed_count"], check["returned_count"]) == (0, 3)
    lines = (await s.http.get(f"{path}/returned", headers=operator(s))).text.splitlines()
    assert len(lines) == 3


@pytest.mark.parametrize(
    "path", ["/v1/filings/BA2026-32-999999", "/v1/filings/x/receipt", f"/v1/format-checks/{'0' * 32}/1"]
)
async def test_what_does_not_exist_is_not_found(s: UnderTest, path: str) -> None:
    answer = await s.http.get(path, headers=operator(s))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("office", "role", "code"),
    [
        ("unit:10284", "centre_operator", "office-foreign"),
        ("province:32", "reviewer", "office-foreign"),
        ("national_centre", "reviewer", "role-missing"),
    ],
)
async def test_only_the_centres_operators_read_filings(
    s: UnderTest, office: str, role: str, code: str
) -> None:
    answer = await s.http.get("/v1/filings", headers=s.signed_in("p", office, role))
    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_metrics_count_what_was_filed(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, await approved(s.work.objects, records(3)))
    assert s.service.count_states is not None
    assert await s.service.count_states(s.work) == {"format_checked": 1, "filed": 1, "filed_records": 3}
