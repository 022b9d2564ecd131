"""Every door of the collector: without a token, with an expired one, in the wrong role, office or unit."""

import re

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.kit.identity import OidcVerifier
from tests.collector.university import University, as_csv, records

OBJECT = "0" * 64
BATCH = "0" * 32
ANY = ("collector", "checker", "submitter")
DOORS = [
    ("PUT", f"/v1/objects/{OBJECT}", ANY),
    ("POST", "/v1/resolutions", ("collector",)),
    ("GET", "/v1/resolutions", ANY),
    ("GET", f"/v1/resolutions/{BATCH}", ANY),
    ("POST", "/v1/batches", ("collector",)),
    ("GET", "/v1/batches", ANY),
    ("GET", f"/v1/batches/{BATCH}", ANY),
    ("POST", f"/v1/batches/{BATCH}/uploads", ("collector",)),
    ("POST", f"/v1/batches/{BATCH}/check", ("checker",)),
    ("POST", f"/v1/batches/{BATCH}/submission", ("submitter",)),
    ("POST", f"/v1/batches/{BATCH}/withdrawal", ("submitter",)),
    ("GET", f"/v1/batches/{BATCH}/findings", ANY),
    ("GET", f"/v1/batches/{BATCH}/returned", ANY),
    ("GET", f"/v1/batches/{BATCH}/timeline", ANY),
    ("GET", f"/v1/batches/{BATCH}/receipts/1", ANY),
]
ISSUER = "http://issuer"
KEY = ECKey.generate_key("P-256", {"kid": "k1"})
KEYS = KeySet([KEY])


async def test_this_list_names_every_door(university):
    paths = university.service.http._transport.app.openapi()["paths"]
    doors = {
        (method.upper(), re.sub(r"\{[^}]+\}", "*", path))
        for path, methods in paths.items()
        for method in methods
    }
    listed = {
        (method, path.replace(OBJECT, "*").replace(BATCH, "*").replace("receipts/1", "receipts/*"))
        for method, path, _ in DOORS
    }
    assert doors == listed


async def test_no_door_opens_to_a_stranger_or_in_a_wrong_role_or_office(university):
    """One test over the whole matrix: the service is the same for all."""
    for method, path, roles in DOORS:
        ask = university.service.http.request
        assert (await ask(method, path)).json()["code"] == "token-missing", path
        nonsense = {"Authorization": "Bearer nonsense"}
        assert (await ask(method, path, headers=nonsense)).json()["code"] == "token-invalid", path
        for role in {"collector", "checker", "submitter", "reviewer", "operator"} - set(roles):
            wrong = university.person("p-x", role)
            answer = await ask(method, path, headers=wrong)
            assert (answer.status_code, answer.json()["code"]) == (403, "role-missing"), (path, role)
        for office in ("province:32", "military:JD", "national_centre", "national_office"):
            foreign = university.service.signed_in("p-x", office, *ANY)
            answer = await ask(method, path, headers=foreign)
            assert (answer.status_code, answer.json()["code"]) == (403, "office-foreign"), (path, office)


@pytest.mark.parametrize("known", [True, False])
async def test_another_units_batch_looks_like_none(university, known):
    batch_id = await university.push() if known else BATCH
    stranger = University(university.service, code="10001")
    everything = stranger.person("p-y", *ANY)
    for method, path, _ in DOORS:
        if f"/v1/batches/{BATCH}" not in path:
            continue
        body = {"passed": True} if path.endswith("check") else {}
        if path.endswith("uploads"):
            body = {"records": {"sha256": await stranger.put(as_csv(records())), "filename": "x.csv"}}
        headers = everything | {"Idempotency-Key": "k"}
        json = body if method == "POST" else None
        answer = await university.service.http.request(
            method, path.replace(BATCH, batch_id), headers=headers, json=json
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path


def token(**claims):
    whole = {"iss": ISSUER, "aud": "xuewei", "sub": "p-lin", "office": "unit:10284", "roles": ["collector"]}
    return jwt.encode({"alg": "ES256", "kid": "k1"}, whole | claims, KEY)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 1_000_000_000}, "token-expired"),
        ({"exp": 9_999_999_999, "aud": "other"}, "token-invalid"),
        ({"exp": 9_999_999_999, "iss": "http://other"}, "token-invalid"),
        ({"exp": 9_999_999_999, "office": "unit:1"}, "token-invalid"),
        ({"exp": 9_999_999_999}, None),
    ],
    ids=["expired", "for another service", "of another issuer", "of no office", "good"],
)
async def test_real_tokens_are_verified_at_the_door(university, claims, code):
    verifier = OidcVerifier(ISSUER, "xuewei")
    verifier._keys = KEYS
    verifier._fetched_at = float("inf")
    app = university.service.http._transport.app
    app.state.verifier = verifier
    answer = await university.get("/v1/batches", headers={"Authorization": f"Bearer {token(**claims)}"})
    assert answer.json().get("code") == code
