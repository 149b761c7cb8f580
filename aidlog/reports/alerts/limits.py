"""From when on stock counts as low: in days of need, for all items or for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Item, Organisation
from aidlog.reports.alerts.models import AlertLimit

#: Who wants more than a year of need in stock wants another word than an alert.
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlertLimit(Command):
    """Set when an organisation's stock is low; ``item_id`` None is for all items.

    ``days`` of need, ``least`` base units in each warehouse that keeps the item. Both None
    takes the limit away: the item follows the others, and these the usual days.
    """

    organisation_id: int
    item_id: int | None
    days: int | None
    least: int | None = None


class WrongLimit(Refusal):
    """The limit cannot be so; it names the field to correct."""


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as it stands; ``item`` None is for all items."""

    organisation_id: int
    organisation: str
    item: Item | None
    days: int | None
    least: int | None


def set_alert_limit(session: Session, actor: Actor, command: SetAlertLimit) -> dict[str, Any]:
    """Set, change or take away a limit; return ``{"kept"}``.

    Raises:
        NotFound: the organisation is not the actor's, or there is no such item.
        WrongLimit: it names the field to correct.
    """
    actor.must(Permission.STANDARD_EDIT)
    actor.must_own(command.organisation_id)
    if command.item_id is not None and session.get(Item, command.item_id) is None:
        raise NotFound(f"item {command.item_id}")
    _check(command)
    # The organisation's row is locked, so that two people do not both find no limit yet.
    session.get_one(Organisation, command.organisation_id, with_for_update=True)
    limit = session.scalars(
        select(AlertLimit).where(
            AlertLimit.organisation_id == command.organisation_id,
            AlertLimit.item_id.is_(None)
            if command.item_id is None
            else AlertLimit.item_id == command.item_id,
        )
    ).one_or_none()
    kept = command.days is not None or command.least is not None
    if not kept:
        if limit is not None:
            session.delete(limit)
    elif limit is None:
        session.add(
            AlertLimit(
                organisation_id=command.organisation_id,
                item_id=command.item_id,
                days=command.days,
                least=command.least,
            )
        )
    else:
        limit.days, limit.least = command.days, command.least
    session.flush()
    return {"kept": kept}


def limits(session: Session, actor: Actor) -> list[LimitRow]:
    """Return the limits of the actor's organisations; those of all items first. One statement."""
    rows = session.execute(
        select(Organisation.id, Organisation.name, Item, AlertLimit.days, AlertLimit.least)
        .join(AlertLimit, AlertLimit.organisation_id == Organisation.id)
        .outerjoin(Item, Item.id == AlertLimit.item_id)
        .where(Organisation.id.in_(actor.organisation_ids))
        .order_by(Organisation.name, Item.code.is_not(None), Item.code)
    )
    return [LimitRow(*row) for row in rows]


def _check(command: SetAlertLimit) -> None:
    if command.days is not None and not 0 <= command.days <= MOST_DAYS:
        raise WrongLimit(
            Message(N_("Write from 0 to {most} days."), {"most": MOST_DAYS}), field="days"
        )
    if command.least is not None and command.item_id is None:
        raise WrongLimit(
            Message(N_("A least quantity is of one item. Name the item.")), field="item"
        )
    if command.least is not None and not 0 <= command.least <= LARGEST:
        raise WrongLimit(
            Message(N_("Write the least that is to stand in each warehouse.")), field="least"
        )
