"""Kits: items that are made up of other items, by a list of contents that is never rewritten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Item, KitContent, KitVersion
from aidlog.registry.scope import WrongEntry, must_edit_everywhere

#: More kinds of things than this are not packed into one kit.
MOST_CONTENTS = 40
#: More base units of one item (a hundred tonnes in grams) in one kit are a slip of the hand.
LARGEST_CONTENT = 10**8


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """``quantity`` base units of an item in one kit."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKitContents(Command):
    """What is in one kit from now on: all of it."""

    item_id: int
    contents: Sequence[Content]


@dataclass(frozen=True, slots=True)
class Part:
    """An item in a kit, and how many base units of it."""

    item: Item
    quantity: int


@dataclass(frozen=True, slots=True)
class KitList:
    """A list of contents: which of its kit's versions it is, and its parts by item code."""

    version_id: int
    number: int
    made_at: datetime
    parts: tuple[Part, ...]


def set_kit_contents(session: Session, actor: Actor, command: SetKitContents) -> dict[str, Any]:
    """Say what is in a kit; return ``{"item_id", "code", "version"}``.

    A new list is a new version; kits that stand in stock keep the list they were built by.
    The kit's weight and volume follow from what is in it, unknown where one part's is.

    Raises:
        NotFound: there is no such item.
        WrongEntry: the kit is not counted in pieces, is part of a kit itself, or a line
            cannot be.
    """
    must_edit_everywhere(actor)
    kit = session.scalars(
        select(Item).where(Item.id == command.item_id).with_for_update()
    ).one_or_none()
    if kit is None:
        raise NotFound(f"item {command.item_id}")
    _check(session, kit, command.contents)
    last = contents(session, [kit.id]).get(kit.id)
    same = last is not None and [
        (part.item.id, part.quantity) for part in last.parts
    ] == sorted_by_code(session, command.contents)
    if last is not None and same:
        return {"item_id": kit.id, "code": kit.code, "version": last.number}
    version = KitVersion(
        item_id=kit.id,
        number=last.number + 1 if last else 1,
        made_at=datetime.now(UTC),
        made_by=actor.user_id,
    )
    session.add(version)
    session.flush()
    session.add_all(
        KitContent(version_id=version.id, item_id=one.item_id, quantity=one.quantity)
        for one in command.contents
    )
    session.flush()
    weigh(session, [kit.id])
    return {"item_id": kit.id, "code": kit.code, "version": version.number}


def contents(session: Session, kits: Collection[int]) -> dict[int, KitList]:
    """Return what is in each of ``kits`` by its newest list; items that are none are left out."""
    versions: dict[int, KitVersion] = {}
    for version in session.scalars(
        select(KitVersion).where(KitVersion.item_id.in_(kits)).order_by(KitVersion.number)
    ):
        versions[version.item_id] = version
    parts = _parts(session, [version.id for version in versions.values()])
    return {item: _list(version, parts) for item, version in versions.items()}


def versions_of(session: Session, kit_id: int) -> list[KitList]:
    """Return all lists of contents that a kit had, newest first."""
    versions = session.scalars(
        select(KitVersion).where(KitVersion.item_id == kit_id).order_by(KitVersion.number.desc())
    ).all()
    parts = _parts(session, [version.id for version in versions])
    return [_list(version, parts) for version in versions]


def kit_list(session: Session, version_id: int) -> KitList:
    """Return one list of contents."""
    version = session.get_one(KitVersion, version_id)
    return _list(version, _parts(session, [version_id]))


def kits(session: Session) -> list[Item]:
    """Return the items that are kits, by code."""
    return list(
        session.scalars(
            select(Item)
            .where(Item.id.in_(select(KitVersion.item_id)))
            .order_by(Item.active.desc(), Item.code)
        )
    )


