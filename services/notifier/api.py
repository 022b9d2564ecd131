"""The notifier's doors: what my office owes, what it was told, where it wants to be told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, EmailStr

from contracts.deadlines import DEADLINES, DeadlineId, shanghai_day
from contracts.vocabulary import OfficeKind, Role
from services.kit.http import work_of
from services.kit.identity import Caller, require
from services.kit.problems import Problem
from services.kit.work import Work
from services.notifier import notices, store

router = APIRouter(prefix="/v1", tags=["notifier 催办"])

Anybody = Annotated[Caller, Depends(require())]
Responsible = Annotated[
    Caller, Depends(require(Role.SUBMITTER, Role.APPROVER, Role.CENTRE_OPERATOR, Role.OPERATOR))
]
TheWork = Annotated[Work, Depends(work_of)]
Limit = Annotated[int, Query(ge=1, le=500)]


class Contact(BaseModel):
    """Where an office wants its notices."""

    email: EmailStr


@router.get("/obligations")
async def obligations(
    caller: Anybody,
    work: TheWork,
    state: Literal["open", "done"] = "open",
    of: Literal["mine", "supervised"] = "mine",
    limit: Limit = 100,
) -> dict[str, Any]:
    """What my office owes (待办义务), or with ``of=supervised`` what the offices below it owe."""
    province = None
    if of == "supervised":
        if caller.office.kind not in {OfficeKind.PROVINCE, OfficeKind.MILITARY}:
            raise Problem("office-foreign", needs=[OfficeKind.PROVINCE, OfficeKind.MILITARY])
        province = caller.office.code
    async with work.pool.acquire() as conn:
        rows = await store.list_obligations(conn, [str(caller.office)], province, state, limit)
    return {"obligations": [_shown(row, work.clock.now()) for row in rows]}


def _shown(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    days_left = (row["last_day"] - shanghai_day(now)).days
    deadline = DEADLINES[DeadlineId(row["deadline"])]
    return {
        **row,
        "duty_zh": deadline.duty_zh,
        "duty_en": deadline.duty_en,
        "days_left": days_left,
        "over": now >= row["due_at"],
    }


@router.get("/notices")
async def inbox(
    caller: Anybody, work: TheWork, *, unread: bool = False, limit: Limit = 100
) -> dict[str, Any]:
    """My office's inbox (通知), newest first, with how the e-mail fared."""
    async with work.pool.acquire() as conn:
        return {"notices": await notices.list_inbox(conn, str(caller.office), unread=unread, limit=limit)}


@router.post("/notices/{notice_id}/read", status_code=204)
async def read(caller: Anybody, work: TheWork, notice_id: str) -> Response:
    """Marks a notice as read."""
    async with work.transaction() as tx:
        if not await notices.mark_read(tx.conn, notice_id, str(caller.office), tx.now):
            raise Problem("not-found")
    return Response(status_code=204)


@router.put("/contact")
async def set_contact(caller: Responsible, work: TheWork, contact: Contact) -> Contact:
    """Sets where my office gets its notices."""
    async with work.transaction() as tx:
        await notices.save_contact(tx.conn, str(caller.office), contact.email, caller.person, tx.now)
    return contact


@router.get("/contact")
async def contact(caller: Anybody, work: TheWork) -> Contact:
    """Where my office gets its notices."""
    async with work.pool.acquire() as conn:
        email = await notices.find_contact(conn, str(caller.office))
    if email is None:
        raise Problem("not-found")
    return Contact(email=email)
