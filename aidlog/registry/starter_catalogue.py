"""The catalogue that an operation starts with: starter_catalogue.csv, through the real actions.

Codes, weights and volumes are those of the published catalogue named in each row; names are
ours. ``uncertain`` lists the languages in which a name waits for a native speaker's eye, and
``pack_source`` says where a pack size is only assumed. Weight is in kg of one piece or litre,
volume in litres of one piece or kilogram.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.decimals import typed_decimal
from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import Command, new_id, once
from aidlog.registry.items import AddItem, Facts, Names, Pack, add_item
from aidlog.registry.models import Item, PackKind
from aidlog.registry.scope import must_edit_everywhere

#: kg to mg of one base unit, and litres to mm³: a piece, a gram, a millilitre.
_PLACES = {BaseUnit.PIECE: 6, BaseUnit.GRAM: 3, BaseUnit.MILLILITRE: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStarterCatalogue(Command):
    """Add the starter items with these codes, or all of them; known codes are left alone."""

    codes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StarterItem:
    """One row of the file, as the action takes it."""

    command: AddItem
    uncertain: tuple[str, ...]
    pack_source: str


def starter_items() -> Iterator[StarterItem]:
    """Return every item of the file, in its order."""
    text = (files("aidlog.registry") / "starter_catalogue.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield StarterItem(_command(row), tuple(row["uncertain"].split()), row["pack_source"])


def load_starter_catalogue(
    session: Session, actor: Actor, codes: Collection[str] | None = None
) -> dict[str, int]:
    """Add the starter items, all or those of ``codes``; return ``{code: item id}`` of the new.

    One command and one audit entry for the whole load. Call it inside ``writing()``.
    """
    command = LoadStarterCatalogue(
        command_id=new_id(), codes=None if codes is None else tuple(codes)
    )
    items: dict[str, int] = once(session, actor, command, add_starter_items)["items"]
    return items


def add_starter_items(
    session: Session, actor: Actor, command: LoadStarterCatalogue
) -> dict[str, Any]:
    """Add the items that are not there yet; return ``{"items": {code: item id}}``."""
    must_edit_everywhere(actor)
    known = set(session.scalars(select(Item.code)))
    wanted = [
        item.command
        for item in starter_items()
        if item.command.code not in known
        and (command.codes is None or item.command.code in command.codes)
    ]
    return {"items": {add.code: add_item(session, actor, add)["item_id"] for add in wanted}}


def _command(row: dict[str, str]) -> AddItem:
    unit = BaseUnit(row["base_unit"])
    return AddItem(
        command_id=new_id(),
        code=row["code"],
        base_unit=unit,
        names=Names(en=row["en"], fr=row["fr"], sw=row["sw"], rw=row["rw"]),
        facts=Facts(
            category=row["category"],
            tier=int(row["tier"]),
            weight_mg=_figure(row["weight_kg"], unit),
            volume_mm3=_figure(row["volume_l"], unit),
            source=row["source"],
        ),
        packs=tuple(_pack(text) for text in row["packs"].split()),
    )


def _figure(text: str, unit: BaseUnit) -> int | None:
    return typed_decimal(text, places=_PLACES[unit]) if text else None


def _pack(text: str) -> Pack:
    """Read "bale:30*": a bale of 30 base units, the one to issue."""
    kind, _, size = text.rstrip("*").partition(":")
    return Pack(kind=PackKind(kind), size=int(size), issue=text.endswith("*"))
