"""A site asks for goods, somebody else decides line by line, and what has not come stays open.

Nothing is promised by asking, and nothing moves by approving. Trucks cite the requisition
(dispatch/serving.py); it ends by itself once all that was approved has arrived, or a person
ends it and says why. Every step stays on record, and another step undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.needs.choosing import ChooseNeed, choose_need
from aidlog.needs.models import (
    Counts,
    NeedChoice,
    Requisition,
    RequisitionLine,
    RequisitionState,
    RequisitionStep,
    StepKind,
)
from aidlog.registry.models import Item, Organisation, Place, PlaceKind

#: More kinds of goods than this go into a requisition of their own.
MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """So many base units of an item."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForGoods(Command):
    """``site_id`` asks for goods, to have them on ``needed_by``.

    ``asked_by`` and ``paper`` are who signed and the number of the paper, where a clerk types
    it in; ``asked_on`` None is today.
    """

    site_id: int
    lines: Sequence[AskedFor]
    reason: str
    needed_by: date | None = None
    asked_on: date | None = None
    asked_by: str = ""
    paper: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDecision:
    """So many base units of an item are approved; ``reason`` where it is not what was asked."""

    item_id: int
    approved: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequisition(Command):
    """Approve a requisition whole, in part, or refuse it: one decision for each line.

    With ``lets_count`` what is approved is also the need of these items at the site, until it
    has come: the planner's choice, made with the same click.
    """

    number: str
    lines: Sequence[LineDecision]
    lets_count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequisition(Command):
    """End a requisition, open it again, or take a decision back; ``note`` says why."""

    number: str
    note: str = ""


class WrongRequisition(Refusal):
    """A requisition that asks for nothing, or for something that cannot be."""


class DecidesOwn(Refusal):
    """Nobody decides on what they wrote themselves."""


class OtherState(Conflict):
    """Somebody else decided on it or ended it before."""


