"""Words for users, marked here and translated at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from aidlog.core.units import Amount, BaseUnit, Measure


def N_(template: str) -> str:  # noqa: N802 - the gettext marker's usual name
    """Mark ``template`` for extraction without translating it now."""
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A whole sentence with named gaps, still in the source language.

    ``template`` is marked with :func:`N_` where it is written. ``values`` fill its gaps in
    every language; a value that is itself a :class:`Message` is said first, and a quantity of
    goods is an :class:`~aidlog.core.units.Amount`, said with its unit. With ``plural``
    the number ``count`` chooses: ``template`` where the language speaks of one, else
    ``plural``. Both are marked with :func:`N_`.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    plural: str | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        assert (self.plural is None) == (self.count is None), "a plural needs its number"

    def __str__(self) -> str:
        chosen = self.template if self.plural is None or self.count == 1 else self.plural
        return chosen.format(**self.values)

    def as_data(self) -> dict[str, Any]:
        """Return the sentence as JSON data, to be said in any language later."""
        return {
            "template": self.template,
            "values": {name: _as_data(value) for name, value in self.values.items()},
            "plural": self.plural,
            "count": self.count,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Message:
        """Return the sentence that :meth:`as_data` wrote down."""
        return cls(
            data["template"],
            {name: _from_data(value) for name, value in data["values"].items()},
            plural=data["plural"],
            count=data["count"],
        )


def _as_data(value: object) -> object:
    if isinstance(value, Message):
        return {"message": value.as_data()}
    if isinstance(value, Amount):
        counted = value.measure
        return {
            "amount": [value.quantity, counted.unit, counted.pack_size, counted.pack_kind],
            "typed": counted.typed,
        }
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value if value is None or isinstance(value, int | float) else str(value)


def _from_data(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    if "message" in value:
        return Message.from_data(value["message"])
    if "amount" in value:
        quantity, unit, size, kind = value["amount"]
        return Amount(quantity, Measure(BaseUnit(unit), size, kind, value.get("typed", False)))
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])
    return date.fromisoformat(value["date"])
