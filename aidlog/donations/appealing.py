"""Appeals: what is asked for, and what is still missing of it, worked out and never typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.donations.models import Appeal, AppealItem, Pledge, PledgeState
from aidlog.donations.pledging import OPEN
from aidlog.registry.models import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """So many base units of an item are asked for."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAppeal(Command):
    """Ask for goods, from ``opens_on`` until ``closes_on`` or until it is met."""

    organisation_id: int
    title: str
    wanted: tuple[Wanted, ...]
    opens_on: date
    text: str = ""
    closes_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddToAppeal(Command):
    """Ask for so much more in an appeal that is open; ``text`` says why, in a new paragraph."""

    appeal_id: int
    wanted: tuple[Wanted, ...]
    text: str = ""


class WrongAppeal(Refusal):
    """The appeal asks for nothing, or closes before it opens."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What became of one item of an appeal, in base units.

    ``promised`` is still expected; ``received`` came and can be used.
    """

    appeal_id: int
    item: Item
    wanted: int
    promised: int
    received: int

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.promised - self.received)


def open_appeal(session: Session, actor: Actor, command: OpenAppeal) -> dict[str, Any]:
    """Open an appeal; return ``{"appeal_id"}``.

    Raises:
        WrongAppeal: no title, nothing asked for, an item twice, or the days are the wrong way.
    """
    actor.must(Permission.PLEDGE_RECORD)
    actor.must_own(command.organisation_id)
    _check(session, command)
    appeal = Appeal(
        organisation_id=command.organisation_id,
        title=command.title.strip(),
        text=command.text.strip(),
        opens_on=command.opens_on,
        closes_on=command.closes_on,
    )
    session.add(appeal)
    session.flush()
    session.add_all(
        AppealItem(appeal_id=appeal.id, item_id=line.item_id, wanted=line.quantity)
        for line in command.wanted
    )
    session.flush()
    return {"appeal_id": appeal.id}


def add_to_appeal(session: Session, actor: Actor, command: AddToAppeal) -> dict[str, Any]:
    """Ask for more in an open appeal; return ``{"appeal_id"}``.

    What is asked for already is asked for as well: the quantities add up.

    Raises:
        NotFound: there is no such appeal of the actor's organisations.
        WrongAppeal: it is closed, or nothing is asked for.
    """
    actor.must(Permission.PLEDGE_RECORD)
    appeal = session.scalars(
        select(Appeal)
        .where(Appeal.id == command.appeal_id)
        .where(Appeal.organisation_id.in_(actor.organisation_ids))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if appeal is None:
        raise NotFound(f"appeal {command.appeal_id}")
    if appeal.closes_on is not None and appeal.closes_on < datetime.now(UTC).date():
        raise WrongAppeal(
            Message(N_("This appeal is closed. Choose another, or open a new one.")),
            field="appeal",
        )
    _check_wanted(session, command.wanted)
    there = {
        line.item_id: line
        for line in session.scalars(select(AppealItem).where(AppealItem.appeal_id == appeal.id))
    }
    for more in command.wanted:
        if more.item_id in there:
            there[more.item_id].wanted += more.quantity
        else:
            session.add(AppealItem(appeal_id=appeal.id, item_id=more.item_id, wanted=more.quantity))
    appeal.text = "\n\n".join(part for part in (appeal.text, command.text.strip()) if part)
    session.flush()
    return {"appeal_id": appeal.id}


def appeals(session: Session, actor: Actor, *, limit: int = 50) -> list[Appeal]:
    """Return the appeals of the actor's organisations, the newest first."""
    actor.must(Permission.PLEDGE_VIEW)
    return list(
        session.scalars(
            select(Appeal)
            .where(Appeal.organisation_id.in_(actor.organisation_ids))
            .order_by(Appeal.opens_on.desc(), Appeal.id.desc())
            .limit(limit)
        )
    )


def open_appeals(session: Session, actor: Actor) -> list[Appeal]:
    """Return those appeals to which a pledge can be given today, by title."""
    today = datetime.now(UTC).date()
    return sorted(
        (
            appeal
            for appeal in appeals(session, actor)
            if appeal.opens_on <= today and (appeal.closes_on is None or appeal.closes_on >= today)
        ),
        key=lambda appeal: appeal.title,
    )


def gaps(session: Session, ids: Collection[int]) -> list[Gap]:
    """Return what became of each item of the appeals ``ids``, by appeal and item code.

    A pledge that was ended counts with what came, one that is open with all it promised.
    One statement.
    """
    open_ = Pledge.state.in_(OPEN)
    rows = session.execute(
        select(
            AppealItem.appeal_id,
            Item,
            AppealItem.wanted,
            func.coalesce(func.sum(case((open_, Pledge.quantity - Pledge.received), else_=0)), 0),
            func.coalesce(func.sum(Pledge.received), 0),
        )
        .join(Item, Item.id == AppealItem.item_id)
        .outerjoin(
            Pledge,
            and_(
                Pledge.appeal_id == AppealItem.appeal_id,
                Pledge.item_id == AppealItem.item_id,
                Pledge.state != PledgeState.CANCELLED,
            ),
        )
        .where(AppealItem.appeal_id.in_(ids))
        .group_by(AppealItem.appeal_id, Item.id, AppealItem.wanted)
        .order_by(AppealItem.appeal_id, Item.code)
    )
    return [
        Gap(appeal, item, int(wanted), int(promised), int(received))
        for appeal, item, wanted, promised, received in rows
    ]


def _check(session: Session, command: OpenAppeal) -> None:
    if not command.title.strip():
        raise WrongAppeal(Message(N_("Give the appeal a title.")), field="title")
    _check_wanted(session, command.wanted)
    if command.closes_on is not None and command.closes_on < command.opens_on:
        raise WrongAppeal(
            Message(N_("The appeal would close before it opens. Change one of the days.")),
            field="closes_on",
        )


def _check_wanted(session: Session, wanted: tuple[Wanted, ...]) -> None:
    items = [line.item_id for line in wanted]
    known = set(session.scalars(select(Item.id).where(Item.id.in_(items), Item.active)))
    if not items or known != set(items) or len(items) != len(set(items)):
        raise WrongAppeal(
            Message(N_("Say what is asked for: at least one item, each item once.")),
            field="wanted",
        )
    if min(line.quantity for line in wanted) < 1:
        raise WrongAppeal(
            Message(N_("Write how much is asked for: a whole number above zero.")),
            field="wanted",
        )
