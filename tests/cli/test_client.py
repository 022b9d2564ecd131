"""The client against a real server: what it repeats, what it does not, and what it tells."""

import re
from pathlib import Path

import pytest

from cli.client import Ask, Client, Patience, Retry, new_traceparent
from cli.desks import UnitDesk, Uploaded
from cli.exits import Exit
from cli.problems import ServiceProblem, ServiceUnreachable, SignInRefused, told
from cli.tokens import ClientCredentials
from cli.views import ResolutionView
from cli.words import Lang
from contracts.vocabulary import RecordCategory
from tests.cli.scripted_service import Answer, serving

QUICK = Patience(seconds=5, first_pause_seconds=0.01, pause_max_seconds=0.02)
REFUSAL = {
    "title": "The same natural person may not do both acts",
    "title_zh": "同一自然人不得办理相互制约的环节",
    "status": 403,
    "code": "same-person",
    "article": "12(2)",
    "fix": "Ask another person",
    "fix_zh": "请由另一人员办理",
    "trace_id": "0" * 32,
    "needs": ["checker"],
}


class Tokens:
    """Counts how often it was asked, and whether for a fresh one."""

    def __init__(self) -> None:
        self.fresh: list[bool] = []

    async def token(self, *, fresh: bool = False) -> str:
        self.fresh.append(fresh)
        return f"token-{len(self.fresh)}"


async def test_what_hangs_up_or_is_busy_is_asked_again_with_the_same_body_and_key(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_bytes(b"XM\n" * 1000)
    retries: list[Retry] = []
    with serving(Answer(hang_up=True), Answer(503), Answer(500), Answer(201, {"done": True})) as service:
        async with Client(service.url, patience=QUICK, on_retry=retries.append) as client:
            ask = Ask("PUT", "/v1/objects/x", path, "text/csv", headers={"Idempotency-Key": "k"})
            answer = await client.ask(ask)
    assert answer.json() == {"done": True}
    assert len(service.asked) == 4
    assert {(each.body, each.headers["idempotency-key"]) for each in service.asked} == {
        (path.read_bytes(), "k")
    }
    assert len(retries) == 3
    assert "503" in retries[1].reason


async def test_a_refusal_is_not_asked_again() -> None:
    with serving(Answer(403, REFUSAL)) as service:
        async with Client(service.url, patience=QUICK) as client:
            with pytest.raises(ServiceProblem) as refused:
                await client.post("/v1/batches/1/submission", {})
    assert len(service.asked) == 1
    problem = refused.value
    assert (problem.code, problem.article, problem.facts) == ("same-person", "12(2)", {"needs": ["checker"]})
    assert problem.exit_code is Exit.NOT_ALLOWED


async def test_a_service_that_stays_away_is_told_after_patience_ran_out() -> None:
    patience = Patience(seconds=0.2, first_pause_seconds=0.05, pause_max_seconds=0.1)
    async with Client("http://127.0.0.1:9", patience=patience) as client:
        with pytest.raises(ServiceUnreachable) as away:
            await client.get("/v1/batches")
    assert away.value.tries > 1
    assert away.value.seconds < 2
    assert away.value.exit_code is Exit.UNREACHABLE
    assert "a retry never submits twice" in " ".join(told(away.value, Lang.EN))


async def test_a_service_that_stays_busy_tells_its_own_reason() -> None:
    patience = Patience(seconds=0.05, first_pause_seconds=0.03, pause_max_seconds=0.03)
    busy = {"title": "The service is busy", "status": 503, "code": "busy"}
    with serving(Answer(503, busy)) as service:
        async with Client(service.url, patience=patience) as client:
            with pytest.raises(ServiceProblem) as refused:
                await client.get("/v1/batches")
    assert (refused.value.code, refused.value.exit_code) == ("busy", Exit.UNREACHABLE)


async def test_retry_after_is_waited_for() -> None:
    retries: list[Retry] = []
    with serving(Answer(503, headers={"Retry-After": "1"}), Answer(200, {})) as service:
        async with Client(service.url, patience=QUICK, on_retry=retries.append) as client:
            await client.get("/v1/batches")
    assert [retry.pause_seconds for retry in retries] == [1.0]


async def test_a_token_that_ran_out_is_replaced_once() -> None:
    tokens = Tokens()
    with serving(Answer(401, {"code": "token-expired"}), Answer(200, {})) as service:
        async with Client(service.url, tokens, patience=QUICK) as client:
            await client.get("/v1/batches")
    assert tokens.fresh == [False, True]
    assert [each.headers["authorization"] for each in service.asked] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_that_is_never_taken_ends_it() -> None:
    with serving(Answer(401, {"code": "token-invalid", "title": "no"})) as service:
        async with Client(service.url, Tokens(), patience=QUICK) as client:
            with pytest.raises(ServiceProblem) as refused:
                await client.get("/v1/batches")
    assert len(service.asked) == 2
    assert refused.value.exit_code is Exit.NOT_ALLOWED


async def test_client_credentials_are_asked_for_where_discovery_says_and_kept() -> None:
    with serving(Answer()) as issuer:
        issuer.answers[:] = [
            Answer(body={"token_endpoint": f"{issuer.url}/token"}),
            Answer(body={"access_token": "t", "expires_in": 600}),
        ]
        tokens = ClientCredentials(issuer.url, "system-10284", "s3cret")
        assert [await tokens.token(), await tokens.token()] == ["t", "t"]
    assert [each.path for each in issuer.asked] == ["/.well-known/openid-configuration", "/token"]
    assert b"grant_type=client_credentials" in issuer.asked[1].body
    assert "s3cret" not in repr(tokens)


async def test_wrong_client_credentials_are_told_without_the_secret() -> None:
    with serving(Answer()) as issuer:
        issuer.answers[:] = [
            Answer(body={"token_endpoint": f"{issuer.url}/token"}),
            Answer(401, {"error": "invalid_client"}),
        ]
        async with Client(issuer.url, ClientCredentials(issuer.url, "c", "s3cret"), patience=QUICK) as client:
            with pytest.raises(SignInRefused) as refused:
                await client.get("/v1/batches")
    text = " ".join(told(refused.value, Lang.EN))
    assert "invalid_client" in text
    assert "s3cret" not in text


async def test_what_is_no_issuer_is_told() -> None:
    answer = Answer(body={"hello": "world"})
    with serving(answer) as issuer, pytest.raises(SignInRefused, match="token_endpoint"):
        await ClientCredentials(issuer.url, "c", "s").token()


def test_a_problem_says_what_where_which_article_and_how_to_mend_it_in_both_languages() -> None:
    problem = ServiceProblem(
        403, "POST /v1/batches/1/check", "same-person", "No", "不行", "12(2)", "Ask another", "换人"
    )
    problem.errors = [{"where": "body/headcount", "text": "too small"}]
    assert told(problem, Lang.EN) == [
        "No (same-person, Article 12(2))",
        "where: POST /v1/batches/1/check",
        "  body/headcount: too small",
        "fix: Ask another",
    ]
    assert told(problem, Lang.ZH)[0] == "不行(same-person,第12(2)条)"
    assert told(problem, Lang.ZH)[-1] == "办法:换人"


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, 3), (403, 3), (404, 3), (409, 3), (400, 2), (413, 2), (422, 2), (500, 4), (503, 4)],
)
def test_each_kind_of_refusal_has_its_exit_code(status: int, code: int) -> None:
    assert ServiceProblem(status, "GET /").exit_code == code


