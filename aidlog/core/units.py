"""What goods are counted in, and an amount of them as a sentence speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BaseUnit(StrEnum):
    """What one unit of an item is; UN/ECE Recommendation 20 codes C62, GRM and MLT."""

    PIECE = "piece"
    GRAM = "gram"
    MILLILITRE = "millilitre"


@dataclass(frozen=True, slots=True)
class Measure:
    """How people count some goods: ``unit``, and packs of ``pack_size`` base units.

    A pack of one base unit is none. ``typed``: it is said in base units however many they are,
    since a field asks for grams where a page shows kilograms.
    """

    unit: BaseUnit
    pack_size: int = 1
    pack_kind: str = "piece"
    typed: bool = False

    def of(self, quantity: int) -> Amount:
        """Return ``quantity`` base units, to be said in this measure."""
        return Amount(quantity, self)


@dataclass(frozen=True, slots=True)
class Amount:
    """``quantity`` base units in a gap of a sentence, said with unit and packs at the edge.

    As plain text, which only tests and tracebacks show, it is the bare number.
    """

    quantity: int
    measure: Measure

    def __str__(self) -> str:
        return str(self.quantity)
