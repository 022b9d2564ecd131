"""Where access tokens come from: a unit's machine (client credentials, RFC 6749 §4.4), or a ready-made person."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import httpx

from cli.problems import SignInRefused

_EARLY_SECONDS = 30.0
_ANSWER_SECONDS = 15.0


class TokenSource(Protocol):
    """Gives a bearer token; ``fresh`` asks for a new one because the last was not taken."""

    async def token(self, *, fresh: bool = False) -> str:
        """Raises SignInRefused when the issuer says no, httpx.TransportError when it cannot be reached."""
        ...


@dataclass(slots=True)
class ClientCredentials:
    """Tokens of a machine client; the issuer's discovery document says where to ask."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    _token: str = field(default="", repr=False)
    _good_until: float = 0.0

    async def token(self, *, fresh: bool = False) -> str:
        """A token that is good for a while yet."""
        if fresh or monotonic() >= self._good_until:
            await self._ask()
        return self._token

    async def _ask(self) -> None:
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=not is_loopback(self.issuer)) as http:
            discovery = await http.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            _must_be_given(self.issuer, discovery)
            answer = await http.post(
                _told(self.issuer, discovery, "token_endpoint"),
                data={"grant_type": "client_credentials"},
                auth=(self.client_id, self.secret),
            )
        _must_be_given(self.issuer, answer)
        self._token = _told(self.issuer, answer, "access_token")
        seconds = float(answer.json().get("expires_in", 60))
        self._good_until = monotonic() + max(0.0, seconds - _EARLY_SECONDS)


@dataclass(slots=True)
class PersonTokens:
    """DEVELOPMENT ONLY: tokens of a ready-made person of the local issuer."""

    issuer: str
    person_id: str
    _token: str = field(default="", repr=False)

    async def token(self, *, fresh: bool = False) -> str:
        """The person's token, asked for once and again when it was not taken."""
        if fresh or not self._token:
            from cli.stack.tokens import person_token  # noqa: PLC0415 - the local issuer is not there in production

            self._token = await asyncio.to_thread(person_token, self.issuer, self.person_id)
        return self._token


def is_loopback(url: str) -> bool:
    """Whether an address is this machine, to which no proxy leads."""
    return httpx.URL(url).host in {"127.0.0.1", "localhost", "::1"}


def _told(issuer: str, answer: httpx.Response, name: str) -> str:
    """A member of what the issuer answered; whatever is no OIDC issuer gives none."""
    try:
        return str(answer.json()[name])
    except (ValueError, KeyError, TypeError):
        raise SignInRefused(issuer, f"no {name}: is this an OIDC issuer?") from None


def _must_be_given(issuer: str, answer: httpx.Response) -> None:
    if answer.is_server_error:
        raise httpx.RemoteProtocolError(f"the issuer answered {answer.status_code}", request=answer.request)
    if not answer.is_success:
        try:
            reason = str(answer.json().get("error", answer.status_code))
        except (ValueError, AttributeError):
            reason = str(answer.status_code)
        raise SignInRefused(issuer, reason)