async def test_a_page_of_a_proxy_is_told_by_its_status() -> None:
    with serving(Answer(413, "<html>", {"Content-Type": "text/html"})) as service:
        async with Client(service.url, patience=QUICK) as client:
            with pytest.raises(ServiceProblem) as refused:
                await client.get("/v1/batches")
    assert (refused.value.status, refused.value.code) == (413, "")


def test_each_batch_gets_a_new_sampled_trace() -> None:
    first, second = new_traceparent(), new_traceparent()
    assert first != second
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", first)


async def test_a_batch_is_created_with_a_trace_and_a_key_that_follows_from_its_content() -> None:
    received = {"batch_id": "b", "acceptance_number": "a", "state": "received", "round": 1, "attempt": 1}
    resolution = {
        "resolution_id": "r", "unit_code": "10284", "number": "n", "effective_on": "2026-06-28",
        "headcount": 1, "levels": ["4"],
        "due": {"deadline": "T01", "article": "12(4)", "last_day": "2026-07-28", "days_left": 3},
    }  # fmt: skip
    with serving(Answer(202, received)) as service:
        async with Client(service.url, patience=QUICK) as client:
            for digest in ("1" * 64, "1" * 64, "2" * 64):
                await UnitDesk(client).create_batch(
                    ResolutionView.model_validate(resolution), RecordCategory.X1, Uploaded(digest, "f.csv")
                )
    keys = [each.headers["idempotency-key"] for each in service.asked]
    traces = {each.headers["traceparent"] for each in service.asked}
    assert keys[0] == keys[1] != keys[2]
    assert len(traces) == 3
