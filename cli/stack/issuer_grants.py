"""The two OAuth 2 grants of the local issuer, on authlib: authorization code with PKCE, client credentials."""

# authlib's own documentation overrides what its annotations do not allow to be overridden.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# pyright: reportOptionalMemberAccess=false, reportIndexIssue=false

import secrets
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidRequestError,
    OAuth2Payload,
    OAuth2Request,
    grants,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from starlette.responses import JSONResponse, RedirectResponse, Response

from cli.stack.people import Person

PUBLIC_CLIENTS = frozenset({"xuewei-pages", "xuewei-cli"})
_CODE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """A client as authlib sees it: public (pages, CLI; PKCE, loopback redirects) or a machine with a secret."""

    client_id: str
    secret: str | None = None

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Loopback only, any port (RFC 8252 §7.3)."""
        parts = urlsplit(redirect_uri)
        return parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret is not None and secrets.compare_digest(self.secret, client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and (method == "none") == (self.secret is None)

    def check_response_type(self, response_type: str) -> bool:
        return self.secret is None and response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == ("authorization_code" if self.secret is None else "client_credentials")


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code waiting to be exchanged, once, within a minute."""

    value: str
    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str
    nonce: str | None
    person: Person
    expires: float

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class RequiredChallenge(CodeChallenge):
    """PKCE without exception: authlib alone lets a request without any challenge pass, and allows `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuses a request without a code_challenge or with a method other than S256."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: code_challenge with code_challenge_method=S256")
        super().validate_code_challenge(grant, redirect_uri)


class CodeGrant(grants.AuthorizationCodeGrant):
    """Authorization code; codes live in memory and work once."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = ["none"]

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        self.server.codes[code] = Code(
            value=code,
            client_id=request.client.client_id,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
            nonce=asked.get("nonce"),
            person=request.user,
            expires=time.monotonic() + _CODE_SECONDS,
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = self.server.codes.pop(code, None)  # whatever comes of it, it works once
        usable = found and found.client_id == client.client_id and time.monotonic() < found.expires
        return found if usable else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        self.server.codes.pop(authorization_code.value, None)

    def authenticate_user(self, authorization_code: Code) -> Person:
        return authorization_code.person

    def create_token_response(self) -> Any:
        status, token, headers = super().create_token_response()
        code = self.request.authorization_code
        if "openid" in code.scope.split():
            token["id_token"] = self.server.sign_identity(code)
        return status, token, headers


class _Payload(OAuth2Payload):
    def __init__(self, values: list[tuple[str, str]]) -> None:
        self._values = values

    @property
    def data(self) -> dict[str, str]:
        return dict(self._values)

    @property
    def datalist(self) -> Any:
        return {name: [v for n, v in self._values if n == name] for name, _ in self._values}


class _Request(OAuth2Request):
    def __init__(self, method: str, uri: str, headers: Any, values: list[tuple[str, str]]) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = _Payload(values)

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data if self.method == "POST" else {}


class GrantServer(AuthorizationServer):
    """authlib's server over in-memory codes; subclasses say who the clients are and sign the tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, Code] = {}
        self.register_grant(CodeGrant, [RequiredChallenge(required=True)])
        self.register_grant(grants.ClientCredentialsGrant)

    def sign_identity(self, code: Code) -> str:
        """The ID token of the person who was given this code."""
        raise NotImplementedError

    def save_token(self, token: Any, request: Any) -> None:
        """Tokens are signed, not kept."""

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        return request if isinstance(request, OAuth2Request) else _Request(*request)

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        named = dict(headers)
        if "Location" in named:
            return RedirectResponse(named["Location"], status_code=status)
        return JSONResponse(body, status_code=status, headers=named)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to signals here."""
