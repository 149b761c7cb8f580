"""A second person decides: approval promises the stock, whole or not at all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.ledger.movement import Account, AccountKind
from aidlog.planning.models import Plan, PlanLine, PlanState
from aidlog.planning.scope import must_reach
from aidlog.planning.stock_now import arrivals_of
from aidlog.registry.models import Place
from aidlog.stock.models import Lot
from aidlog.stock.posting import lock
from aidlog.stock.reserving import Hold, held_for, release, reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPlan(Command):
    """Send a solved plan to the person who decides."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePlan(Command):
    """Promise the stock of a plan to its sites."""

    code: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectPlan(Command):
    """Send a plan back with the reason why."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPlan(Command):
    """End a plan; what it still holds in the warehouses is free again."""

    code: str
    reason: str


class SamePerson(Refusal):
    """Who drafted or sent a plan may not decide on it."""


class StockChanged(Conflict):
    """What the plan wants to promise is no longer free, or has expired since."""


class NotNow(Conflict):
    """The plan's state does not allow this step."""


class ReasonMissing(Refusal):
    """A decision that stops other people's work says why."""


def submit_plan(session: Session, actor: Actor, command: SubmitPlan) -> dict[str, Any]:
    """Send a solved plan for approval; return ``{"plan"}``.

    Raises:
        NotFound: the plan is not the actor's.
        NotNow: it has no answer yet, or was decided on already.
    """
    plan, document = _locked(session, actor, command.code, Permission.PLAN_DRAFT)
    _only_from(plan, document, PlanState.SOLVED)
    if not _lines(session, plan):
        raise NotNow(
            Message(
                N_("{plan} sends nothing, so there is nothing to approve. Look at what limits it."),
                {"plan": document.code},
            )
        )
    plan.state, plan.submitted_by = PlanState.SUBMITTED, actor.user_id
    return {"plan": document.code}


def approve_plan(session: Session, actor: Actor, command: ApprovePlan) -> dict[str, Any]:
    """Reserve every lot of the plan for its site; return ``{"plan", "reservations"}``.

    Free stock is looked at again under lock: of two plans that want the same boxes the one
    that comes first gets them, and the other is told which lots are short.

    Raises:
        NotFound: the plan is not the actor's.
        SamePerson: the actor drafted the plan or sent it for approval.
        StockChanged: some lot is short or expired; it names them, and nothing is promised.
    """
    plan, document = _locked(session, actor, command.code, Permission.PLAN_APPROVE)
    _second_person(plan, actor)
    _only_from(plan, document, PlanState.SUBMITTED)
    lines = _lines(session, plan)
    _still_there(session, plan, lines)
    ids = reserve(
        session,
        [
            Hold(
                lot_id=line.lot_id,
                warehouse_id=line.warehouse_id,
                destination_id=line.site_id,
                quantity=line.quantity,
            )
            for line in lines
        ],
        command_id=command.command_id,
        document=document,
    )
    for line, reservation in zip(lines, ids, strict=True):
        line.reservation_id = reservation
    _decide(plan, actor, PlanState.APPROVED, command.remark)
    return {"plan": document.code, "reservations": len(ids)}


def reject_plan(session: Session, actor: Actor, command: RejectPlan) -> dict[str, Any]:
    """Send a plan back; return ``{"plan"}``.

    Raises:
        NotFound: the plan is not the actor's.
        SamePerson: the actor drafted the plan or sent it for approval.
        ReasonMissing: no reason was written.
    """
    plan, document = _locked(session, actor, command.code, Permission.PLAN_APPROVE)
    _second_person(plan, actor)
    _only_from(plan, document, PlanState.SUBMITTED)
    _decide(plan, actor, PlanState.REJECTED, _reason(command.reason))
    return {"plan": document.code}


def cancel_plan(session: Session, actor: Actor, command: CancelPlan) -> dict[str, Any]:
    """End a plan and free what it still holds; return ``{"plan", "released"}``.

    An approved plan is ended by someone who may approve; one that was not decided on yet,
    by someone who may draft. What trucks have taken already stays on its way.

    Raises:
        NotFound: the plan is not the actor's.
        NotNow: it has ended before.
        ReasonMissing: no reason was written.
    """
    plan, document = _locked(session, actor, command.code, Permission.PLAN_VIEW)
    needed = Permission.PLAN_APPROVE if plan.state is PlanState.APPROVED else Permission.PLAN_DRAFT
    must_reach(session, actor, plan, needed)
    _only_from(
        plan, document, PlanState.SOLVED, PlanState.SUBMITTED, PlanState.FAILED, PlanState.APPROVED
    )
    reason = _reason(command.reason)
    held = [reservation.id for reservation in held_for(session, plan.document_id)]
    if held:
        release(session, held)
    _decide(plan, actor, PlanState.CANCELLED, reason)
    return {"plan": document.code, "released": len(held)}


