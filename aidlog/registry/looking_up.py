"""What a file calls an item or a place, and which one that is: by code, by name, or asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Protocol, TypeVar

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


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=_Coded)


class _ByCodeOrName(Generic[T]):
    """Things that a file names by their code, or by a name that only one of them has."""

    def __init__(
        self,
        things: Iterable[T],
        names: Callable[[T], Iterable[str]],
        shown: Callable[[T], str],
    ) -> None:
        self._by_code = {thing.code: thing for thing in things}
        self._names = [
            (code, name) for code, thing in self._by_code.items() for name in names(thing)
        ]
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for code, name in self._names:
            if code not in (known := self._by_name[bare(name)]):
                known.append(code)
        self._shown = shown
        self._suggested: dict[str, list[tuple[str, str]]] = {}

    def find(self, text: str) -> T | None:
        """Return the one of that code, or the only one of that name."""
        if (thing := self._by_code.get(text.strip().upper())) is not None:
            return thing
        named = self._by_name.get(bare(text), [])
        return self._by_code[named[0]] if len(named) == 1 else None

    def suggestions(self, text: str) -> list[tuple[str, str]]:
        """Return (code, what it is shown as) of what ``text`` may mean.

        A list misspells one word in a thousand rows: it is looked for once.
        """
        if text not in self._suggested:
            codes = self._by_name.get(bare(text), [])[:3] or self._spellings.nearest(text)
            self._suggested[text] = [(code, self._shown(self._by_code[code])) for code in codes]
        return self._suggested[text]

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(self._names)


class Items(_ByCodeOrName[KnownItem]):
    """The whole catalogue, for a file whose rows name items. Two statements.

    One that is out of use is known by its code alone.
    """

    def __init__(self, session: Session) -> None:
        items = {
            row[0]: KnownItem(row[0], row[1], row[4], row[2], row[3], tuple(filter(None, row[4:])))
            for row in session.execute(
                select(
                    Item.id, Item.code, Item.base_unit, Item.active,
                    Item.name_en, Item.name_fr, Item.name_sw, Item.name_rw,
                )
            )
        }  # fmt: skip
        for item_id, kind, size in session.execute(
            select(ItemPack.item_id, ItemPack.kind, ItemPack.size).where(ItemPack.active)
        ):
            items[item_id].packs.append((kind, size))
        super().__init__(
            items.values(),
            names=lambda item: (item.code, *item.names) if item.active else (),
            shown=lambda item: item.name,
        )


class Places(_ByCodeOrName[PlaceRow]):
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
        super().__init__(
            places(session, actor, kinds=kinds, permission=permission),
            names=lambda place: (place.code, place.shown_as),
            shown=lambda place: place.shown_as,
        )
