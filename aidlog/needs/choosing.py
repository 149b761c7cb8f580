"""A planner says which figure is the need of an item at a site: never two of them together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.upsert import insert_missing
from aidlog.needs.models import Counts, NeedChoice
from aidlog.registry.models import Item, Place, PlaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseNeed(Command):
    """Let ``counts`` be the need of the items at the site, from now on, because of ``reason``."""

    place_id: int
    item_ids: tuple[int, ...]
    counts: Counts
    reason: str


class NoReason(Refusal):
    """A choice that nobody could explain later."""


def choose_need(session: Session, actor: Actor, command: ChooseNeed) -> dict[str, Any]:
    """Let one figure count; return ``{"site", "counts"}``. The audit keeps earlier choices.

    Where what was chosen is not there (no assessment holds, nothing is approved and open),
    standards count until it is.

    Raises:
        NotAllowed, NotFound: the site is not the actor's to plan for, or an item is not there.
        NoReason: nobody wrote why.
    """
    actor.must(Permission.PLAN_DRAFT, at=command.place_id)
    site = session.get(Place, command.place_id)
    if site is None or site.kind is not PlaceKind.SITE or not site.active:
        raise NotFound(f"site {command.place_id}")
    actor.must_own(site.organisation_id)
    reason = command.reason.strip()
    if not reason:
        raise NoReason(Message(N_("Write why.")), field="reason")
    for item_id in command.item_ids:
        if session.get(Item, item_id) is None:
            raise NotFound(f"item {item_id}")
        values = {
            "counts": command.counts,
            "reason": reason[:400],
            "set_at": datetime.now(UTC),
            "set_by": actor.user_id,
        }
        key = {"place_id": site.id, "item_id": item_id}
        insert_missing(session, NeedChoice, [key | values])
        row = session.get_one(NeedChoice, (site.id, item_id), with_for_update=True)
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    return {"site": site.code, "counts": command.counts.value}
