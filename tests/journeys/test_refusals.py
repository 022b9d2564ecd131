"""Who may not, and what may not: every refusal is clear, and what is foreign does not show that it exists."""

import re
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from cli.client import Ask, Client
from cli.problems import ServiceProblem
from cli.stack.issuer_keys import load_or_make_key, sign_token
from cli.stack.people import load_directory
from contracts.reasons import REASONS
from contracts.vocabulary import Role
from tests.journeys.offices import Platform

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


async def refused(asking: Awaitable[Any]) -> tuple[int, str]:
    """The status and reason code of a refusal; it must be a published one and say how to mend it."""
    with pytest.raises(ServiceProblem) as problem:
        await asking
    told = problem.value
    assert told.code in REASONS
    assert told.fix
    assert told.fix_zh
    return told.status, told.code


@dataclass
class GivenToken:
    """A token as it is, never renewed."""

    value: str

    async def token(self, *, fresh: bool = False) -> str:
        return self.value


def token_of(platform: Platform, **claims: Any) -> str:
    """A token of the stack's own issuer, signed with its own key, for a university's collector."""
    person = load_directory().person_of("unit:10284", Role.COLLECTOR)
    usual = {
        "sub": person.person_id,
        "office": str(person.office),
        "roles": sorted(person.roles),
        "iss": platform.stack.url("issuer"),
        "aud": "xuewei",
        "client_id": "xuewei-cli",
    }
    return sign_token(load_or_make_key(platform.stack.folder.issuer), usual | claims)


@pytest.fixture
def ago() -> int:
    return int(time.time()) - 3600


async def test_who_does_not_sign_in_sees_nothing(platform: Platform) -> None:
    for service, path in (
        ("collector", "/v1/batches"),
        ("provincial_review", "/v1/reviews"),
        ("national_filing", "/v1/filings"),
        ("notifier", "/v1/obligations"),
    ):
        assert await refused(platform.stranger(service).get(path)) == (401, "token-missing")


async def test_an_expired_token_of_the_real_issuer_is_refused(platform: Platform, ago: int) -> None:
    url = platform.stack.url("collector")
    good, expired = token_of(platform), token_of(platform, iat=ago - 900, exp=ago)
    async with Client(url, GivenToken(good)) as client:
        assert (await client.get("/v1/batches")).status_code == 200
    async with Client(url, GivenToken(expired)) as client:
        assert await refused(client.get("/v1/batches")) == (401, "token-expired")


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"iss": "http://127.0.0.1:1"}, {"office": "ministry"}],
    ids=["for somebody else", "by somebody else", "of no office"],
)
async def test_a_token_that_is_not_for_us_is_refused(platform: Platform, claims: dict[str, str]) -> None:
    async with Client(platform.stack.url("collector"), GivenToken(token_of(platform, **claims))) as client:
        assert await refused(client.get("/v1/batches")) == (401, "token-invalid")


async def test_another_university_sees_and_moves_nothing(platform: Platform) -> None:
    own, other = platform.university("10284"), platform.university("10286")
    batch = await own.push(own.make(count=3))
    for asking in (
        other.collector.batch(batch.batch_id),
        other.collector.findings(batch.batch_id),
        other.collector.timeline(batch.batch_id),
        other.collector.returned(batch.batch_id),
        other.collector.receipt(batch.batch_id, 1),
        other.checker.check(batch.batch_id),
    ):
        assert await refused(asking) == (404, "not-found")
    assert batch.batch_id not in [each.batch_id for each in await other.collector.batches()]
    assert (await own.collector.batch(batch.batch_id)).state == "collected"


async def test_another_universitys_objects_cannot_be_referred_to(platform: Platform) -> None:
    own, other = platform.university("10284"), platform.university("10286")
    theirs = await own.collector.upload(own.make(count=3).records_path)
    resolution = await other.register(other.make(count=3))
    asked = other.collector.create_batch(resolution, "X1", theirs)  # pyright: ignore[reportArgumentType]
    assert await refused(asked) == (422, "object-unknown")


