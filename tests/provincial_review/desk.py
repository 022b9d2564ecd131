"""A provincial desk for tests: what a reviewer and an approver do through the API."""

from typing import Any

import httpx

from tests.harness import UnderTest
from tests.provincial_review.submissions import BATCH

OFFICE = "province:32"


def reviewer(service: UnderTest, person: str = "p-1", office: str = OFFICE) -> dict[str, str]:
    return service.signed_in(person, office, "reviewer")


def approver(service: UnderTest, person: str = "p-2", office: str = OFFICE) -> dict[str, str]:
    return service.signed_in(person, office, "approver")


def path(batch_id: str = BATCH, round_: int = 1) -> str:
    return f"/v1/reviews/{batch_id}/{round_}"


async def assess(
    service: UnderTest,
    *returned: dict[str, Any],
    by: dict[str, str] | None = None,
    at: str | None = None,
    **body: Any,
) -> httpx.Response:
    """Returns these records and approves the others."""
    body = body or {"returned": list(returned)}
    return await service.http.post(f"{at or path()}/assessment", json=body, headers=by or reviewer(service))


async def sign(
    service: UnderTest, *, by: dict[str, str] | None = None, at: str | None = None, **body: Any
) -> httpx.Response:
    """Signs the opinion."""
    return await service.http.post(
        f"{at or path()}/opinion", json={"decision": "sign", **body}, headers=by or approver(service)
    )


async def look(
    service: UnderTest,
    below: str = "",
    *,
    by: dict[str, str] | None = None,
    at: str | None = None,
    **query: Any,
) -> httpx.Response:
    """Looks at a review or something below it."""
    return await service.http.get(f"{at or path()}{below}", params=query, headers=by or reviewer(service))
