"""Items: what is stocked, its names, its weight and the packs it comes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.kits import follow
from aidlog.registry.models import Item, ItemPack, PackKind
from aidlog.registry.scope import WrongEntry, must_edit_everywhere, tidy_name

TIERS = (1, 2, 3)
#: A pack of more base units than this (a hundred tonnes in grams) is a slip of the hand.
LARGEST_PACK = 10**8
#: One gram weighs this many mg, one millilitre fills this many mm³, without any packing.
_MG_PER_GRAM = 1_000
_MM3_PER_MILLILITRE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the item is called; English is the one that must be there."""

    en: str
    fr: str = ""
    sw: str = ""
    rw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Weight (mg) and volume (mm³) of one base unit; None is unknown, and not zero.

    ``tier`` 1 is life-saving, 2 important, 3 useful. ``source`` says where figures come from.
    """

    category: str = ""
    tier: int = 2
    weight_mg: int | None = None
    volume_mm3: int | None = None
    source: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack of ``size`` base units; ``issue`` is the smallest that may leave a warehouse."""

    kind: PackKind
    size: int
    issue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem(Command):
    """``base_unit`` stays for ever: stock is counted in it."""

    code: str
    base_unit: BaseUnit
    names: Names
    facts: Facts
    packs: Sequence[Pack]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditItem(Command):
    item_id: int
    names: Names
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPacks(Command):
    """The packs that an item comes in from now on, all of them."""

    item_id: int
    packs: Sequence[Pack]


def add_item(session: Session, actor: Actor, command: AddItem) -> dict[str, Any]:
    """Add an item with its packs; return ``{"item_id", "code"}``.

    Raises:
        WrongEntry: the code is in use, a name, figure or pack cannot be; it names the field.
    """
    must_edit_everywhere(actor)
    code = tidy_item_code(command.code)
    if session.scalar(select(Item.id).where(Item.code == code)):
        raise WrongEntry(
            Message(N_("The code {code} is in use. Choose another one."), {"code": code}),
            field="code",
        )
    item = Item(code=code, base_unit=command.base_unit)
    describe(item, command.names, command.facts)
    check_packs(command.packs)
    session.add(item)
    session.flush()
    session.add_all(
        ItemPack(item_id=item.id, kind=pack.kind, size=pack.size, issue=pack.issue)
        for pack in command.packs
    )
    session.flush()
    return {"item_id": item.id, "code": item.code}


def edit_item(session: Session, actor: Actor, command: EditItem) -> dict[str, Any]:
    """Change an item's names and figures; return ``{"item_id", "code"}``.

    A kit weighs what its parts weigh, whatever is written here; kits that hold the item
    weigh anew.

    Raises:
        NotFound: there is no such item.
        WrongEntry: a name or figure cannot be.
    """
    must_edit_everywhere(actor)
    item = _item(session, command.item_id)
    describe(item, command.names, command.facts)
    follow(session, item.id)
    return {"item_id": item.id, "code": item.code}


def set_packs(session: Session, actor: Actor, command: SetPacks) -> dict[str, Any]:
    """Say which packs an item comes in; return ``{"item_id", "code"}``.

    A pack of another size is another row: what was printed under the old one keeps its
    meaning. Packs that are no longer named are switched off and stay.

    Raises:
        NotFound: there is no such item.
        WrongEntry: no pack or more than one is the one to issue, or a size cannot be.
    """
    must_edit_everywhere(actor)
    item = _item(session, command.item_id)
    check_packs(command.packs)
    known = {
        (pack.kind, pack.size): pack
        for pack in session.scalars(select(ItemPack).where(ItemPack.item_id == item.id))
    }
    for row in known.values():
        row.active = row.issue = False
    session.flush()  # the old issue pack steps down before the new one steps up
    for pack in command.packs:
        row = known.get((pack.kind, pack.size)) or ItemPack(
            item_id=item.id, kind=pack.kind, size=pack.size
        )
        row.active, row.issue = True, pack.issue
        session.add(row)
    session.flush()
    return {"item_id": item.id, "code": item.code}


def _item(session: Session, item_id: int) -> Item:
    item = session.scalars(select(Item).where(Item.id == item_id).with_for_update()).one_or_none()
    if item is None:
        raise NotFound(f"item {item_id}")
    return item


def tidy_item_code(typed: str) -> str:
    """Return an item's code as it is kept.

    Catalogues of others have codes with strokes, commas and plus signs in them (WNEAGACL11/4);
    they are taken as they are.
    """
    code = typed.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9.\-+,/]{0,39}", code) or "//" in code:
        raise WrongEntry(
            Message(
                N_("Write a code of capital letters, digits, points and dashes, for example S07.")
            ),
            field="code",
        )
    return code


def describe(item: Item, names: Names, facts: Facts) -> None:
    """Write names and figures into ``item``.

    Raises:
        WrongEntry: one of them cannot be; it names the field.
    """
    item.name_en = tidy_name(names.en, field="name_en")
    item.name_fr, item.name_sw, item.name_rw = (
        " ".join(name.split())[:200] for name in (names.fr, names.sw, names.rw)
    )
    if facts.tier not in TIERS:
        raise WrongEntry(
            Message(N_("Choose how urgent the item is: life-saving, important or useful.")),
            field="tier",
        )
    for figure, field in ((facts.weight_mg, "weight"), (facts.volume_mm3, "volume")):
        if figure is not None and figure <= 0:
            raise WrongEntry(
                Message(N_("This is above zero. Leave it empty where it is not known.")),
                field=field,
            )
    item.category = " ".join(facts.category.split())[:40]
    item.tier, item.source = facts.tier, " ".join(facts.source.split())[:200]
    item.weight_mg, item.volume_mm3 = facts.weight_mg, facts.volume_mm3
    item.active = facts.active
    if item.base_unit is BaseUnit.GRAM:
        item.weight_mg = _with_packing(facts.weight_mg, _MG_PER_GRAM, field="weight")
    if item.base_unit is BaseUnit.MILLILITRE:
        item.volume_mm3 = _with_packing(facts.volume_mm3, _MM3_PER_MILLILITRE, field="volume")


def _with_packing(figure: int | None, bare: int, *, field: str) -> int:
    """Return what a gram weighs, or a millilitre fills, on a truck: its packing comes on top."""
    if figure is not None and figure < bare:
        raise WrongEntry(
            Message(
                N_("A kilogram weighs a kilogram or more, a litre fills a litre or more. Check it.")
            ),
            field=field,
        )
    return figure or bare


def check_packs(packs: Sequence[Pack]) -> None:
    """Refuse packs that cannot be those of one item.

    Raises:
        WrongEntry: no pack or more than one is the one to issue, or a size cannot be.
    """
    if sum(pack.issue for pack in packs) != 1:
        raise WrongEntry(
            Message(N_("Mark exactly one pack as the smallest that leaves a warehouse.")),
            field="packs",
        )
    if len({(pack.kind, pack.size) for pack in packs}) < len(packs):
        raise WrongEntry(
            Message(N_("A pack stands in the list twice. Remove one of the two.")), field="packs"
        )
    for pack in packs:
        if not 0 < pack.size <= LARGEST_PACK:
            raise WrongEntry(
                Message(
                    N_("A pack holds from 1 to {largest} base units."), {"largest": LARGEST_PACK}
                ),
                field="packs",
            )
