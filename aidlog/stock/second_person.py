"""Corrections above the limit: another person books them, or says no; who asked may take back."""

from __future__ import annotations

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
from aidlog.stock.adjusting import movement_of
from aidlog.stock.models import AdjustmentState, StockAdjustment
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAdjustment(Command):
    """Book the correction ``code`` as it was asked for."""

    code: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAdjustment(Command):
    """The books stay as they are; ``answer`` says why."""

    code: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAdjustment(Command):
    """Who asked for it takes it back."""

    code: str


class AskedYourself(Refusal):
    """Nobody approves their own correction."""


class NotWaiting(Conflict):
    """The correction was decided on before."""


def approve_adjustment(
    session: Session, actor: Actor, command: ApproveAdjustment
) -> dict[str, Any]:
    """Book a correction that waits; return ``{"document"}``.

    Raises:
        AskedYourself: the actor asked for it.
        NotWaiting: it was decided on before.
        NotEnoughStock: fewer are there by now, or they are promised; it names the lot.
    """
    asked, document = _waiting(session, actor, command.code)
    post(
        session,
        actor,
        [movement_of(asked)],
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.now(UTC),
    )
    _decide(asked, actor, AdjustmentState.POSTED, command.answer)
    return {"document": document.code}


def refuse_adjustment(session: Session, actor: Actor, command: RefuseAdjustment) -> dict[str, Any]:
    """Leave the books as they are; return ``{"document"}``.

    Raises:
        AskedYourself: the actor asked for it; they can withdraw it.
        NotWaiting: it was decided on before.
    """
    asked, document = _waiting(session, actor, command.code)
    if not command.answer.strip():
        raise Refusal(
            Message(N_("Write why it is not booked: the storekeeper reads it.")), field="answer"
        )
    _decide(asked, actor, AdjustmentState.REFUSED, command.answer)
    return {"document": document.code}


def withdraw_adjustment(
    session: Session, actor: Actor, command: WithdrawAdjustment
) -> dict[str, Any]:
    """Take back a correction of one's own that still waits; return ``{"document"}``."""
    asked, document = _locked(session, actor, command.code)
    actor.must(Permission.STOCK_ADJUST, at=asked.warehouse_id)
    if asked.asked_by != actor.user_id:
        raise NotFound("correction of one's own")
    _must_wait(asked, document)
    asked.state = AdjustmentState.WITHDRAWN
    asked.decided_at = datetime.now(UTC)
    return {"document": document.code}


def _waiting(session: Session, actor: Actor, code: str) -> tuple[StockAdjustment, Document]:
    asked, document = _locked(session, actor, code)
    actor.must(Permission.STOCK_APPROVE, at=asked.warehouse_id)
    if asked.asked_by == actor.user_id:
        raise AskedYourself(
            Message(N_("You asked for this correction. Another person decides on it."))
        )
    _must_wait(asked, document)
    return asked, document


def _locked(session: Session, actor: Actor, code: str) -> tuple[StockAdjustment, Document]:
    row = session.execute(
        select(StockAdjustment, Document)
        .join(Document, Document.id == StockAdjustment.document_id)
        .where(Document.code == code)
        .with_for_update(of=StockAdjustment)
    ).one_or_none()
    if row is None or row[0].organisation_id not in actor.organisation_ids:
        raise NotFound(f"correction {code}")
    return row[0], row[1]


def _must_wait(asked: StockAdjustment, document: Document) -> None:
    if asked.state is not AdjustmentState.WAITING:
        raise NotWaiting(
            Message(
                N_("Correction {number} was decided on already. Nothing was changed."),
                {"number": document.code},
            )
        )


def _decide(asked: StockAdjustment, actor: Actor, state: AdjustmentState, answer: str) -> None:
    asked.state = state
    asked.answer = answer.strip()[:400]
    asked.decided_at, asked.decided_by = datetime.now(UTC), actor.user_id