async def test_another_province_sees_and_decides_nothing(platform: Platform) -> None:
    university = platform.university("10284")
    batch = await university.submit(university.make(count=3))
    await university.province.until_arrived(batch.batch_id)
    foreign = platform.province("33")
    for asking in (
        foreign.reviewer.review(batch.batch_id, 1, wait_seconds=0),
        foreign.reviewer.records(batch.batch_id, 1),
        foreign.reviewer.assess(batch.batch_id, 1, []),
        foreign.approver.sign(batch.batch_id, 1),
    ):
        assert await refused(asking) == (404, "not-found")
    queue = (await foreign.reviewer.client.get("/v1/reviews", limit=200)).json()["reviews"]
    assert all(each["province_code"] == "33" for each in queue)


async def test_a_unit_does_not_review_and_a_province_does_not_collect(platform: Platform) -> None:
    unit = platform.client("provincial_review", "unit:10284", Role.COLLECTOR)
    province = platform.client("collector", "province:32", Role.REVIEWER)
    centre = platform.client("national_filing", "province:32", Role.REVIEWER)
    for asking in (unit.get("/v1/reviews"), province.get("/v1/batches"), centre.get("/v1/filings")):
        assert await refused(asking) == (403, "office-foreign")


async def test_each_act_needs_its_role(platform: Platform) -> None:
    university = platform.university("10284")
    batch = await university.push(university.make(count=3))
    for asking in (
        university.collector.check(batch.batch_id),
        university.checker.submit(batch.batch_id),
        university.checker.upload_again(
            batch.batch_id, await university.put(university.make(count=3).records)
        ),
        university.province.approver.assess(batch.batch_id, 1, []),
        university.province.reviewer.sign(batch.batch_id, 1),
        platform.client_of("collector", "p-ngrg839j").get("/v1/batches"),
    ):
        assert await refused(asking) == (403, "role-missing")


async def test_the_person_who_collected_neither_checks_nor_submits(platform: Platform) -> None:
    """S01, Article 12(2): judged on natural persons, whatever roles they hold and whatever client they use."""
    everything = load_directory().people["p-dsrtvz64"]
    assert everything.roles == {Role.COLLECTOR, Role.CHECKER, Role.SUBMITTER}
    university = platform.university("10284")
    alone = platform.client_of("collector", everything.person_id)
    order = await _order(university)
    batch_id = (await alone.post("/v1/batches", order, idempotency_key=uuid4().hex)).json()["batch_id"]
    await university.until(batch_id, "collected")
    assert await refused(alone.post(f"/v1/batches/{batch_id}/check", {"passed": True})) == (
        403,
        "same-person",
    )
    await university.checker.check(batch_id)
    assert await refused(alone.post(f"/v1/batches/{batch_id}/submission", {})) == (403, "same-person")
    assert (await university.submitter.submit(batch_id)).state == "submitted"


async def test_the_person_who_checked_does_not_submit(platform: Platform) -> None:
    university = platform.university("10284")
    batch = await university.push(university.make(count=3))
    alone = platform.client_of("collector", "p-dsrtvz64")
    await alone.post(f"/v1/batches/{batch.batch_id}/check", {"passed": True})
    asked = alone.post(f"/v1/batches/{batch.batch_id}/submission", {})
    assert await refused(asked) == (403, "same-person")
    assert (await university.submitter.submit(batch.batch_id)).state == "submitted"


async def test_the_person_answerable_for_the_machine_counts_as_the_collector(platform: Platform) -> None:
    university = platform.university("10284")
    machine = platform.machine("collector", university.office)
    order = await _order(university, machine)
    batch_id = (await machine.post("/v1/batches", order, idempotency_key=uuid4().hex)).json()["batch_id"]
    await university.until(batch_id, "collected")
    acts = [
        each
        for each in await university.collector.timeline(batch_id)
        if each.what in {"received", "collected"}
    ]
    assert len(acts) == 2
    assert (await university.checker.check(batch_id)).state == "checked"


