"""What kinds of the registry are called in cells: on pages and in files."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_
from aidlog.registry.models import Access, PackKind

ACCESSES: Mapping[Access, str] = {
    Access.OPEN: N_("Open"),
    Access.DIFFICULT: N_("Difficult"),
    Access.CLOSED: N_("Closed"),
}
PACK_KINDS: Mapping[PackKind, str] = {
    PackKind.PIECE: N_("Piece"),
    PackKind.BAG: N_("Bag"),
    PackKind.BALE: N_("Bale"),
    PackKind.BOTTLE: N_("Bottle"),
    PackKind.BOX: N_("Box"),
    PackKind.BUNDLE: N_("Bundle"),
    PackKind.CARTON: N_("Carton"),
    PackKind.PALLET: N_("Pallet"),
    PackKind.ROLL: N_("Roll"),
}
#: One of what quantities in files are whole numbers of.
BASE_UNITS: Mapping[BaseUnit, str] = {
    BaseUnit.PIECE: N_("piece"),
    BaseUnit.GRAM: N_("gram"),
    BaseUnit.MILLILITRE: N_("millilitre"),
}
