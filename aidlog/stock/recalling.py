"""Goods that may harm are recalled: found everywhere, held everywhere, by one command.

A recall names lots; what was made from them comes along. While it is open none of them goes
on a truck or to people, by any path: a trigger of the database refuses it too. What is free
in warehouses and at sites is moved to what is held back there. What is promised or on the road
cannot be moved yet, and is held once it can be (hold_the_rest).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.stock.adjusting import numbered
from aidlog.stock.models import Lot, Reason, Recall, RecallLot, StockCorrection
from aidlog.stock.posting import lock, post
from aidlog.stock.shelves import standing
from aidlog.stock.tracing import forward

#: From where to where goods are held, by the kind of account.
HELD_AS = {
    AccountKind.WAREHOUSE: AccountKind.QUARANTINE,
    AccountKind.SITE: AccountKind.SITE_HELD,
}

#: More lots than this are not one recall.
MOST_LOTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecall(Command):
    """Recall ``lots`` and all that was made from them, and say why."""

    lots: Sequence[int]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTheRest(Command):
    """Hold what of a recall could not be held before, and what was made since."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRecall(Command):
    """End a recall; what is held stays held until somebody decides on it."""

    code: str
    note: str


class CannotRecall(Refusal):
    """No lot was named or no reason written, or the lots are several organisations'."""


class RecallClosed(Conflict):
    """The recall was lifted before."""


def open_recall(session: Session, actor: Actor, command: OpenRecall) -> dict[str, Any]:
    """Recall lots; return ``{"recall", "lots", "held"}``; ``held`` is how many lines were held.

    Raises:
        NotFound: a lot is not the actor's.
        NotAllowed: the actor does not approve stock everywhere.
        CannotRecall: no lot, no reason, or lots of several organisations.
    """
    must_recall(actor)
    if not 0 < len(set(command.lots)) <= MOST_LOTS:
        raise CannotRecall(
            Message(N_("Choose from 1 to {most} lots."), {"most": MOST_LOTS}), field="lots"
        )
    if not command.why.strip():
        raise CannotRecall(Message(N_("Write why the goods are recalled.")), field="why")
    lots = _own(session, actor, command.lots)
    document = numbered(session, lots[0].organisation_id, Series.RECALL)
    recall = Recall(
        document_id=document.id,
        organisation_id=lots[0].organisation_id,
        why=command.why.strip()[:400],
        opened_at=datetime.now(UTC),
        opened_by=actor.user_id,
    )
    session.add(recall)
    session.add(StockCorrection(document_id=document.id, reason=Reason.RECALLED, remark=recall.why))
    session.flush()
    held = _hold(session, actor, command, recall, document, {lot.id for lot in lots})
    return {"recall": document.code, "lots": [lot.id for lot in lots], "held": held}


def hold_the_rest(session: Session, actor: Actor, command: HoldTheRest) -> dict[str, Any]:
    """Hold what of an open recall is free now; return ``{"recall", "held"}``.

    Raises:
        NotFound: there is no such recall of the actor's organisations.
        RecallClosed: it was lifted.
    """
    recall, document = locked_recall(session, actor, command.code)
    held = _hold(session, actor, command, recall, document, _named(session, recall.id))
    return {"recall": document.code, "held": held}


def lift_recall(session: Session, actor: Actor, command: LiftRecall) -> dict[str, Any]:
    """End a recall, and say what was found; return ``{"recall"}``.

    Raises:
        NotFound: there is no such recall of the actor's organisations.
        RecallClosed: it was lifted before.
        CannotRecall: nobody wrote what was found.
    """
    recall, document = locked_recall(session, actor, command.code)
    if not command.note.strip():
        raise CannotRecall(
            Message(N_("Write what was found, and why the goods are no longer recalled.")),
            field="note",
        )
    recall.closed_at = datetime.now(UTC)
    recall.closed_by = actor.user_id
    recall.closing_note = command.note.strip()[:400]
    session.flush()
    return {"recall": document.code}


