"""The HTTP client of the public APIs: signs in, retries what may be retried, tells what was refused.

Every write of the public APIs may be repeated without doing it twice (PUT by digest, Idempotency-Key, acts that
answer a repeated request), so a lost answer is simply asked for again.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx

from cli.problems import ServiceProblem, ServiceUnreachable
from cli.tokens import TokenSource, is_loopback

_CHUNK_BYTES = 1 << 20
_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
_UNAUTHORIZED = 401
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on trying, in seconds; pauses grow from the first to the longest and are jittered."""

    seconds: float = 60.0
    first_pause_seconds: float = 0.25
    pause_max_seconds: float = 8.0

    def pause_seconds(self, tries: int) -> float:
        """The pause after that many failed tries: between half and all of a doubling span, never in step."""
        span = min(self.pause_max_seconds, self.first_pause_seconds * 2 ** (tries - 1))
        return random.uniform(span / 2, span)  # noqa: S311 - jitter, not a secret


@dataclass(frozen=True, slots=True)
class Retry:
    """A try that failed and will be repeated."""

    address: str
    reason: str
    pause_seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; ``body`` is JSON, bytes, or a path whose content is streamed."""

    method: str
    path: str
    body: Any = None
    media_type: str = "application/json"
    headers: Mapping[str, str] | None = None
    query: Mapping[str, str | int | float] | None = None


def new_traceparent() -> str:
    """The W3C trace context of a new trace, sampled: its trace id becomes the batch's 受理号."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class Client:
    """One service, asked on behalf of one person or machine. Use it as an async context manager."""

    def __init__(
        self,
        url: str,
        tokens: TokenSource | None = None,
        *,
        patience: Patience = Patience(),
        on_retry: Callable[[Retry], None] = lambda _: None,
    ) -> None:
        """Connects to nothing yet; without ``tokens`` only what is public can be read."""
        self.url = url.rstrip("/")
        self._tokens = tokens
        self._patience = patience
        self._on_retry = on_retry
        self._http = httpx.AsyncClient(
            base_url=self.url, timeout=_TIMEOUT, trust_env=not is_loopback(self.url)
        )

    async def __aenter__(self) -> Self:
        """Ready to ask."""
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Closes the connections."""
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def get(self, path: str, **query: str | float) -> httpx.Response:
        """Reads something."""
        return await self.ask(Ask("GET", path, query=query or None))

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Sends JSON; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask(Ask("POST", path, body, headers=named))

    async def ask(self, ask: Ask) -> httpx.Response:
        """Asks until there is an answer; raises ServiceProblem, ServiceUnreachable or SignInRefused."""
        began, tries, fresh = monotonic(), 0, False
        while True:
            tries += 1
            outcome = await self._try(ask, fresh=fresh)
            if isinstance(outcome, httpx.Response):
                if not (outcome.status_code == _UNAUTHORIZED and self._tokens and not fresh):
                    return _accepted(outcome)
                fresh = True  # the token ran out on the way: once more with a new one
                continue
            pause = max(self._patience.pause_seconds(tries), outcome.wanted_pause_seconds)
            if monotonic() - began + pause > self._patience.seconds:
                if outcome.answer is not None:
                    return _accepted(outcome.answer)
                raise ServiceUnreachable(self.url, tries, monotonic() - began, outcome.reason)
            self._on_retry(Retry(self.url, outcome.reason, pause))
            await asyncio.sleep(pause)

    async def _try(self, ask: Ask, *, fresh: bool) -> "httpx.Response | _Failed":
        try:
            headers = dict(ask.headers or {})
            if self._tokens is not None:
                headers["Authorization"] = f"Bearer {await self._tokens.token(fresh=fresh)}"
            answer = await self._http.send(self._request(ask, headers))
        except httpx.TransportError as failure:
            return _Failed(type(failure).__name__ + (f": {failure}" if str(failure) else ""))
        if answer.is_server_error or answer.status_code == _TOO_MANY:
            return _Failed(f"HTTP {answer.status_code}", answer, _retry_after_seconds(answer))
        return answer

    def _request(self, ask: Ask, headers: dict[str, str]) -> httpx.Request:
        if ask.body is None:
            return self._http.build_request(ask.method, ask.path, headers=headers, params=ask.query)
        headers["Content-Type"] = ask.media_type
        if isinstance(ask.body, Path):
            headers["Content-Length"] = str(ask.body.stat().st_size)
            return self._http.build_request(ask.method, ask.path, headers=headers, content=_chunks(ask.body))
        if isinstance(ask.body, bytes):
            return self._http.build_request(ask.method, ask.path, headers=headers, content=ask.body)
        return self._http.build_request(ask.method, ask.path, headers=headers, json=ask.body)


@dataclass(frozen=True, slots=True)
class _Failed:
    """A try that may be repeated; ``answer`` is there when the service answered that it cannot now."""

    reason: str
    answer: httpx.Response | None = None
    wanted_pause_seconds: float = 0.0


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    raise ServiceProblem.read(answer)


def _retry_after_seconds(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    """A file in parts, read off the event loop; at the end the connection is not kept waiting."""
    with path.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, _CHUNK_BYTES):
            yield chunk
