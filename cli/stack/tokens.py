"""Access tokens from the local issuer: for a ready-made person, for a unit's machine."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx

_REDIRECT = "http://127.0.0.1/callback"  # never opened: the code is read from the answer
_SECONDS = 10.0


class TokenRefusedError(RuntimeError):
    """The issuer gave no token: holds its error code and description."""


def person_token(issuer_url: str, person_id: str) -> str:
    """An access token of a ready-made person, by authorization code and PKCE as a browser would get it."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    question = {
        "response_type": "code",
        "client_id": "xuewei-cli",
        "redirect_uri": _REDIRECT,
        "scope": "openid",
        "state": secrets.token_urlsafe(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": person_id,
    }
    with httpx.Client(base_url=issuer_url, timeout=_SECONDS, trust_env=False) as http:
        answer = http.get("/authorize", params=question)
        returned = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        if "code" not in returned or returned.get("state") != [question["state"]]:
            raise TokenRefusedError(str(returned or answer.text))
        exchange = {
            "grant_type": "authorization_code",
            "client_id": question["client_id"],
            "redirect_uri": _REDIRECT,
            "code": returned["code"][0],
            "code_verifier": verifier,
        }
        return _access_token(http.post("/token", data=exchange))


def client_token(issuer_url: str, client_id: str, secret: str) -> str:
    """An access token of a machine client, by client credentials."""
    with httpx.Client(base_url=issuer_url, timeout=_SECONDS, trust_env=False) as http:
        return _access_token(
            http.post("/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
        )


def _access_token(answer: httpx.Response) -> str:
    if answer.status_code != httpx.codes.OK:
        raise TokenRefusedError(answer.text)
    return answer.json()["access_token"]