def must_recall(actor: Actor) -> None:
    """Raise unless ``actor`` approves stock everywhere: a recall knows no place.

    Raises:
        NotAllowed: somewhere only, or nowhere.
    """
    if actor.places(Permission.STOCK_APPROVE) is not None:
        raise NotAllowed(Permission.STOCK_APPROVE)


def locked_recall(session: Session, actor: Actor, code: str) -> tuple[Recall, Document]:
    """Return an open recall of the actor's organisations, locked.

    Raises:
        NotFound: there is none.
        RecallClosed: it was lifted.
    """
    must_recall(actor)
    document = session.scalars(
        select(Document).where(Document.code == code, Document.series == Series.RECALL)
    ).one_or_none()
    if document is None:
        raise NotFound("recall")
    actor.must_own(document.organisation_id)
    recall = session.scalars(
        select(Recall).where(Recall.document_id == document.id).with_for_update()
    ).one()
    if recall.closed_at is not None:
        raise RecallClosed(
            Message(N_("{recall} was lifted already. Nothing was changed."), {"recall": code})
        )
    return recall, document


def follow_recalls(session: Session, lot_id: int) -> None:
    """Take into the open recalls of a lot what was made from it just now."""
    open_ones = session.scalars(
        select(Recall.id)
        .join(RecallLot, RecallLot.recall_id == Recall.id)
        .where(RecallLot.lot_id == lot_id, Recall.closed_at.is_(None))
        .order_by(Recall.id)
    ).all()
    for recall_id in open_ones:
        _extend(session, recall_id, _named(session, recall_id))


def _named(session: Session, recall_id: int) -> set[int]:
    return set(
        session.scalars(
            select(RecallLot.lot_id).where(RecallLot.recall_id == recall_id, RecallLot.named)
        )
    )


def _extend(session: Session, recall_id: int, named: set[int]) -> set[int]:
    """Add ``named`` and what was made from them to a recall; return all of its lots."""
    reached = {step.lot_id for step in forward(session, named)}
    known = set(session.scalars(select(RecallLot.lot_id).where(RecallLot.recall_id == recall_id)))
    session.add_all(
        RecallLot(recall_id=recall_id, lot_id=lot, named=lot in named)
        for lot in sorted(reached - known)
    )
    session.flush()
    return reached | known


def _own(session: Session, actor: Actor, ids: Collection[int]) -> Sequence[Lot]:
    lots = session.scalars(select(Lot).where(Lot.id.in_(set(ids))).order_by(Lot.id)).all()
    if len(lots) < len(set(ids)):
        raise NotFound("lot")
    for lot in lots:
        actor.must_own(lot.organisation_id)
    if len({lot.organisation_id for lot in lots}) > 1:
        raise CannotRecall(
            Message(
                N_("The lots belong to several organisations. Recall those of one after the other.")
            ),
            field="lots",
        )
    return lots


def _hold(
    session: Session,
    actor: Actor,
    command: Command,
    recall: Recall,
    document: Document,
    named: set[int],
) -> int:
    """Add what was made from the lots, and hold all that is free of them, under their locks."""
    lots = session.scalars(select(Lot).where(Lot.id.in_(_extend(session, recall.id, named)))).all()
    places = [
        (row.lot_id, row.account)
        for row in standing(session, [lot.id for lot in lots])
        if row.account.kind in HELD_AS
    ]
    keys = {
        (lot, side)
        for lot, account in places
        for side in (account, Account(HELD_AS[account.kind], account.key))
    }
    balances = lock(session, lots, keys)
    moves = [
        Movement(
            kind=MovementKind.HELD,
            lot_id=lot,
            quantity=balances[lot, account].free,
            source=account,
            target=Account(HELD_AS[account.kind], account.key),
        )
        for lot, account in places
        if balances[lot, account].free > 0
    ]
    if moves:
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=document,
            occurred_at=datetime.now(UTC),
        )
    return len(moves)
