"""DEVELOPMENT ONLY: a small local OIDC issuer, in which anybody becomes one of some ready-made people by a click.

`python -m cli.stack.issuer FOLDER`: discovery, keys, authorization code with PKCE, client credentials. Refuses to
start unless XUEWEI_ENVIRONMENT=development and the address is loopback. In production any OIDC provider takes its
place; what its access tokens must say is in services/kit/identity.py.
"""

# authlib leaves the type of a response to whoever builds on it.
# pyright: reportIncompatibleMethodOverride=false, reportReturnType=false, reportArgumentType=false

import ipaddress
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cli.stack.issuer_grants import PUBLIC_CLIENTS, Client, Code, GrantServer
from cli.stack.issuer_keys import (
    ALGORITHM,
    TOKEN_SECONDS,
    load_or_make_key,
    sign_token,
)
from cli.stack.people import Directory, MachineClient, Person, load_directory
from cli.stack.ports import LOOPBACK
from cli.stack.private_files import load_or_make_secrets

_WARNING = "DEVELOPMENT ONLY 仅供开发: anybody can sign in as anybody here"
_log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """What the local issuer is told from outside (environment, prefix XUEWEI_)."""

    environment: str
    http_host: str
    http_port: int
    oidc_audience: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """From environment variables; KeyError without a port. (Not by pydantic: this starts in half the time.)"""
        return cls(
            environment=environment.get("XUEWEI_ENVIRONMENT", "production"),
            http_host=environment.get("XUEWEI_HTTP_HOST", LOOPBACK),
            http_port=int(environment["XUEWEI_HTTP_PORT"]),
            oidc_audience=environment.get("XUEWEI_OIDC_AUDIENCE", "xuewei"),
        )

    def refusal(self) -> str | None:
        """Why this issuer must not run here; None = it may."""
        if self.environment != "development":
            return "the local issuer runs only with XUEWEI_ENVIRONMENT=development"
        if not ipaddress.ip_address(self.http_host).is_loopback:
            return "the local issuer listens on loopback only"
        return None


class LocalIssuer(GrantServer):
    """Signs access tokens for ready-made people and machine clients."""

    def __init__(self, url: str, audience: str, folder: Path, directory: Directory) -> None:
        """`folder` keeps the key and the clients' secrets from one start to the next."""
        super().__init__()
        self.url = url
        self.audience = audience
        self.directory = directory
        self.key = load_or_make_key(folder)
        self._secrets = load_or_make_secrets(folder / "client-secrets.json", directory.clients)
        self.register_token_generator("default", self._make_token)

    def query_client(self, client_id: str) -> Client | None:
        if client_id in PUBLIC_CLIENTS:
            return Client(client_id)
        return Client(client_id, self._secrets[client_id]) if client_id in self.directory.clients else None

    def sign_identity(self, code: Code) -> str:
        claims: dict[str, Any] = {"iss": self.url, "sub": code.person.person_id, "aud": code.client_id}
        if code.nonce is not None:
            claims["nonce"] = code.nonce
        return sign_token(self.key, claims | {"name": code.person.name_zh}, token_type="JWT")  # noqa: S106

    def _make_token(self, *, client: Client, user: Person | None, **_: Any) -> dict[str, Any]:
        claims = _person_claims(user) if user else _machine_claims(self.directory.clients[client.client_id])
        claims |= {"iss": self.url, "aud": self.audience, "client_id": client.client_id}
        return {
            "token_type": "Bearer",
            "access_token": sign_token(self.key, claims),
            "expires_in": TOKEN_SECONDS,
        }


def _person_claims(person: Person) -> dict[str, Any]:
    return {"sub": person.person_id, "office": str(person.office), "roles": sorted(person.roles)}


def _machine_claims(client: MachineClient) -> dict[str, Any]:
    return {
        "sub": client.client_id,
        "person": client.responsible,
        "office": str(client.office),
        "roles": sorted(client.roles),
    }


def make_app(issuer: LocalIssuer) -> Starlette:
    """The issuer's HTTP face."""

    async def discover(_: Request) -> Response:
        return JSONResponse(_discovery(issuer.url))

    async def keys(_: Request) -> Response:
        return JSONResponse({"keys": [issuer.key.as_dict(private=False)]})

    async def authorize(request: Request) -> Response:
        return _authorize(issuer, request)

    async def exchange(request: Request) -> Response:
        form = await request.form()
        values = [(name, str(value)) for name, value in form.multi_items()]
        return issuer.create_token_response(("POST", str(request.url), request.headers, values))

    async def welcome(_: Request) -> Response:
        return HTMLResponse(f"<h1>xuewei</h1><p>{_WARNING}</p>")

    routes = [
        Route("/", welcome),
        Route("/.well-known/openid-configuration", discover),
        Route("/jwks", keys),
        Route("/authorize", authorize),
        Route("/token", exchange, methods=["POST"]),
    ]
    only_us = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    return Starlette(routes=routes, middleware=[only_us])


def _authorize(issuer: LocalIssuer, request: Request) -> Response:
    asked = issuer.create_oauth2_request(
        ("GET", str(request.url), request.headers, request.query_params.multi_items())
    )
    try:
        grant = issuer.get_consent_grant(asked)
    except OAuth2Error as refusal:
        status, body, headers = refusal()
        location = dict(headers).get("Location")
        return RedirectResponse(location) if location else JSONResponse(body, status_code=status)
    hint = request.query_params.get("login_hint")
    if hint is None:
        return HTMLResponse(_choice_page(issuer.directory, request.query_params.multi_items()))
    person = issuer.directory.people.get(hint)
    return issuer.create_authorization_response(asked, grant_user=person, grant=grant)


def _choice_page(directory: Directory, query: list[tuple[str, str]]) -> str:
    """The page on which to choose who to be: one link per person, offices in the order of the data file."""
    parts = [
        f"<!doctype html><html lang=zh><meta charset=utf-8><title>xuewei 登录</title><h1>{_WARNING}</h1>"
    ]
    for office, name_zh in directory.office_names_zh.items():
        parts.append(f"<h2>{escape(name_zh)} <small>{office}</small></h2><ul>")
        for person in directory.people.values():
            if person.office == office:
                link = escape(urlencode([*query, ("login_hint", person.person_id)]))
                roles = escape(", ".join(sorted(person.roles)) or "无角色 no role")
                parts.append(f'<li><a href="?{link}">{escape(person.name_zh)}</a> {roles}</li>')
        parts.append("</ul>")
    return "".join(parts)


def _discovery(url: str) -> dict[str, Any]:
    return {
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid"],
        "xuewei_warning": _WARNING,
    }


def main(arguments: list[str]) -> int:
    """Serves until told to stop; 2 = must not run here."""
    settings = IssuerSettings.read(os.environ)
    refusal = settings.refusal()
    if refusal is not None:
        print(refusal, file=sys.stderr)
        return 2
    url = f"http://{settings.http_host}:{settings.http_port}"
    issuer = LocalIssuer(url, settings.oidc_audience, Path(arguments[0]), load_directory())
    config = uvicorn.Config(
        make_app(issuer), host=settings.http_host, port=settings.http_port, access_log=False
    )
    _log.warning("local OIDC issuer on %s: %s", url, _WARNING)
    uvicorn.Server(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
