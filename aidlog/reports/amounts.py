"""Amounts on paper: packs and units in a language, exact, never rounded up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.registry.models import PackKind

_PACKS = {
    PackKind.PIECE: (N_("piece × {content}"), N_("pieces × {content}")),
    PackKind.BAG: (N_("bag × {content}"), N_("bags × {content}")),
    PackKind.BALE: (N_("bale × {content}"), N_("bales × {content}")),
    PackKind.BOTTLE: (N_("bottle × {content}"), N_("bottles × {content}")),
    PackKind.BOX: (N_("box × {content}"), N_("boxes × {content}")),
    PackKind.BUNDLE: (N_("bundle × {content}"), N_("bundles × {content}")),
    PackKind.CARTON: (N_("carton × {content}"), N_("cartons × {content}")),
    PackKind.PALLET: (N_("pallet × {content}"), N_("pallets × {content}")),
    PackKind.ROLL: (N_("roll × {content}"), N_("rolls × {content}")),
}

_UNITS = {
    BaseUnit.PIECE: (1, N_("{number} pc")),
    BaseUnit.GRAM: (1_000, N_("{number} kg")),
    BaseUnit.MILLILITRE: (1_000, N_("{number} L")),
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language of a paper: its code and how a sentence is said in it."""

    language: str
    say: Callable[[Message], str]

    def word(self, template: str) -> str:
        """Return a marked sentence without gaps."""
        return self.say(Message(template))

    def number(self, value: int | Decimal) -> str:
        """Return a number as the language writes it."""
        from babel.numbers import format_decimal

        return format_decimal(value, format="#,##0.###", locale=self.language)

    def amount(self, quantity: int, unit: BaseUnit) -> str:
        """Return base units with their unit: 5 000 000 grams are 5,000 kg."""
        size, words = _UNITS[unit]
        shown = self.number(Decimal(quantity) / size)
        return self.say(Message(words, {"number": shown}))

    def packs(self, full: int, pack_size: int, kind: str, unit: BaseUnit) -> str:
        """Return what stands beside a number of packs: ``bags × 25 kg``."""
        content = self.number(pack_size) if unit is BaseUnit.PIECE else self.amount(pack_size, unit)
        one, many = _PACKS[PackKind(kind)]
        return self.say(Message(one, {"content": content}, plural=many, count=full))

    def kilograms(self, grams: int) -> str:
        """Return grams as kilograms, rounded up: to the tenth, from 100 kg on to the whole."""
        if grams >= 100_000:
            return self.number(-(-grams // 1_000))
        return self.number(Decimal(-(-grams // 100)) / 10)
