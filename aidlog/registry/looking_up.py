"""What a file calls an item or a place, and which one that is: by code, by name, or asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.quantity import BaseUnit
from aidlog.core.spelling import Spellings, bare
from aidlog.registry.models import Item, ItemPack, PackKind, PlaceKind
from aidlog.registry.queries import PlaceRow, places


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item and its packs in use, (kind, size in base units)."""

    id: int
    code: str
    name: str
    base_unit: BaseUnit
    active: bool
    names: tuple[str, ...]
    packs: list[tuple[PackKind, int]] = field(default_factory=list)


class Items:
    """The whole catalogue, for a file whose rows name items. Two statements."""

    def __init__(self, session: Session) -> None:
        self.all = [
            KnownItem(row[0], row[1], row[4], row[2], row[3], tuple(filter(None, row[4:])))
            for row in session.execute(
                select(
                    Item.id, Item.code, Item.base_unit, Item.active,
                    Item.name_en, Item.name_fr, Item.name_sw, Item.name_rw,
                )
            )
        ]  # fmt: skip
        by_id = {item.id: item for item in self.all}
        for item_id, kind, size in session.execute(
            select(ItemPack.item_id, ItemPack.kind, ItemPack.size).where(ItemPack.active)
        ):
            by_id[item_id].packs.append((kind, size))
        self.by_code = {item.code: item for item in self.all}
        self._by_name: defaultdict[str, list[KnownItem]] = defaultdict(list)
        for item in self.all:
            if item.active:
                for name in {bare(name) for name in (item.code, *item.names)}:
                    self._by_name[name].append(item)

    def find(self, text: str) -> KnownItem | None:
        """Return the item of that code, or the only one of that name in any language."""
        if item := self.by_code.get(text.strip().upper()):
            return item
        named = self._by_name.get(bare(text), [])
        return named[0] if len(named) == 1 else None

    def suggestions(self, text: str) -> list[tuple[str, str]]:
        """Return (code, name) of the items that ``text`` may mean."""
        codes = [item.code for item in self._by_name.get(bare(text), [])[:3]]
        codes = codes or self._spellings.nearest(text)
        return [(code, self.by_code[code].name) for code in codes]

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(
            (item.code, name)
            for item in self.all
            if item.active
            for name in (item.code, *item.names)
        )


class Places:
    """The places that an actor may see, for a file whose rows name places. One statement.

    A protected site is known by its code alone.
    """

    def __init__(
        self,
        session: Session,
        actor: Actor,
        *,
        kinds: Collection[PlaceKind] = tuple(PlaceKind),
        permission: Permission = Permission.REGISTRY_VIEW,
    ) -> None:
        self.all = places(session, actor, kinds=kinds, permission=permission)
        self._by_name: defaultdict[str, list[PlaceRow]] = defaultdict(list)
        for place in self.all:
            for name in {bare(place.code), bare(place.shown_as)}:
                self._by_name[name].append(place)

    def find(self, text: str) -> PlaceRow | None:
        """Return the place of that code, or the only one of that name."""
        for place in self.all:
            if place.code == text.strip().upper():
                return place
        named = self._by_name.get(bare(text), [])
        return named[0] if len(named) == 1 else None

    def suggestions(self, text: str) -> list[tuple[str, str]]:
        """Return (code, what it is shown as) of the places that ``text`` may mean."""
        shown = {place.code: place.shown_as for place in self.all}
        codes = [place.code for place in self._by_name.get(bare(text), [])[:3]]
        codes = codes or self._spellings.nearest(text)
        return [(code, shown[code]) for code in codes]

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(_names(self.all))


def _names(rows: Iterable[PlaceRow]) -> Iterable[tuple[str, str]]:
    for place in rows:
        yield place.code, place.code
        yield place.code, place.shown_as
