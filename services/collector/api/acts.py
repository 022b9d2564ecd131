"""Acts on a batch: check (校核) by a second person, submit (上报) by a third, withdraw (撤回)."""

from typing import Any

from fastapi import APIRouter

from contracts import topics
from contracts.batches import BatchSubmitted, BatchWithdrawn
from contracts.reasons import REASONS, ReasonKind, Refused
from contracts.vocabulary import Act, ActKind, Code, Role
from services.collector.api.callers import Checker, Order, Submitter, TheWork, acting, granted
from services.collector.api.views import batch_view
from services.collector.domain.people import may_act
from services.collector.domain.states import BatchState, Command, Phase, move
from services.collector.domain.timeline import What
from services.collector.domain.window import window_open
from services.collector.store import acts, batches, resolutions, returned_records, rounds, uploads
from services.collector.store.batches import Batch
from services.collector.store.standing import entry_of, load_people, settle
from services.collector.store.uploads import Upload
from services.kit.identity import Caller
from services.kit.problems import Problem
from services.kit.work import Tx

router = APIRouter(tags=["acts"])
_WITHDRAWN = (BatchState.WITHDRAWAL_REQUESTED, BatchState.WITHDRAWN)


class CheckOpinion(Order):
    """What the checker found; ``reason`` is a published reason code, when it did not pass."""

    passed: bool
    reason: Code = "check-failed"


class Nothing(Order):
    """A request that asks for nothing more."""


class WithdrawalOrder(Order):
    """Why the unit withdraws; a published reason code."""

    reason: Code = "withdrawn-by-unit"


@router.post("/v1/batches/{batch_id}/check")
async def check_batch(batch_id: str, opinion: CheckOpinion, caller: Checker, work: TheWork) -> dict[str, Any]:
    """校核: a person who did not collect confirms the manifest, or sends the batch back to the collector."""
    _needs_returning_reason(opinion.reason)
    async with acting(work, caller, batch_id, "check batch") as (tx, batch):
        if opinion.passed and await _did_already(tx, batch, caller, ActKind.CHECK, BatchState.CHECKED):
            return await batch_view(tx.conn, batch, tx.now)
        phase = _granted_move(batch, Command.CHECK if opinion.passed else Command.OBJECT)
        granted(may_act(ActKind.CHECK, caller.person, await load_people(tx.conn, batch_id)))
        upload = await uploads.load_upload(tx.conn, batch_id, batch.round, batch.attempt)
        await rounds.move_round(tx.conn, batch_id, batch.round, phase, upload.record_count or 0)
        reason = None if opinion.passed else opinion.reason
        await _append_act(tx, batch, upload, caller, ActKind.CHECK, Role.CHECKER, reason)
        what = What.CHECKED if opinion.passed else What.OBJECTED
        return await _settled(tx, batch, what, caller, reason)


@router.post("/v1/batches/{batch_id}/submission")
async def submit_batch(batch_id: str, _: Nothing, caller: Submitter, work: TheWork) -> dict[str, Any]:
    """上报: a third person submits what was checked to the province, within the 30 days of Article 12(4)."""
    async with acting(work, caller, batch_id, "submit batch") as (tx, batch):
        if await _did_already(tx, batch, caller, ActKind.SUBMIT, BatchState.SUBMITTED):
            return await batch_view(tx.conn, batch, tx.now)
        _granted_move(batch, Command.SUBMIT)
        granted(may_act(ActKind.SUBMIT, caller.person, await load_people(tx.conn, batch_id)))
        resolution = await resolutions.load_resolution(tx.conn, batch.resolution_id)
        facts = await rounds.list_rounds(tx.conn, batch_id)
        submissions = [each.submitted_at for each in facts if each.submitted_at is not None]
        granted(window_open(resolution.effective_on, submissions, tx.now))
        upload = await uploads.load_upload(tx.conn, batch_id, batch.round, batch.attempt)
        replaced = await uploads.list_replaced(tx.conn, batch_id, batch.round, batch.attempt)
        count = await returned_records.mark_replaced(tx.conn, batch_id, replaced, batch.round)
        await rounds.move_round_to_submitted(tx.conn, batch_id, batch.round, count, tx.now)
        await _append_act(tx, batch, upload, caller, ActKind.SUBMIT, Role.SUBMITTER)
        await tx.publish(topics.BATCH_SUBMITTED, await _submitted(tx, batch, upload))
        return await _settled(tx, batch, What.SUBMITTED, caller)


