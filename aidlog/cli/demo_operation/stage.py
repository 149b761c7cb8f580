"""The demo's stage: who and where by name, and the one way anything is done on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import Answer, Command, new_id, once
from aidlog.db.transaction import writing
from aidlog.registry.models import Item, ItemPack, Organisation, Person, Place
from aidlog.registry.roles import actor_for

C = TypeVar("C", bound=Command)


class Stage:
    """Everything goes through :meth:`do`: the same actions and rules as for anyone."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now = datetime.now(UTC).replace(second=0, microsecond=0)
        self.today = self.now.date()

    def do(
        self,
        who: str,
        make: Callable[[str], C],
        action: Callable[[Session, Actor, C], Answer],
    ) -> Any:
        """Let ``who`` (a login) give the command that ``make`` builds from a fresh id."""
        with writing(self.session) as session:
            return once(session, actor_for(session, self.person(who)), make(new_id()), action)

    def person(self, login: str) -> int:
        """Return the id of the person who signs in as ``login``."""
        return self.session.scalars(select(Person.id).where(Person.login == login)).one()

    def organisation(self, code: str) -> int:
        """Return the id of an organisation."""
        return self.session.scalars(select(Organisation.id).where(Organisation.code == code)).one()

    def place(self, code: str) -> int:
        """Return the id of a place."""
        return self.session.scalars(select(Place.id).where(Place.code == code)).one()

    def item(self, code: str) -> Item:
        """Return an item."""
        return self.session.scalars(select(Item).where(Item.code == code)).one()

    def pack(self, code: str) -> ItemPack:
        """Return the pack in which an item leaves a warehouse."""
        return self.session.scalars(
            select(ItemPack)
            .join(Item, Item.id == ItemPack.item_id)
            .where(Item.code == code, ItemPack.issue, ItemPack.active)
        ).one()

    def day(self, offset: int) -> date:
        """Return the day ``offset`` days from today."""
        return self.today + timedelta(days=offset)

    def moment(self, days: int, hours: int = 0) -> datetime:
        """Return the moment ``days`` and ``hours`` from now."""
        return self.now + timedelta(days=days, hours=hours)
