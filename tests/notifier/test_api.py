"""The notifier's doors: my own office's, and nobody else's."""

from contracts import topics
from services.notifier.sweeps import chase
from tests.harness import UnderTest
from tests.notifier.events import resolution, reviewed, submitted


async def test_an_office_sees_what_it_owes_with_date_and_article(s: UnderTest) -> None:
    await s.hear(topics.RESOLUTION_REGISTERED, resolution())
    s.clock.pass_days(10)
    headers = s.signed_in("p", "unit:10284", "collector")
    (owed,) = (await s.http.get("/v1/obligations", headers=headers)).json()["obligations"]
    assert (owed["deadline"], owed["article"], owed["days_left"], owed["over"]) == ("T01", "12(4)", 20, False)
    s.clock.pass_days(21)
    (owed,) = (await s.http.get("/v1/obligations", headers=headers)).json()["obligations"]
    assert (owed["days_left"], owed["over"]) == (-1, True)


async def test_another_office_sees_nothing_of_it(s: UnderTest) -> None:
    await s.hear(topics.RESOLUTION_REGISTERED, resolution())
    for office in ("unit:10285", "province:33", "national_centre"):
        answer = await s.http.get("/v1/obligations", headers=s.signed_in("p", office, "collector"))
        assert answer.json()["obligations"] == []


async def test_a_province_sees_what_its_units_owe_and_no_other_provinces(s: UnderTest) -> None:
    await s.hear(topics.RESOLUTION_REGISTERED, resolution())
    await s.hear(topics.BATCH_SUBMITTED, submitted(3))
    url = "/v1/obligations?of=supervised"
    mine = (await s.http.get(url, headers=s.signed_in("p", "province:32", "reviewer"))).json()["obligations"]
    assert {each["deadline"] for each in mine} == {"T01", "T03"}
    other = await s.http.get(url, headers=s.signed_in("q", "province:33", "reviewer"))
    assert other.json()["obligations"] == []
    unit = await s.http.get(url, headers=s.signed_in("r", "unit:10284", "submitter"))
    assert (unit.status_code, unit.json()["code"]) == (403, "office-foreign")


async def test_a_notice_is_read_by_its_office_only(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 2))
    await chase(s.work)
    mine, other = (s.signed_in("p", f"unit:{code}", "collector") for code in ("10284", "10285"))
    (notice,) = (await s.http.get("/v1/notices?unread=true", headers=mine)).json()["notices"]
    url = f"/v1/notices/{notice['notice_id']}/read"
    assert (await s.http.post(url, headers=other)).status_code == 404
    assert (await s.http.post(url, headers=mine)).status_code == 204
    assert (await s.http.get("/v1/notices?unread=true", headers=mine)).json()["notices"] == []


async def test_only_a_responsible_person_sets_the_address(s: UnderTest) -> None:
    body = {"email": "xw@example.edu.cn"}
    refused = await s.http.put("/v1/contact", json=body, headers=s.signed_in("p", "unit:10284", "collector"))
    assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")
    headers = s.signed_in("q", "unit:10284", "submitter")
    assert (await s.http.get("/v1/contact", headers=headers)).status_code == 404
    assert (await s.http.put("/v1/contact", json=body, headers=headers)).status_code == 200
    assert (await s.http.get("/v1/contact", headers=headers)).json() == body


async def test_an_address_that_is_none_is_refused_without_being_repeated(s: UnderTest) -> None:
    headers = s.signed_in("q", "unit:10284", "submitter")
    answer = await s.http.put("/v1/contact", json={"email": "张三 at home"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    assert "张三" not in answer.text


async def test_a_province_does_not_see_what_the_centre_owes(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, reviewed(5, 2))
    headers = s.signed_in("p", "province:32", "reviewer")
    answer = await s.http.get("/v1/obligations?of=supervised", headers=headers)
    assert {each["office"] for each in answer.json()["obligations"]} == {"unit:10284"}