def ask_for_goods(session: Session, actor: Actor, command: AskForGoods) -> dict[str, Any]:
    """Write down what a site asks for; return ``{"requisition"}``.

    Raises:
        NotAllowed, NotFound: the site is not the actor's to ask for, or an item is not there.
        WrongRequisition: nothing is asked for, or the days cannot be.
    """
    actor.must(Permission.REQUISITION_MAKE, at=command.site_id)
    site = session.get(Place, command.site_id)
    if site is None or site.kind is not PlaceKind.SITE or not site.active:
        raise NotFound(f"site {command.site_id}")
    actor.must_own(site.organisation_id)
    asked_on = command.asked_on or datetime.now(UTC).date()
    check_asked(command, asked_on)
    _check_items(session, command.lines)
    organisation = session.get_one(Organisation, site.organisation_id)
    document = new_document(
        session,
        Series.REQUISITION,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    requisition = Requisition(
        document_id=document.id,
        organisation_id=organisation.id,
        site_id=site.id,
        asked_on=asked_on,
        needed_by=command.needed_by,
        reason=command.reason.strip(),
        asked_by=command.asked_by.strip(),
        paper=command.paper.strip(),
        state=RequisitionState.ASKED,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
    )
    session.add(requisition)
    session.flush()
    session.add_all(
        RequisitionLine(
            requisition_id=requisition.id, item_id=line.item_id, asked=line.quantity, approved=None
        )
        for line in command.lines
    )
    note_step(session, requisition, StepKind.ASKED, by=actor.user_id)
    return {"requisition": document.code}


def decide_requisition(
    session: Session, actor: Actor, command: DecideRequisition
) -> dict[str, Any]:
    """Say how much of each line is approved; return ``{"requisition", "state"}``.

    Raises:
        DecidesOwn: the actor wrote it down.
        OtherState: it was decided on or ended before.
        WrongRequisition: a line has no decision, or one without its reason.
    """
    requisition, document = requisition_of(
        session, actor, command.number, Permission.REQUISITION_DECIDE
    )
    _must_be(requisition, document, RequisitionState.ASKED)
    if requisition.recorded_by == actor.user_id:
        raise DecidesOwn(
            Message(
                N_("You wrote {number} yourself. Another person decides on it."),
                {"number": document.code},
            )
        )
    lines = {line.item_id: line for line in lines_of(session, requisition)}
    if sorted(line.item_id for line in command.lines) != sorted(lines):
        raise WrongRequisition(Message(N_("Decide on every line, also with 0.")))
    for number, decision in enumerate(command.lines, start=1):
        line = lines[decision.item_id]
        _check_decision(number, line, decision)
        line.approved, line.reason = decision.approved, decision.reason.strip()
    something = any(decision.approved for decision in command.lines)
    requisition.state = RequisitionState.APPROVED if something else RequisitionState.REFUSED
    kind = StepKind.DECIDED if something else StepKind.REFUSED
    note_step(session, requisition, kind, by=actor.user_id)
    approved = tuple(line.item_id for line in command.lines if line.approved)
    if not command.lets_count:
        _end_earlier_choices(session, requisition, approved)
    elif something:
        choice = ChooseNeed(
            command_id=command.command_id,
            place_id=requisition.site_id,
            item_ids=approved,
            counts=Counts.REQUESTED,
            reason=document.code,
        )
        choose_need(session, actor, choice)
    return _answer(requisition, document)


def _end_earlier_choices(
    session: Session, requisition: Requisition, approved: Sequence[int]
) -> None:
    """Let standards be the need again where an ended requisition was it: this one is not.

    What a planner chose with words of their own stays.
    """
    ended = (
        select(Document.code)
        .join(Requisition, Requisition.document_id == Document.id)
        .where(
            Requisition.site_id == requisition.site_id,
            Requisition.state != RequisitionState.APPROVED,
        )
    )
    session.execute(
        delete(NeedChoice).where(
            NeedChoice.place_id == requisition.site_id,
            NeedChoice.item_id.in_(approved),
            NeedChoice.counts == Counts.REQUESTED,
            NeedChoice.reason.in_(ended),
        )
    )


def undo_decision(session: Session, actor: Actor, command: ChangeRequisition) -> dict[str, Any]:
    """Take a decision back: the requisition waits for one again.

    Raises:
        OtherState: there is none to take back, or goods are on waybills for it already.
    """
    requisition, document = requisition_of(
        session, actor, command.number, Permission.REQUISITION_DECIDE
    )
    _must_be(requisition, document, RequisitionState.APPROVED, RequisitionState.REFUSED)
    lines = lines_of(session, requisition)
    if any(line.prepared or line.on_road or line.received for line in lines):
        raise OtherState(
            Message(
                N_("Goods are on waybills for {number} already. Close it instead."),
                {"number": document.code},
            )
        )
    for line in lines:
        line.approved, line.reason = None, ""
    requisition.state = RequisitionState.ASKED
    _noted(session, actor, requisition, StepKind.UNDECIDED, command.note)
    return _answer(requisition, document)


def withdraw_requisition(
    session: Session, actor: Actor, command: ChangeRequisition
) -> dict[str, Any]:
    """Want nothing any more, before anybody decided; return ``{"requisition", "state"}``."""
    requisition, document = requisition_of(
        session, actor, command.number, Permission.REQUISITION_MAKE
    )
    _must_be(requisition, document, RequisitionState.ASKED)
    requisition.state = RequisitionState.WITHDRAWN
    _noted(session, actor, requisition, StepKind.WITHDRAWN, command.note)
    return _answer(requisition, document)


def close_requisition(session: Session, actor: Actor, command: ChangeRequisition) -> dict[str, Any]:
    """End what was approved though not all has come: nothing more is wanted, or sent.

    What is on waybills already goes on as it is.
    """
    requisition, document = requisition_of(
        session,
        actor,
        command.number,
        Permission.REQUISITION_DECIDE,
        Permission.REQUISITION_MAKE,
    )
    _must_be(requisition, document, RequisitionState.APPROVED)
    requisition.state = RequisitionState.CLOSED
    _noted(session, actor, requisition, StepKind.CLOSED, command.note)
    return _answer(requisition, document)


def reopen_requisition(
    session: Session, actor: Actor, command: ChangeRequisition
) -> dict[str, Any]:
    """Undo a closing or a withdrawal: the requisition is as it was before."""
    requisition, document = requisition_of(
        session,
        actor,
        command.number,
        Permission.REQUISITION_DECIDE,
        Permission.REQUISITION_MAKE,
    )
    _must_be(requisition, document, RequisitionState.CLOSED, RequisitionState.WITHDRAWN)
    was_approved = requisition.state is RequisitionState.CLOSED
    requisition.state = RequisitionState.APPROVED if was_approved else RequisitionState.ASKED
    _noted(session, actor, requisition, StepKind.REOPENED, command.note)
    settle(session, actor, requisition)
    return _answer(requisition, document)


def settle(session: Session, actor: Actor, requisition: Requisition) -> None:
    """Call it fulfilled once all that was approved has come, and open again if it has not."""
    if requisition.state not in {RequisitionState.APPROVED, RequisitionState.FULFILLED}:
        return
    lines = lines_of(session, requisition)
    state = (
        RequisitionState.FULFILLED
        if all(line.received >= (line.approved or 0) for line in lines)
        else RequisitionState.APPROVED
    )
    if state is not requisition.state:
        requisition.state = state
        done = state is RequisitionState.FULFILLED
        kind = StepKind.FULFILLED if done else StepKind.SHORT
        note_step(session, requisition, kind, by=actor.user_id)


def requisition_of(
    session: Session, actor: Actor, number: str, *permissions: Permission
) -> tuple[Requisition, Document]:
    """Return the actor's requisition ``number``, its row locked.

    Raises:
        NotFound: there is none, or it is of another organisation or another's site.
    """
    row = session.execute(
        select(Requisition, Document)
        .join(Document, Document.id == Requisition.document_id)
        .where(Document.code == number)
        .with_for_update(of=Requisition)
    ).one_or_none()
    if row is None or row[0].organisation_id not in actor.organisation_ids:
        raise NotFound(f"requisition {number}")
    requisition, document = row
    if not any(actor.may(permission, at=requisition.site_id) for permission in permissions):
        raise NotAllowed(permissions[0])
    return requisition, document


def lines_of(session: Session, requisition: Requisition) -> list[RequisitionLine]:
    """Return the lines of a requisition, in the order of the items."""
    return list(
        session.scalars(
            select(RequisitionLine)
            .where(RequisitionLine.requisition_id == requisition.id)
            .order_by(RequisitionLine.item_id)
        )
    )


def note_step(
    session: Session, requisition: Requisition, kind: StepKind, *, by: int, note: str = ""
) -> None:
    """Add a step to the story of a requisition."""
    session.add(
        RequisitionStep(
            requisition_id=requisition.id, kind=kind, note=note, at=datetime.now(UTC), by=by
        )
    )
    session.flush()


def check_asked(command: AskForGoods, asked_on: date) -> None:
    """Refuse a requisition that cannot be; the refusal names the field."""
    if asked_on > datetime.now(UTC).date():
        raise WrongRequisition(
            Message(N_("The day it was asked is in the future. Write the day on the paper.")),
            field="asked_on",
        )
    if command.needed_by is not None and command.needed_by < asked_on:
        raise WrongRequisition(
            Message(N_("It would be needed before it was asked for. Correct one of the days.")),
            field="needed_by",
        )
    if not command.reason.strip():
        raise WrongRequisition(Message(N_("Write why the site needs it.")), field="reason")
    for text, most, field in (
        (command.reason, 400, "reason"),
        (command.asked_by, 120, "asked_by"),
        (command.paper, 60, "paper"),
    ):
        if len(text.strip()) > most:
            raise WrongRequisition(
                Message(N_("Write at most {most} characters here."), {"most": most}), field=field
            )
    if not command.lines:
        raise WrongRequisition(
            Message(N_("Nothing is asked for yet. Write at least one quantity."))
        )
    if len(command.lines) > MOST_LINES:
        raise WrongRequisition(
            Message(
                N_("{count} items are too many for one request. Ask for {most} at most."),
                {"count": len(command.lines), "most": MOST_LINES},
            )
        )


def _check_items(session: Session, lines: Sequence[AskedFor]) -> None:
    known = set(
        session.scalars(select(Item.id).where(Item.id.in_({line.item_id for line in lines})))
    )
    for number, line in enumerate(lines, start=1):
        if line.item_id not in known:
            raise NotFound(f"item {line.item_id}")
        if not 0 < line.quantity <= LARGEST:
            raise WrongRequisition(
                Message(N_("Line {line}: write how much is asked for."), {"line": number}),
                field=f"line_{number}",
            )
    if len(known) < len(lines):
        raise WrongRequisition(Message(N_("An item stands in two lines. Write it in one.")))


def _check_decision(number: int, line: RequisitionLine, decision: LineDecision) -> None:
    if not 0 <= decision.approved <= LARGEST:
        raise WrongRequisition(
            Message(N_("Line {line}: write how much is approved, 0 for none."), {"line": number}),
            field=f"line_{line.item_id}",
        )
    if decision.approved != line.asked and not decision.reason.strip():
        raise WrongRequisition(
            Message(
                N_("Line {line}: this is not what was asked. Write why, the asker sees it."),
                {"line": number},
            ),
            field=f"why_{line.item_id}",
        )
    if len(decision.reason.strip()) > 200:
        raise WrongRequisition(
            Message(N_("Write at most {most} characters here."), {"most": 200}),
            field=f"why_{line.item_id}",
        )


def _must_be(requisition: Requisition, document: Document, *states: RequisitionState) -> None:
    if requisition.state not in states:
        raise OtherState(
            Message(
                N_("{number} was changed meanwhile. Look at it again; nothing was changed now."),
                {"number": document.code},
            )
        )


def _noted(
    session: Session, actor: Actor, requisition: Requisition, kind: StepKind, note: str
) -> None:
    """Add a step that wants its reason."""
    if not note.strip():
        raise WrongRequisition(Message(N_("Write why.")), field="note")
    note_step(session, requisition, kind, by=actor.user_id, note=note.strip()[:400])


def _answer(requisition: Requisition, document: Document) -> dict[str, Any]:
    return {"requisition": document.code, "state": requisition.state.value}
