"""Who asks: OIDC access tokens verified and mapped to person, office and roles (Article 4, 15)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic, time
from typing import Any, Protocol, cast

import httpx
from fastapi import Request
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet
from pydantic import TypeAdapter

from contracts.vocabulary import Office, OfficeKind, PersonId, Role
from services.kit.problems import Problem

ALGORITHMS = ["ES256", "RS256", "EdDSA", "Ed25519"]
REFETCH_SECONDS = 10.0
LEEWAY_SECONDS = 30
REMEMBERED_SECONDS = 60.0
REMEMBERED_MAX = 2_000
_PERSON = TypeAdapter[str](PersonId)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person (or a unit's machine, with the natural person answerable for it) in an office with roles.

    ``person`` is opaque and the same for a natural person whatever client is used: four-eyes rules
    compare it.
    """

    person: str
    office: Office
    roles: frozenset[Role]
    client: str | None = None

    def needs(self, *roles: Role) -> None:
        """Refuses (role-missing) unless the caller holds one of ``roles``."""
        if not self.roles.intersection(roles):
            raise Problem("role-missing", needs=sorted(roles))

    def needs_office(self, office: Office) -> None:
        """Refuses (not-found: foreign things do not show that they exist) unless the office is the caller's."""
        if self.office != office:
            raise Problem("not-found")


class TokenVerifier(Protocol):
    """Verifies a bearer token and tells its claims; raises Problem(token-…)."""

    async def claims(self, token: str) -> dict[str, Any]:
        """The verified claims."""
        ...


@dataclass(slots=True)
class OidcVerifier:
    """Verifies JWT access tokens of one OIDC issuer; keys are fetched once and again for an unknown key.

    A token found good is taken without another look for a minute at most, never past its end: a person's
    requests come in rows, and the signature costs more than most answers.
    """

    issuer: str
    audience: str
    jwks_url: str = ""
    _keys: KeySet | None = None
    _fetched_at: float = -REFETCH_SECONDS
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _good: dict[bytes, tuple[float, dict[str, Any]]] = field(
        default_factory=dict[bytes, tuple[float, dict[str, Any]]]
    )

    async def claims(self, token: str) -> dict[str, Any]:
        """Claims of a token signed by the issuer for our audience and not expired (real time)."""
        digest = sha256(token.encode()).digest()
        until, claims = self._good.get(digest, (0.0, {}))
        if time() < until:
            return claims
        claims = await self._verified(token)
        if len(self._good) >= REMEMBERED_MAX:
            self._good.clear()
        self._good[digest] = (min(time() + REMEMBERED_SECONDS, float(claims["exp"])), claims)
        return claims

    async def _verified(self, token: str) -> dict[str, Any]:
        try:
            return self._verify(token, await self._key_set(fresh=False))
        except ExpiredTokenError:
            raise Problem("token-expired") from None
        except (JoseError, ValueError):
            pass  # perhaps signed by a key we have not seen yet
        try:
            return self._verify(token, await self._key_set(fresh=True))
        except ExpiredTokenError:
            raise Problem("token-expired") from None
        except (JoseError, ValueError):
            raise Problem("token-invalid") from None

    def _verify(self, token: str, keys: KeySet) -> dict[str, Any]:
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        registry.validate(decoded.claims)
        return decoded.claims

    async def _key_set(self, *, fresh: bool) -> KeySet:
        # Who has a known key never waits for a fetch that somebody's nonsense caused.
        if self._keys is not None and not (fresh and self._is_stale()):
            return self._keys
        async with self._lock:
            if self._keys is None or self._is_stale():
                self._fetched_at = monotonic()  # also of a fetch that fails: nonsense causes one at a time
                self._keys = await self._fetch()
            return self._keys

    def _is_stale(self) -> bool:
        return monotonic() - self._fetched_at >= REFETCH_SECONDS

    async def _fetch(self) -> KeySet:
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
                url = self.jwks_url
                if not url:
                    discovery = await http.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                    url = discovery.raise_for_status().json()["jwks_uri"]
                answer = await http.get(url)
                return KeySet.import_key_set(answer.raise_for_status().json())
        except (httpx.HTTPError, JoseError, KeyError, TypeError, ValueError) as error:
            raise Problem("busy", waiting_for="identity provider") from error


def caller_of(claims: dict[str, Any]) -> Caller:
    """Maps verified claims to a Caller; Problem(token-invalid) when they name no office or an unknown one."""
    try:
        named = claims.get("roles", [])
        if not isinstance(named, list):
            raise Problem("token-invalid")
        roles = frozenset(role for role in Role if role.value in named)
        if not all(isinstance(each, str) for each in cast("list[object]", named)):
            raise Problem("token-invalid")
        return Caller(
            person=_PERSON.validate_python(claims.get("person") or claims["sub"]),
            office=Office.parse(str(claims["office"])),
            roles=roles,
            client=claims.get("client_id"),
        )
    except (KeyError, TypeError, ValueError):
        raise Problem("token-invalid") from None


def require(
    *roles: Role, kinds: tuple[OfficeKind, ...] = ()
) -> Callable[[Request], Coroutine[Any, Any, Caller]]:
    """A FastAPI dependency: the caller, if signed in, holding one of ``roles``, in an office of ``kinds``."""

    async def dependency(request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem("token-missing")
        verifier: TokenVerifier = request.app.state.verifier
        caller = caller_of(await verifier.claims(token.strip()))
        if kinds and caller.office.kind not in kinds:
            raise Problem("office-foreign", needs=sorted(kinds))
        if roles:
            caller.needs(*roles)
        return caller

    return dependency
