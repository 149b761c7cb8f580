"""An amount of goods in words: its unit, and the packs that people handle."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from aidlog.core.quantity import in_packs
from aidlog.core.text import N_, Message
from aidlog.core.units import Amount, BaseUnit
from aidlog.registry.models import PackKind

#: From this many base units on, grams are written as kilograms and millilitres as litres.
LARGE = 1000

SMALL_UNITS: Mapping[BaseUnit, str] = {
    BaseUnit.PIECE: N_("{number} pc"),
    BaseUnit.GRAM: N_("{number} g"),
    BaseUnit.MILLILITRE: N_("{number} ml"),
}
LARGE_UNITS: Mapping[BaseUnit, str] = {
    BaseUnit.GRAM: N_("{number} kg"),
    BaseUnit.MILLILITRE: N_("{number} L"),
}
PACKS: Mapping[PackKind, tuple[str, str]] = {
    PackKind.PIECE: (N_("{number} piece"), N_("{number} pieces")),
    PackKind.BAG: (N_("{number} bag"), N_("{number} bags")),
    PackKind.BALE: (N_("{number} bale"), N_("{number} bales")),
    PackKind.BOTTLE: (N_("{number} bottle"), N_("{number} bottles")),
    PackKind.BOX: (N_("{number} box"), N_("{number} boxes")),
    PackKind.BUNDLE: (N_("{number} bundle"), N_("{number} bundles")),
    PackKind.CARTON: (N_("{number} carton"), N_("{number} cartons")),
    PackKind.PALLET: (N_("{number} pallet"), N_("{number} pallets")),
    PackKind.ROLL: (N_("{number} roll"), N_("{number} rolls")),
}


def in_words(amount: Amount) -> Message:
    """Return an amount as its reader counts it, exactly: ``3 cartons (36 pc)``, ``1.5 kg``.

    Packs are named where at least one is full. A rest of pieces is told beside them; of
    grams and millilitres in parts of packs, only the weight or volume is.
    """
    measure = amount.measure
    quantity = _with_unit(amount)
    if amount.quantity <= 0 or measure.pack_size == 1:  # packs are not counted below nothing
        return quantity
    split = in_packs(amount.quantity, measure.pack_size)
    pieces = measure.unit is BaseUnit.PIECE
    if not split.full or (split.loose and not pieces):
        return quantity
    one, many = PACKS[PackKind(measure.pack_kind)]
    full = Message(one, {"number": split.full}, plural=many, count=split.full)
    if split.loose:
        return Message(
            N_("{packs} + {loose} ({quantity})"),
            {"packs": full, "loose": split.loose, "quantity": quantity},
        )
    return Message(N_("{packs} ({quantity})"), {"packs": full, "quantity": quantity})


def _with_unit(amount: Amount) -> Message:
    unit = amount.measure.unit
    large = unit in LARGE_UNITS and not amount.measure.typed
    if large and (abs(amount.quantity) >= LARGE or amount.quantity == 0):
        return Message(LARGE_UNITS[unit], {"number": Decimal(amount.quantity) / LARGE})
    return Message(SMALL_UNITS[unit], {"number": amount.quantity})
