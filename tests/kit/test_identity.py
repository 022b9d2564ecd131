"""Tokens: who may ask. Signed by a key made here; the local issuer and Keycloak are tested elsewhere."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from contracts.vocabulary import Office, Role
from services.kit.identity import LEEWAY_SECONDS, Caller, OidcVerifier, caller_of
from services.kit.problems import Problem

AUDIENCE = "xuewei"


class Issuer:
    """Serves discovery and keys on loopback, and signs tokens."""

    def __init__(self) -> None:
        self.keys = [ECKey.generate_key("P-256", {"kid": "first", "alg": "ES256", "use": "sig"})]
        issuer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body: Any = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
                if self.path == "/keys":
                    body = KeySet(list(issuer.keys)).as_dict(private=False)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, key: ECKey | None = None, **changes: Any) -> str:
        key = key or self.keys[0]
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "p-1",
            "office": "unit:10284",
            "roles": ["collector"],
            "exp": int(time.time()) + 300,
            **changes,
        }
        return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()
    issuer.server.server_close()


def code_of(verifier: OidcVerifier, token: str) -> str:
    with pytest.raises(Problem) as refusal:
        asyncio.run(verifier.claims(token))
    return refusal.value.reason.code


def test_a_good_token_names_person_office_and_roles(issuer: Issuer) -> None:
    claims = asyncio.run(OidcVerifier(issuer.url, AUDIENCE).claims(issuer.token()))
    assert caller_of(claims) == Caller("p-1", Office.unit("10284"), frozenset({Role.COLLECTOR}))


def test_an_expired_token_is_told_from_a_wrong_one(issuer: Issuer) -> None:
    assert (
        code_of(OidcVerifier(issuer.url, AUDIENCE), issuer.token(exp=int(time.time()) - 60))
        == "token-expired"
    )


@pytest.mark.parametrize(
    "changes",
    [{"aud": "another"}, {"iss": "http://another"}, {"exp": None}, {"sub": None}],
    ids=["audience", "issuer", "no expiry", "no subject"],
)
def test_a_token_for_somebody_else_is_refused(issuer: Issuer, changes: dict[str, Any]) -> None:
    assert code_of(OidcVerifier(issuer.url, AUDIENCE), issuer.token(**changes)) == "token-invalid"


def test_a_token_signed_by_another_key_is_refused(issuer: Issuer) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": "first", "alg": "ES256", "use": "sig"})
    assert code_of(OidcVerifier(issuer.url, AUDIENCE), issuer.token(stranger)) == "token-invalid"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwIn0."])
def test_nonsense_is_refused(issuer: Issuer, token: str) -> None:
    assert code_of(OidcVerifier(issuer.url, AUDIENCE), token) == "token-invalid"


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.kit.identity.REFETCH_SECONDS", 0.0)
    verifier = OidcVerifier(issuer.url, AUDIENCE)

    async def rotate() -> str:
        await verifier.claims(issuer.token())
        second = ECKey.generate_key("P-256", {"kid": "second", "alg": "ES256", "use": "sig"})
        issuer.keys.append(second)
        return (await verifier.claims(issuer.token(second)))["sub"]

    assert asyncio.run(rotate()) == "p-1"


def test_an_issuer_that_is_away_is_told_as_unavailable() -> None:
    assert code_of(OidcVerifier("http://127.0.0.1:9", AUDIENCE), "a.b.c") == "busy"


def test_a_machine_acts_for_the_natural_person_answerable_for_it() -> None:
    claims = {
        "sub": "client-10284",
        "person": "p-7",
        "office": "unit:10284",
        "roles": ["collector"],
        "client_id": "c",
    }
    assert caller_of(claims).person == "p-7"
    assert caller_of(claims).client == "c"


@pytest.mark.parametrize("office", ["unit:1", "unit", "province:JD", "nowhere", "", "national_centre:1"])
def test_an_office_that_cannot_be_is_refused(office: str) -> None:
    with pytest.raises(Problem):
        caller_of({"sub": "p", "office": office, "roles": []})


def test_a_role_nobody_knows_gives_no_right() -> None:
    caller = caller_of({"sub": "p", "office": "province:32", "roles": ["emperor", "reviewer"]})
    assert caller.roles == {Role.REVIEWER}
    with pytest.raises(Problem) as refusal:
        caller.needs(Role.APPROVER)
    assert refusal.value.reason.code == "role-missing"


@pytest.mark.parametrize("person", ["张三", "a b", "", 7, None])
def test_a_person_whose_identifier_is_not_opaque_is_refused(person: object) -> None:
    with pytest.raises(Problem):
        caller_of({"sub": person, "office": "province:32", "roles": []})


async def test_a_token_found_good_is_not_taken_past_its_end(issuer: Issuer) -> None:
    verifier = OidcVerifier(issuer.url, AUDIENCE)
    # The leeway lets a token that ended just now pass, but it is looked at each time again.
    ending = issuer.token(exp=int(time.time()) - LEEWAY_SECONDS + 2)
    assert (await verifier.claims(ending))["sub"] == "p-1"
    await asyncio.sleep(3)
    with pytest.raises(Problem) as refusal:
        await verifier.claims(ending)
    assert refusal.value.reason.code == "token-expired"


async def test_a_token_is_looked_at_once_for_a_row_of_requests(issuer: Issuer) -> None:
    verifier = OidcVerifier(issuer.url, AUDIENCE)
    token = issuer.token()
    first = await verifier.claims(token)
    assert await verifier.claims(token) is first
    assert await verifier.claims(issuer.token(sub="p-2")) != first
