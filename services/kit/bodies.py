"""Bodies of requests: none is read past a limit, whoever sends it, before anybody looks at the token."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.reasons import reason
from services.kit import problems
from services.kit.work import Work

PASSED_ON = ("/v1/objects/", "/health", "/metrics")
"""Doors that read a body piece by piece and count for themselves, or that never read one."""


class BodyLimit:
    """ASGI middleware: refuses (request-too-large) by what is announced, or as soon as more has come."""

    def __init__(self, app: ASGIApp, work: Work) -> None:
        self.app = app
        self.work = work

    @property
    def limit_bytes(self) -> int:
        """The limit of this deployment."""
        return self.work.settings.json_body_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or refuses it."""
        if scope["type"] != "http" or scope["path"].startswith(PASSED_ON):
            await self.app(scope, receive, send)
        elif _announced(scope) > self.limit_bytes:
            await self._refuse(scope, receive, send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, answered = 0, False

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            # The app gives the request up as if the client had gone; what it then answers is not sent.
            return {"type": "http.disconnect"} if size > self.limit_bytes else message

        async def watched(message: Message) -> None:
            nonlocal answered
            if answered or size <= self.limit_bytes:
                answered = True
                await send(message)

        try:
            await self.app(scope, counted, watched)
        finally:
            if size > self.limit_bytes and not answered:
                await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = problems.answer(reason("request-too-large"), {"limit_bytes": self.limit_bytes})
        await refusal(scope, receive, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