def follow(session: Session, item_id: int) -> None:
    """Work out anew the figures of the kits that an item is in, and its own if it is a kit."""
    session.flush()
    holding = session.scalars(
        select(KitVersion.item_id)
        .join(KitContent, KitContent.version_id == KitVersion.id)
        .where(KitContent.item_id == item_id)
    )
    weigh(session, {item_id, *holding})


def weigh(session: Session, items: Iterable[int]) -> None:
    """Set weight and volume of those of ``items`` that are kits to the sums of their parts."""
    for kit_id, what in contents(session, set(items)).items():
        kit = session.get_one(Item, kit_id)
        kit.weight_mg = _sum((part.item.weight_mg, part.quantity) for part in what.parts)
        kit.volume_mm3 = _sum((part.item.volume_mm3, part.quantity) for part in what.parts)
    session.flush()


def sorted_by_code(session: Session, lines: Sequence[Content]) -> list[tuple[int, int]]:
    """Return the lines as (item id, quantity) in the order of the items' codes."""
    codes = {
        row.id: row.code
        for row in session.execute(
            select(Item.id, Item.code).where(Item.id.in_([line.item_id for line in lines]))
        )
    }
    return sorted(
        ((line.item_id, line.quantity) for line in lines), key=lambda line: codes[line[0]]
    )


def _parts(session: Session, versions: Collection[int]) -> dict[int, list[Part]]:
    parts: dict[int, list[Part]] = {}
    for version_id, quantity, item in session.execute(
        select(KitContent.version_id, KitContent.quantity, Item)
        .join(Item, Item.id == KitContent.item_id)
        .where(KitContent.version_id.in_(versions))
        .order_by(Item.code)
    ):
        parts.setdefault(version_id, []).append(Part(item, quantity))
    return parts


def _list(version: KitVersion, parts: dict[int, list[Part]]) -> KitList:
    return KitList(version.id, version.number, version.made_at, tuple(parts[version.id]))


def _sum(figures: Iterable[tuple[int | None, int]]) -> int | None:
    """Return the sum of figure × quantity; unknown as soon as one is: unknown is not zero."""
    total = 0
    for figure, quantity in figures:
        if figure is None:
            return None
        total += figure * quantity
    return total


def _check(session: Session, kit: Item, lines: Sequence[Content]) -> None:
    if kit.base_unit is not BaseUnit.PIECE:
        raise WrongEntry(
            Message(N_("{item} is not counted in pieces. A kit is."), {"item": kit.code}),
            field="item",
        )
    if session.scalar(select(KitContent.version_id).where(KitContent.item_id == kit.id).limit(1)):
        raise WrongEntry(
            Message(
                N_("{item} is part of a kit. A kit holds items, not other kits."),
                {"item": kit.code},
            ),
            field="item",
        )
    if not lines or len(lines) > MOST_CONTENTS:
        raise WrongEntry(
            Message(N_("A kit holds from 1 to {most} items."), {"most": MOST_CONTENTS}),
            field="contents",
        )
    if len({line.item_id for line in lines}) < len(lines):
        raise WrongEntry(
            Message(N_("An item stands in the list twice. Write it once, with the sum.")),
            field="contents",
        )
    known = {
        item.id: item
        for item in session.scalars(
            select(Item).where(Item.id.in_([line.item_id for line in lines]))
        )
    }
    nested = set(
        session.scalars(select(KitVersion.item_id).where(KitVersion.item_id.in_([*known, kit.id])))
    ) - {kit.id}
    for line in lines:
        if line.item_id not in known:
            raise NotFound(f"item {line.item_id}")
        if line.item_id == kit.id or line.item_id in nested:
            raise WrongEntry(
                Message(
                    N_("{item} is a kit. A kit holds items, not other kits."),
                    {"item": known[line.item_id].code},
                ),
                field="contents",
            )
        if not 0 < line.quantity <= LARGEST_CONTENT:
            raise WrongEntry(
                Message(
                    N_("{item}: a kit holds from 1 to {most} base units."),
                    {"item": known[line.item_id].code, "most": LARGEST_CONTENT},
                ),
                field="contents",
            )
