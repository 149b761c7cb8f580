"""The words in which files speak of units, packs and urgency.

What leaves no doubt is taken as it stands. The many other spellings (pcs, bx, kgs, ctn) are
suggestions: somebody says once a file that "cs" is a case of something, or it is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.quantity import BaseUnit
from aidlog.core.sheets import Choice
from aidlog.core.text import N_
from aidlog.registry.models import PackKind

PIECES = Choice(
    "piece",
    N_("Piece"),
    exact=("pieces", "pièce", "pièces", "kipande", "vipande", "igice", "C62"),
    like=("pcs", "pc", "pce", "pieces each", "ea", "each", "unit", "units", "unité", "unités", "u",
          "nos", "no", "set", "sets", "kit", "kits", "pair", "pairs", "paire", "tin", "tins", "can",
          "cans", "boîte de conserve", "barrel", "drum", "bucket", "seau", "tent", "jerrycan",
          "m2", "m", "metre"),
)  # fmt: skip
GRAMS = Choice("gram", N_("Gram"), exact=("g", "grams", "gramme", "grammes", "gramu", "GRM"),
               like=("gr", "grm", "gms", "gm"))  # fmt: skip
KILOGRAMS = Choice(
    "kilogram", N_("Kilogram"),
    exact=("kg", "kilograms", "kilogramme", "kilogrammes", "kilo", "ikilo", "KGM"),
    like=("kgs", "kilos", "k g", "kilogrammes net"),
)  # fmt: skip
TONNES = Choice("tonne", N_("Tonne"), exact=("t", "tonnes", "tani", "toni", "TNE"),
                like=("mt", "ton", "tons", "mts"))  # fmt: skip
MILLILITRES = Choice("millilitre", N_("Millilitre"),
                     exact=("ml", "millilitres", "mililita", "MLT"), like=("mls",))  # fmt: skip
LITRES = Choice("litre", N_("Litre"), exact=("l", "litres", "liter", "lita", "litiro", "LTR"),
                like=("ltr", "ltrs", "lt", "lit", "lts"))  # fmt: skip

PACKS = (
    Choice(PackKind.BAG.value, N_("Bag"),
           exact=("bags", "sac", "sacs", "gunia", "magunia", "umufuka", "BG"),
           like=("sack", "sacks", "bg", "bgs", "sachet")),
    Choice(PackKind.BALE.value, N_("Bale"),
           exact=("bales", "balle", "balles", "balot", "BL"), like=("ballot", "robota")),
    Choice(PackKind.BOTTLE.value, N_("Bottle"),
           exact=("bottles", "bouteille", "bouteilles", "chupa", "icupa", "BO"),
           like=("btl", "bot", "flask", "vial")),
    Choice(PackKind.BOX.value, N_("Box"),
           exact=("boxes", "boîte", "boîtes", "sanduku", "agasanduku", "BX"),
           like=("bx", "bxs", "cs", "case", "cases", "crate", "pck", "pack", "packet", "pkt")),
    Choice(PackKind.BUNDLE.value, N_("Bundle"),
           exact=("bundles", "liasse", "furushi", "BE"), like=("bdl", "bndl", "pck", "pack")),
    Choice(PackKind.CARTON.value, N_("Carton"),
           exact=("cartons", "katoni", "ikarito", "CT"),
           like=("ctn", "ctns", "crtn", "cs", "case", "cases", "pck", "pack")),
    Choice(PackKind.PALLET.value, N_("Pallet"),
           exact=("pallets", "palette", "palettes", "paleti", "PL"), like=("plt", "plts")),
    Choice(PackKind.ROLL.value, N_("Roll"),
           exact=("rolls", "rouleau", "rouleaux", "mzingo", "umuzingo", "RO"),
           like=("rl", "rls", "coil")),
)  # fmt: skip
PACKS_AND_PIECE = (PIECES, *PACKS)

#: A unit of measure → what it counts, and how many base units one of it is.
MEASURES: Mapping[str, tuple[BaseUnit, int]] = {
    "piece": (BaseUnit.PIECE, 1),
    "gram": (BaseUnit.GRAM, 1),
    "kilogram": (BaseUnit.GRAM, 1_000),
    "tonne": (BaseUnit.GRAM, 1_000_000),
    "millilitre": (BaseUnit.MILLILITRE, 1),
    "litre": (BaseUnit.MILLILITRE, 1_000),
}
#: What an item is counted in; kilograms and litres are grams and millilitres, counted exactly.
COUNTED_IN = (PIECES, GRAMS, KILOGRAMS, MILLILITRES, LITRES)
#: What a quantity in a stock list may be of.
OF_STOCK = (PIECES, GRAMS, KILOGRAMS, TONNES, MILLILITRES, LITRES, *PACKS)

URGENCY = (
    Choice("1", N_("Life-saving"), exact=("1", "vital", "sauve des vies")),
    Choice("2", N_("Important"), exact=("2", "essential", "essentiel", "muhimu")),
    Choice("3", N_("Useful"), exact=("3", "utile")),
)