async def test_the_assessor_does_not_sign_and_needs_somebody_else(platform: Platform) -> None:
    """Article 13: the reviewers of the sample people hold one role; a token with both roles shows the rule."""
    university = platform.university("10284")
    batch = await university.submit(university.make(count=3))
    await university.province.assess(batch.batch_id)
    assessor = load_directory().person_of("province:32", Role.REVIEWER)
    both = token_of(platform, sub=assessor.person_id, office="province:32", roles=["reviewer", "approver"])
    async with Client(platform.stack.url("provincial_review"), GivenToken(both)) as client:
        path = f"/v1/reviews/{batch.batch_id}/1/opinion"
        assert await refused(client.post(path, {"decision": "sign"})) == (403, "same-person")
    assert (await university.province.approver.sign(batch.batch_id, 1)).state == "completed"


async def test_what_does_not_exist_is_not_found(platform: Platform) -> None:
    university, nothing = platform.university("10284"), uuid4().hex
    for asking in (
        university.collector.batch(nothing),
        university.checker.check(nothing),
        university.submitter.submit(nothing),
        university.collector.receipt(nothing, 1),
        university.province.reviewer.review(nothing, 1, wait_seconds=0),
        university.province.approver.sign(nothing, 1),
        platform.client("national_filing", "national_centre", Role.CENTRE_OPERATOR).get(
            "/v1/filings/BA2026-32-999999"
        ),
    ):
        assert await refused(asking) == (404, "not-found")


async def test_moves_out_of_turn_are_refused_and_name_the_state(platform: Platform) -> None:
    university = platform.university("10284")
    submission = university.make(count=3)
    batch = await university.push(submission)
    again = await university.put(submission.records)
    assert await refused(university.submitter.submit(batch.batch_id)) == (409, "illegal-move")
    assert await refused(university.collector.receipt(batch.batch_id, 1)) == (404, "not-found")
    await university.check_and_submit(batch.batch_id)
    with pytest.raises(ServiceProblem) as problem:
        await university.collector.upload_again(batch.batch_id, again)
    assert (problem.value.code, problem.value.facts["state"]) == ("illegal-move", "submitted")
    await university.province.until_arrived(batch.batch_id)
    signing = university.province.approver.sign(batch.batch_id, 1)
    assert await refused(signing) == (409, "review-not-assessed")
    await university.province.decide(batch.batch_id)
    assert await refused(university.province.reviewer.assess(batch.batch_id, 1, [])) == (
        409,
        "review-decided",
    )
    await university.until(batch.batch_id, "filed")
    assert await refused(university.checker.check(batch.batch_id)) == (409, "illegal-move")


async def test_a_request_that_does_not_fit_names_what_is_wrong(platform: Platform) -> None:
    desk = platform.university("10284").collector.client
    asked = desk.post("/v1/resolutions", {"number": "x", "colour": "red"}, idempotency_key=uuid4().hex)
    with pytest.raises(ServiceProblem) as problem:
        await asked
    assert problem.value.code == "request-invalid"
    named = " ".join(str(each["where"]) for each in problem.value.errors)
    assert re.search("effective_on", named)
    assert re.search("colour", named)
    missing = desk.ask(Ask("POST", "/v1/batches", await _order(platform.university("10284"))))
    assert await refused(missing) == (422, "idempotency-key-missing")


async def _order(university: Any, client: Client | None = None) -> dict[str, object]:
    """A batch to create; with ``client`` its record file is uploaded by that person or machine."""
    submission = university.make(count=3)
    resolution = await university.register(submission)
    records = await university.collector.upload(submission.records_path)
    return {"resolution_id": resolution.resolution_id, "category": "X1", "records": records.reference()}
