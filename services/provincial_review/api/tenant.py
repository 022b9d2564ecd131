"""Whose reviews a caller may see: those of the own province, or of the military office, and no others."""

from typing import Annotated

from fastapi import Depends, Path

from contracts.vocabulary import OfficeKind, Role
from services.kit.http import work_of
from services.kit.identity import Caller, require
from services.kit.problems import Problem
from services.kit.work import Work
from services.provincial_review.domain.review import Review
from services.provincial_review.settings import Settings
from services.provincial_review.store import reviews

OFFICES = (OfficeKind.PROVINCE, OfficeKind.MILITARY)

TheWork = Annotated[Work, Depends(work_of)]
Reader = Annotated[Caller, Depends(require(Role.REVIEWER, Role.APPROVER, kinds=OFFICES))]
Reviewer = Annotated[Caller, Depends(require(Role.REVIEWER, kinds=OFFICES))]
Approver = Annotated[Caller, Depends(require(Role.APPROVER, kinds=OFFICES))]
BatchOf = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="the batch")]
RoundOf = Annotated[int, Path(ge=1, le=10_000, description="which round of the batch")]


def settings_of(work: Work) -> Settings:
    """The settings of this service."""
    assert isinstance(work.settings, Settings)
    return work.settings


async def find_own(work: Work, caller: Caller, batch_id: str, round_: int) -> Review | None:
    """The review of a round of the caller's own province; None also when it is another's."""
    async with work.pool.acquire() as conn:
        return await reviews.find_review(conn, caller.office.code, batch_id, round_)


async def load_own(work: Work, caller: Caller, batch_id: str, round_: int) -> Review:
    """As ``find_own``; refuses (not-found) when there is none."""
    review = await find_own(work, caller, batch_id, round_)
    if review is None:
        raise Problem("not-found")
    return review
