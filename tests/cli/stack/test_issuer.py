"""The local issuer: gives the right claims, insists on PKCE, runs nowhere but in development on loopback."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cli.stack.issuer_keys import load_or_make_key, sign_token
from cli.stack.people import load_directory
from cli.stack.ports import free_port, is_listening
from cli.stack.private_files import load_or_make_secrets
from cli.stack.tokens import TokenRefusedError, client_token, person_token
from contracts.vocabulary import OfficeKind, Role
from services.kit.identity import OidcVerifier, caller_of
from services.kit.problems import Problem

DIRECTORY = load_directory()
COLLECTOR = DIRECTORY.person_of("unit:10284", Role.COLLECTOR)
QUESTION = {
    "response_type": "code",
    "client_id": "xuewei-cli",
    "redirect_uri": "http://127.0.0.1:1/callback",
    "scope": "openid",
    "code_challenge": "x" * 43,
    "code_challenge_method": "S256",
    "login_hint": COLLECTOR.person_id,
}


@dataclass(frozen=True, slots=True)
class RunningIssuer:
    url: str
    folder: Path

    def client_secret(self, client_id: str) -> str:
        return json.loads((self.folder / "client-secrets.json").read_text())[client_id]


@pytest.fixture(scope="module")
def issuer(session_folder: Path) -> Iterator[RunningIssuer]:
    folder, port = session_folder / "issuer", free_port()
    environment = os.environ | {"XUEWEI_ENVIRONMENT": "development", "XUEWEI_HTTP_PORT": str(port)}
    command = [sys.executable, "-W", "error", "-m", "cli.stack.issuer", str(folder)]
    with subprocess.Popen(command, env=environment) as process:
        deadline = time.monotonic() + 20
        while not is_listening(port) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.02)
        yield RunningIssuer(f"http://127.0.0.1:{port}", folder)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in {0, -signal.SIGTERM}


def _verifier(issuer: RunningIssuer) -> OidcVerifier:
    return OidcVerifier(issuer.url, "xuewei")


async def test_a_persons_token_tells_the_services_person_office_and_roles(issuer: RunningIssuer) -> None:
    token = person_token(issuer.url, COLLECTOR.person_id)
    claims = await _verifier(issuer).claims(token)
    caller = caller_of(claims)
    assert caller.person == COLLECTOR.person_id
    assert str(caller.office) == "unit:10284"
    assert caller.roles == {Role.COLLECTOR}
    assert claims["exp"] - claims["iat"] == 15 * 60


async def test_a_machines_token_names_the_responsible_person(issuer: RunningIssuer) -> None:
    client = DIRECTORY.client_of("unit:10284")
    token = client_token(issuer.url, client.client_id, issuer.client_secret(client.client_id))
    claims = await _verifier(issuer).claims(token)
    assert claims["sub"] == claims["client_id"] == client.client_id
    assert caller_of(claims).person == COLLECTOR.person_id


async def test_an_expired_token_is_known_as_expired(issuer: RunningIssuer) -> None:
    claims = {"iss": issuer.url, "aud": "xuewei", "sub": "p-x", "exp": int(time.time()) - 600}
    with pytest.raises(Problem) as refused:
        await _verifier(issuer).claims(sign_token(load_or_make_key(issuer.folder), claims))
    assert refused.value.reason.code == "token-expired"


async def test_a_token_signed_by_another_key_is_refused(issuer: RunningIssuer, tmp_path: Path) -> None:
    claims = {"iss": issuer.url, "aud": "xuewei", "sub": "p-x"}
    with pytest.raises(Problem) as refused:
        await _verifier(issuer).claims(sign_token(load_or_make_key(tmp_path), claims))
    assert refused.value.reason.code == "token-invalid"


def test_a_wrong_secret_and_an_unknown_person_get_no_token(issuer: RunningIssuer) -> None:
    with pytest.raises(TokenRefusedError, match="invalid_client"):
        client_token(issuer.url, "system-10284", "guess")
    with pytest.raises(TokenRefusedError, match="access_denied"):
        person_token(issuer.url, "p-nobody")


@pytest.mark.parametrize(
    "change",
    [{"code_challenge": None}, {"code_challenge_method": None}, {"code_challenge_method": "plain"}],
    ids=str,
)
def test_a_request_without_s256_pkce_gets_no_code(
    issuer: RunningIssuer, change: dict[str, str | None]
) -> None:
    question = {name: value for name, value in (QUESTION | change).items() if value is not None}
    answer = httpx.get(f"{issuer.url}/authorize", params=question, trust_env=False)
    assert "code=" not in answer.headers.get("location", "")
    assert "invalid_request" in answer.headers.get("location", answer.text)


def test_a_redirect_away_from_this_machine_is_refused(issuer: RunningIssuer) -> None:
    question = QUESTION | {"redirect_uri": "http://elsewhere.example/callback"}
    answer = httpx.get(f"{issuer.url}/authorize", params=question, trust_env=False)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_a_code_works_once_and_only_with_its_verifier(issuer: RunningIssuer) -> None:
    answer = httpx.get(f"{issuer.url}/authorize", params=QUESTION, trust_env=False)
    code = httpx.URL(answer.headers["location"]).params["code"]
    exchange = {"grant_type": "authorization_code", "client_id": "xuewei-cli", "code": code}
    exchange |= {"redirect_uri": QUESTION["redirect_uri"], "code_verifier": "y" * 43}
    for _ in range(2):
        refused = httpx.post(f"{issuer.url}/token", data=exchange, trust_env=False)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_the_page_offers_every_person_and_says_it_is_for_development(issuer: RunningIssuer) -> None:
    question = {name: value for name, value in QUESTION.items() if name != "login_hint"}
    page = httpx.get(f"{issuer.url}/authorize", params=question, trust_env=False).text
    assert "DEVELOPMENT ONLY" in page
    assert all(f"login_hint={person_id}" in page for person_id in DIRECTORY.people)


def test_discovery_says_it_is_for_development(issuer: RunningIssuer) -> None:
    found = httpx.get(f"{issuer.url}/.well-known/openid-configuration", trust_env=False).json()
    assert found["issuer"] == issuer.url
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "DEVELOPMENT ONLY" in found["xuewei_warning"]


def test_a_foreign_host_name_is_refused(issuer: RunningIssuer) -> None:
    answer = httpx.get(f"{issuer.url}/jwks", headers={"host": "rebound.example"}, trust_env=False)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"XUEWEI_ENVIRONMENT": "production"}, "XUEWEI_ENVIRONMENT=development"),
        ({"XUEWEI_HTTP_HOST": "0.0.0.0"}, "loopback only"),
    ],
    ids=["production", "all addresses"],
)
def test_it_refuses_to_start_anywhere_else(change: dict[str, str], reason: str, tmp_path: Path) -> None:
    environment = (
        os.environ | {"XUEWEI_ENVIRONMENT": "development", "XUEWEI_HTTP_PORT": str(free_port())} | change
    )
    command = [sys.executable, "-m", "cli.stack.issuer", str(tmp_path)]
    refused = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert refused.returncode == 2
    assert reason in refused.stderr


def test_the_key_and_the_secrets_are_kept_and_private(tmp_path: Path) -> None:
    first = load_or_make_key(tmp_path), load_or_make_secrets(tmp_path / "s", ["a"])
    again = load_or_make_key(tmp_path), load_or_make_secrets(tmp_path / "s", ["a", "b"])
    assert first[0].kid == again[0].kid
    assert first[1]["a"] == again[1]["a"] != again[1]["b"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_the_people_cover_units_in_three_provinces_with_every_role() -> None:
    table = Path(__file__).parents[3] / "contracts/standard/tables/institutions_2017.csv"
    with table.open(encoding="utf-8-sig") as rows:
        province = {row["code"]: row["province_code"] for row in csv.DictReader(rows)}
    units = [office for office in DIRECTORY.office_names_zh if office.kind is OfficeKind.UNIT]
    assert len(units) >= 8
    assert {province[unit.code] for unit in units if unit.code in province} == {"11", "32", "33"}
    for unit in units:
        people = {
            DIRECTORY.person_of(str(unit), role) for role in (Role.COLLECTOR, Role.CHECKER, Role.SUBMITTER)
        }
        assert len(people) == 3
        assert DIRECTORY.client_of(str(unit)).responsible in DIRECTORY.people
    for office in ("province:11", "province:32", "province:33", "military:JD"):
        assert DIRECTORY.person_of(office, Role.REVIEWER, 1) != DIRECTORY.person_of(office, Role.REVIEWER)
        assert DIRECTORY.person_of(office, Role.APPROVER)
    assert DIRECTORY.person_of("national_centre", Role.CENTRE_OPERATOR)
    assert {role for person in DIRECTORY.people.values() for role in person.roles} == set(Role)