def _locked(
    session: Session, actor: Actor, code: str, permission: Permission
) -> tuple[Plan, Document]:
    """Lock the plan with ``code`` for this transaction; another's plan is not there."""
    row = session.execute(
        select(Plan, Document)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == code, Plan.organisation_id.in_(actor.organisation_ids))
        .with_for_update(of=Plan)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(f"plan {code}")
    plan, document = row
    must_reach(session, actor, plan, permission)
    return plan, document


def _second_person(plan: Plan, actor: Actor) -> None:
    if actor.user_id in {plan.created_by, plan.submitted_by}:
        raise SamePerson(
            Message(
                N_("You drafted this plan or sent it for approval. Another person decides on it.")
            )
        )


_STATES = {
    PlanState.DRAFT: N_("a draft"),
    PlanState.SOLVING: N_("being worked out"),
    PlanState.SOLVED: N_("worked out, and not sent for approval"),
    PlanState.FAILED: N_("stopped without a result"),
    PlanState.SUBMITTED: N_("waiting for approval"),
    PlanState.APPROVED: N_("approved"),
    PlanState.REJECTED: N_("sent back"),
    PlanState.CANCELLED: N_("cancelled"),
}


def _only_from(plan: Plan, document: Document, *states: PlanState) -> None:
    if plan.state not in states:
        raise NotNow(
            Message(
                N_("{plan} is {state} now. Open it again to see what can be done."),
                {"plan": document.code, "state": Message(_STATES[plan.state])},
            )
        )


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing(
            Message(N_("Write why, so that the planner knows what to change.")), field="reason"
        )
    return text.strip()


def _decide(plan: Plan, actor: Actor, state: PlanState, remark: str) -> None:
    plan.state, plan.decided_at, plan.decided_by = state, datetime.now(UTC), actor.user_id
    plan.decision_note = remark.strip()[:400]


def _lines(session: Session, plan: Plan) -> Sequence[PlanLine]:
    return session.scalars(
        select(PlanLine).where(PlanLine.plan_id == plan.id).order_by(PlanLine.id)
    ).all()


def _still_there(session: Session, plan: Plan, lines: Sequence[PlanLine]) -> None:
    """Refuse, naming every lot, when the stock of ``lines`` is short or would arrive expired."""
    wanted: dict[tuple[int, Account], int] = defaultdict(int)
    for line in lines:
        wanted[line.lot_id, Account(AccountKind.WAREHOUSE, line.warehouse_id)] += line.quantity
    lots = {
        lot.id: lot
        for lot in session.scalars(select(Lot).where(Lot.id.in_({lot for lot, _ in wanted})))
    }
    balances = lock(session, lots.values(), wanted)
    short = {lots[key[0]].number for key, asked in wanted.items() if balances[key].free < asked}
    gone = sorted(short | _too_late(session, plan, lines, lots))
    if gone:
        raise StockChanged(
            Message(
                N_(
                    "Lot {lots} changed since the plan was worked out: less is free, or it has"
                    " expired. Nothing was reserved. Solve the plan again."
                ),
                {"lots": ", ".join(gone)},
                plural=N_(
                    "Lots {lots} changed since the plan was worked out: less is free, or they have"
                    " expired. Nothing was reserved. Solve the plan again."
                ),
                count=len(gone),
            )
        )


def _too_late(
    session: Session, plan: Plan, lines: Sequence[PlanLine], lots: Mapping[int, Lot]
) -> set[str]:
    """Return the numbers of lots that would be past their date when they arrive."""
    today = datetime.now(UTC).date()
    arrivals = arrivals_of(json.loads(plan.problem), plan.starts_on, today)
    ids = {line.site_id for line in lines} | {line.warehouse_id for line in lines}
    rows = session.execute(select(Place.id, Place.code).where(Place.id.in_(ids)))
    codes = {row.id: row.code for row in rows}
    late = set()
    for line in lines:
        lot = lots[line.lot_id]
        until = arrivals.keeps_until(codes[line.warehouse_id], codes[line.site_id])
        if lot.expires_on is not None and lot.expires_on < until:
            late.add(lot.number)
    return late
