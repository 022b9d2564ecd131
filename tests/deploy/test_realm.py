"""The realm that Keycloak imports says what services/kit/identity.py reads, and holds no secret."""

import json
import re
from typing import Any

import pytest

from contracts.vocabulary import Office, Role
from services.kit.identity import caller_of
from tests.deploy.compose import PROJECT, read_compose

REALM: dict[str, Any] = json.loads(
    (PROJECT / "deploy/keycloak/realm-xuewei.json").read_text(encoding="utf-8")
)
CLIENTS: dict[str, dict[str, Any]] = {client["clientId"]: client for client in REALM["clients"]}


def mappers() -> dict[str, dict[str, Any]]:
    """Mappers of the scopes every client has, by the claim they write."""
    scopes = [
        scope for scope in REALM["clientScopes"] if scope["name"] in REALM["defaultDefaultClientScopes"]
    ]
    every = [mapper for scope in scopes for mapper in scope["protocolMappers"]]
    return {mapper["config"].get("claim.name", mapper["name"]): mapper for mapper in every}


def test_the_roles_are_those_of_the_vocabulary() -> None:
    assert {role["name"] for role in REALM["roles"]["realm"]} == set(Role)


def test_every_claim_the_services_read_is_in_the_access_token() -> None:
    assert {"sub", "office", "person", "roles", "client_id", "audience"} <= set(mappers())
    for mapper in mappers().values():
        assert mapper["config"]["access.token.claim"] == "true"
    assert mappers()["roles"]["config"]["multivalued"] == "true"
    assert mappers()["audience"]["config"]["included.custom.audience"] == "xuewei"


def test_no_claim_holds_a_name_or_an_address() -> None:
    read = {mapper["config"].get("user.attribute") for mapper in mappers().values()} - {None}
    assert read == {"office", "person"}


def test_every_client_has_the_scopes_with_the_claims() -> None:
    for client in CLIENTS.values():
        assert client["defaultClientScopes"] == REALM["defaultDefaultClientScopes"], client["clientId"]


def test_the_audience_and_issuer_are_those_the_services_are_given() -> None:
    environment = read_compose(PROJECT / "docker-compose.yml")["x-environment"]
    assert environment["XUEWEI_OIDC_AUDIENCE"] == mappers()["audience"]["config"]["included.custom.audience"]
    assert environment["XUEWEI_OIDC_ISSUER"].endswith(f"/realms/{REALM['realm']}")


@pytest.mark.parametrize("client", [each for each in CLIENTS.values() if each["publicClient"]])
def test_public_clients_must_prove_their_code_and_take_no_passwords(client: dict[str, Any]) -> None:
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert not client["directAccessGrantsEnabled"]
    assert not client["implicitFlowEnabled"]
    for uri in client["redirectUris"]:
        assert re.match(r"http://(127\.0\.0\.1/|localhost:800[1-4]/)\*$", uri)


def test_the_example_machine_is_off_and_its_claims_make_a_caller() -> None:
    assert not CLIENTS["system-10001"]["enabled"]
    (account,) = [user for user in REALM["users"] if user.get("serviceAccountClientId") == "system-10001"]
    claims = {name: values[0] for name, values in account["attributes"].items()}
    caller = caller_of(claims | {"sub": "x", "roles": account["realmRoles"]})
    assert (caller.office, caller.roles) == (Office.parse("unit:10001"), {Role.COLLECTOR})


@pytest.mark.parametrize(
    ("office", "is_office"),
    [
        *[(office, True) for office in ("unit:10284", "province:32", "military:JD", "national_centre")],
        ("national_office", True),
        *[(office, False) for office in ("unit:1028", "province:JD", "10284", "", "national")],
    ],
)
def test_only_offices_can_be_entered_for_a_person(office: str, is_office: bool) -> None:
    (component,) = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    profile = json.loads(component["config"]["kc.user.profile.config"][0])
    (attribute,) = [each for each in profile["attributes"] if each["name"] == "office"]
    assert bool(re.match(attribute["validations"]["pattern"]["pattern"], office)) == is_office
    assert attribute["permissions"]["edit"] == ["admin"]


def test_the_file_holds_no_secret_and_nobody_can_sign_in_yet() -> None:
    text = json.dumps(REALM)
    assert '"secret"' not in text
    assert '"credentials"' not in text
    assert '"privateKey"' not in text
    assert [user["username"] for user in REALM["users"]] == ["service-account-system-10001"]
