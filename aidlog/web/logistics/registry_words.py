"""What the kinds of the registry are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import format_decimal

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.registry.models import Access, PlaceKind, VehicleClass
from aidlog.registry.queries import ItemRow
from aidlog.web.forms import choices
from aidlog.web.i18n import say

K = TypeVar("K")

PLACE_KINDS = {
    PlaceKind.SITE: N_("Site"),
    PlaceKind.WAREHOUSE: N_("Warehouse"),
    PlaceKind.COLLECTION_POINT: N_("Collection point"),
}
ACCESS_CHIPS = {Access.OPEN: "good", Access.DIFFICULT: "warn", Access.CLOSED: "bad"}
VEHICLE_CLASSES = {
    VehicleClass.PICKUP: N_("Pick-up"),
    VehicleClass.LIGHT_TRUCK: N_("Light truck, to 5 t"),
    VehicleClass.MEDIUM_TRUCK: N_("Medium truck, to 10 t"),
    VehicleClass.HEAVY_TRUCK: N_("Heavy truck, over 10 t"),
    VehicleClass.ALL_WHEEL_TRUCK: N_("All-wheel truck"),
    VehicleClass.TRAILER: N_("Truck with trailer"),
    VehicleClass.BOAT: N_("Boat"),
}
BASE_UNITS = {
    BaseUnit.PIECE: N_("Pieces"),
    BaseUnit.GRAM: N_("Grams (shown as kg)"),
    BaseUnit.MILLILITRE: N_("Millilitres (shown as litres)"),
}
TIERS = {1: N_("Life-saving"), 2: N_("Important"), 3: N_("Useful")}
#: Categories of the starter catalogue; an operation's own are shown as they were typed.
CATEGORIES = {
    "bedding": N_("Bedding"),
    "education": N_("Education"),
    "energy": N_("Energy and light"),
    "food": N_("Food"),
    "health": N_("Health"),
    "hygiene": N_("Hygiene"),
    "kitchen": N_("Kitchen"),
    "livelihoods": N_("Livelihoods"),
    "nutrition": N_("Nutrition"),
    "sanitation": N_("Sanitation"),
    "shelter": N_("Shelter"),
    "water": N_("Water"),
}


def said(words: Mapping[K, str]) -> dict[K, str]:
    """Return ``words`` in this request's language."""
    return {key: say(Message(template)) for key, template in words.items()}


def offered(words: Mapping[K, str]) -> list[Any]:
    """Return ``words`` as the choices of a form field, in this request's language."""
    return choices((str(key), text) for key, text in said(words).items())


def weight(item: ItemRow) -> str:
    """Return the weight of a piece, a litre or a kilogram with its packing, exactly."""
    assert item.weight_mg is not None
    if item.base_unit is BaseUnit.PIECE:
        return say(Message(N_("{kg} kg"), {"kg": _exact(item.weight_mg, 6)}))
    if item.base_unit is BaseUnit.GRAM:
        return say(Message(N_("{kg} kg a kg, packed"), {"kg": _exact(item.weight_mg, 3)}))
    return say(Message(N_("{kg} kg a litre"), {"kg": _exact(item.weight_mg, 3)}))


def volume(item: ItemRow) -> str:
    """Return the volume of a piece, a kilogram or a litre with its packing, exactly."""
    assert item.volume_mm3 is not None
    if item.base_unit is BaseUnit.PIECE:
        return say(Message(N_("{litres} L"), {"litres": _exact(item.volume_mm3, 6)}))
    if item.base_unit is BaseUnit.MILLILITRE:
        return say(
            Message(N_("{litres} L a litre, packed"), {"litres": _exact(item.volume_mm3, 3)})
        )
    return say(Message(N_("{litres} L a kg"), {"litres": _exact(item.volume_mm3, 3)}))


def _exact(figure: int, places: int) -> str:
    return str(format_decimal(Decimal(figure).scaleb(-places), "#,##0.######"))


def category_name(category: str) -> str:
    """Return what a category is called, in this request's language where it is a known one."""
    known = CATEGORIES.get(category)
    return say(Message(known)) if known else category


def category_choices(used: Iterable[str]) -> list[tuple[str, str]]:
    """Return the categories in use as choices, by name."""
    return sorted(((key, category_name(key)) for key in used), key=lambda pair: pair[1].casefold())