@router.post("/v1/batches/{batch_id}/withdrawal")
async def withdraw_batch(
    batch_id: str, order: WithdrawalOrder, caller: Submitter, work: TheWork
) -> dict[str, Any]:
    """撤回: at once before submission; afterwards the province is asked, and its decision stands if it is first."""
    _needs_returning_reason(order.reason)
    async with acting(work, caller, batch_id, "withdraw batch") as (tx, batch):
        if await _did_already(tx, batch, caller, ActKind.WITHDRAW, *_WITHDRAWN):
            return await batch_view(tx.conn, batch, tx.now)
        phase = _granted_move(batch, Command.WITHDRAW)
        upload = await uploads.load_upload(tx.conn, batch_id, batch.round, batch.attempt)
        act = await _append_act(tx, batch, upload, caller, ActKind.WITHDRAW, Role.SUBMITTER, order.reason)
        if phase is Phase.WITHDRAWN:
            await rounds.move_round_to_withdrawn(tx.conn, batch_id, batch.round)
            return await _settled(tx, batch, What.WITHDRAWN, caller, order.reason)
        await rounds.move_round(tx.conn, batch_id, batch.round, phase, upload.record_count or 0)
        said = BatchWithdrawn(
            batch_id=batch_id,
            round=batch.round,
            unit_code=batch.unit_code,
            province_code=batch.province_code,
            act=act,
        )
        await tx.publish(topics.BATCH_WITHDRAWN, said)
        return await _settled(tx, batch, What.WITHDRAWAL_REQUESTED, caller, order.reason)


async def _submitted(tx: Tx, batch: Batch, upload: Upload) -> BatchSubmitted:
    resolution = await resolutions.load_resolution(tx.conn, batch.resolution_id)
    assert upload.record_set is not None
    assert upload.manifest is not None
    assert upload.rule_pack is not None
    return BatchSubmitted(
        batch_id=batch.batch_id,
        round=batch.round,
        unit_code=batch.unit_code,
        province_code=batch.province_code,
        category=batch.category,
        layout=str(upload.layout),
        resolution_id=resolution.resolution_id,
        resolution_number=resolution.number,
        record_set=upload.record_set,
        original=upload.original,
        scan=resolution.scan,
        roster=resolution.roster,
        manifest=upload.manifest,
        rule_pack=upload.rule_pack,
        warn_count=upload.warn_count or 0,
        acts=await _acts_on(tx, batch),
    )


async def _acts_on(tx: Tx, batch: Batch) -> tuple[Act, ...]:
    """Collect, check and submit of the present upload, oldest first."""
    kept = await acts.list_acts(tx.conn, batch.batch_id)
    return tuple(each.act for each in kept if (each.round, each.attempt) == (batch.round, batch.attempt))


async def _append_act(
    tx: Tx,
    batch: Batch,
    upload: Upload,
    caller: Caller,
    kind: ActKind,
    role: Role,
    reason: str | None = None,
) -> Act:
    act = Act(
        kind=kind,
        person=caller.person,
        office=str(caller.office),
        role=role,
        at=tx.now.isoformat(),
        # What is withdrawn as a draft has no manifest yet: then the original is meant.
        digest=(upload.manifest or upload.original).sha256,
        reason=reason,
    )
    await acts.append_act(tx.conn, batch.batch_id, batch.round, batch.attempt, act)
    return act


async def _settled(
    tx: Tx, batch: Batch, what: What, caller: Caller, reason_code: str | None = None
) -> dict[str, Any]:
    office = str(caller.office)
    entry = entry_of(tx, batch, what, office, person=caller.person, reason_code=reason_code)
    await settle(tx, batch, entry)
    changed = await batches.find_batch(tx.conn, batch.batch_id)
    assert changed is not None
    return await batch_view(tx.conn, changed, tx.now)


async def _did_already(tx: Tx, batch: Batch, caller: Caller, kind: ActKind, *states: BatchState) -> bool:
    """Whether this person brought the batch where it is: a repeated request is answered, not refused."""
    if batch.state not in states:
        return False
    return any(act.kind is kind and act.person == caller.person for act in await _acts_on(tx, batch))


def _granted_move(batch: Batch, command: Command) -> Phase:
    phase = move(batch.state, command)
    if isinstance(phase, Refused):
        raise Problem.of(phase)
    return phase


def _needs_returning_reason(code: str) -> None:
    known = REASONS.get(code)
    if known is None or known.kind is not ReasonKind.RETURNED:
        allowed = sorted(each.code for each in REASONS.values() if each.kind is ReasonKind.RETURNED)
        raise Problem("request-invalid", field="reason", allowed=allowed)
