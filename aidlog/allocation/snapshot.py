"""The problem as JSON: read strictly, written in one canonical order, with its fingerprint."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from aidlog.allocation.checking import Fault, ProblemRefused, check
from aidlog.allocation.problem import (
    Item,
    LimitScope,
    Lock,
    Lot,
    Need,
    Problem,
    Route,
    Sense,
    SharedLimit,
    Site,
    Tiers,
    Warehouse,
)
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message

PROBLEM_SCHEMA = "aidlog-problem/1"

_REQUIRED = object()

#: For each list its record and its fields: name → (kind, default). ``?`` allows null.
_LISTS: dict[str, tuple[type, dict[str, tuple[str, Any]]]] = {
    "items": (
        Item,
        {
            "id": ("text", _REQUIRED),
            "name": ("text", ""),
            "tier": ("int", 1),
            "pack_units": ("int", _REQUIRED),
            "kg_per_pack": ("number?", None),
            "m3_per_pack": ("number?", None),
            "weight": ("number", 1.0),
            "reason": ("text", ""),
        },
    ),
    "sites": (
        Site,
        {
            "id": ("text", _REQUIRED),
            "name": ("text", ""),
            "population": ("int", _REQUIRED),
            "households": ("int?", None),
            "weight": ("number", 1.0),
            "reason": ("text", ""),
        },
    ),
    "warehouses": (Warehouse, {"id": ("text", _REQUIRED), "name": ("text", "")}),
    "lots": (
        Lot,
        {
            "id": ("text", _REQUIRED),
            "warehouse": ("text", _REQUIRED),
            "item": ("text", _REQUIRED),
            "packs": ("int", _REQUIRED),
            "expiry_day": ("int?", None),
            "sites": ("texts?", None),
            "available_period": ("int", 1),
            "donor": ("text", ""),
            "confidence": ("number", 1.0),
            "unit_cost": ("number", 0.0),
        },
    ),
    "needs": (
        Need,
        {
            "site": ("text", _REQUIRED),
            "item": ("text", _REQUIRED),
            "need_units": ("int", _REQUIRED),
            "held_units": ("int", 0),
            "min_fraction": ("number", 0.0),
            "carried": ("number", 0.0),
        },
    ),
    "routes": (
        Route,
        {
            "warehouse": ("text", _REQUIRED),
            "site": ("text", _REQUIRED),
            "open": ("bool", True),
            "max_kg": ("number?", None),
            "max_m3": ("number?", None),
            "travel_days": ("int", 0),
            "cost_per_kg": ("number", 0.0),
            "open_from_period": ("int", 1),
        },
    ),
    "shared_limits": (
        SharedLimit,
        {
            "id": ("text", _REQUIRED),
            "name": ("text", ""),
            "over": ("over", _REQUIRED),
            "max_kg": ("number?", None),
            "max_m3": ("number?", None),
            "max_cost": ("number?", None),
            "scope": ("scope", LimitScope.PERIOD),
        },
    ),
    "locks": (
        Lock,
        {
            "site": ("text", _REQUIRED),
            "lot": ("text?", None),
            "item": ("text?", None),
            "packs": ("int", _REQUIRED),
            "sense": ("sense", Sense.EXACT),
            "reason": ("text", ""),
        },
    ),
}
_OPTIONAL_LISTS = {"shared_limits", "locks"}
_SETTINGS: dict[str, tuple[str, Any]] = {
    "id": ("text", _REQUIRED),
    "divisible": ("bool", False),
    "tiers": ("tiers", Tiers.LEXICOGRAPHIC),
    "periods": ("int", 1),
    "period_days": ("int", 30),
    "min_shelf_days_on_arrival": ("int", 0),
}
_CHOICES: dict[str, type[StrEnum]] = {"scope": LimitScope, "sense": Sense, "tiers": Tiers}

_WRONG_KIND = {
    "text": N_("“{value}” is not a text. Put it in quotation marks."),
    "int": N_("“{value}” is not a whole number. Write digits only, for example 1200."),
    "number": N_("“{value}” is not a number. Write digits and a point, for example 12.5."),
    "bool": N_("“{value}” is neither true nor false. Write one of the two."),
    "texts": N_('“{value}” is not a list of ids. Write for example ["A", "B"].'),
    "scope": N_("“{value}” is not known. Write period or horizon."),
    "sense": N_("“{value}” is not known. Write exact, at_least or at_most."),
    "tiers": N_("“{value}” is not known. Write lexicographic or pooled."),
    "over": N_(
        "“{value}” does not say which routes. Write a list of [warehouse, site],"
        ' {{"warehouse": id}}, or "all".'
    ),
}
#: What stands in for a value that could not be read, so that the rest can still be checked.
_STAND_IN: dict[str, Any] = {
    "text": "?", "int": 1, "number": 1.0, "bool": True, "over": frozenset(),
    "scope": LimitScope.PERIOD, "sense": Sense.EXACT, "tiers": Tiers.LEXICOGRAPHIC,
}  # fmt: skip


class _Reader:
    """Reads one document and keeps every fault that it meets."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def blame(self, where: str, row: int, field: str, template: str, **values: object) -> None:
        message = Message(template, values)
        self.faults.append(Fault(where=where, row=row, field=field, message=message))

    def record(
        self, where: str, row: int, data: object, fields: Mapping[str, tuple[str, Any]]
    ) -> dict[str, Any]:
        """Return the values of one record, with stand-ins where they could not be read."""
        if not isinstance(data, Mapping):
            self.blame(where, row, "", N_("This row is not a record with named fields."))
            data = {}
        for name in data:
            if name not in fields:
                self.blame(
                    where, row, str(name),
                    N_("The field “{name}” is not known. Remove it, or correct its name."),
                    name=name,
                )  # fmt: skip
        values = {}
        for name, (kind, default) in fields.items():
            if name in data:
                values[name] = self.value(where, row, name, data[name], kind)
            elif default is _REQUIRED:
                self.blame(where, row, name, N_("“{name}” is missing. Write it."), name=name)
                values[name] = _STAND_IN[kind]
            else:
                values[name] = default
        return values

    def value(self, where: str, row: int, field: str, value: object, kind: str) -> Any:
        """Return ``value`` as its kind, or its stand-in after noting the fault."""
        if kind.endswith("?"):
            if value is None:
                return None
            kind = kind[:-1]
        read = _read(value, kind)
        if read is None:
            self.blame(where, row, field, _WRONG_KIND[kind], value=_shown(value))
            return None if kind == "texts" else _STAND_IN[kind]
        return read


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:60].strip('"')


def _read(value: object, kind: str) -> Any:
    """Return ``value`` as its kind, or None where it is not of that kind."""
    if kind in _CHOICES:
        choices = _CHOICES[kind]
        return choices(value) if isinstance(value, str) and value in list(choices) else None
    return _READERS[kind](value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_int(value: object) -> int | None:
    whole = isinstance(value, int) and _is_number(value) and abs(value) < 2**62
    return int(value) if whole and isinstance(value, int) else None


def _read_number(value: object) -> float | None:
    if not isinstance(value, int | float) or not _is_number(value) or abs(value) > LARGEST**2:
        return None
    return float(value) if math.isfinite(value) else None


def _read_texts(value: object) -> frozenset[str] | None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        return None
    return frozenset(value)


def _read_over(value: object) -> object:
    """Return pairs, a warehouse's name still to be spelled out, "all", or None."""
    if value == "all":
        return "all"
    if isinstance(value, Mapping):
        warehouse = value.get("warehouse")
        return {"warehouse": warehouse} if len(value) == 1 and isinstance(warehouse, str) else None
    if not isinstance(value, list):
        return None
    pairs = set()
    for pair in value:
        if not isinstance(pair, list | tuple) or [type(part) for part in pair] != [str, str]:
            return None
        pairs.add((pair[0], pair[1]))
    return frozenset(pairs)


_READERS: dict[str, Callable[[object], Any]] = {
    "text": lambda value: value if isinstance(value, str) else None,
    "int": _read_int,
    "number": _read_number,
    "bool": lambda value: value if isinstance(value, bool) else None,
    "texts": _read_texts,
    "over": _read_over,
}


def _spelled_out(over: object, routes: tuple[Route, ...]) -> frozenset[tuple[str, str]]:
    """Return the (warehouse, site) pairs that ``over`` stands for."""
    pairs = frozenset((route.warehouse, route.site) for route in routes)
    if over == "all":
        return pairs
    if isinstance(over, Mapping):
        return frozenset(pair for pair in pairs if pair[0] == over["warehouse"])
    assert isinstance(over, frozenset)
    return over


def problem_from_json(document: object) -> Problem:
    """Return the problem that a parsed ``aidlog-problem/1`` document holds.

    Raises:
        ProblemRefused: with every fault: unknown and missing fields, values of the wrong
            kind, and what :func:`check` finds.
    """
    reader = _Reader()
    if not isinstance(document, Mapping):
        reader.blame("problem", 0, "", N_("The document is not a record with named lists."))
        raise ProblemRefused(tuple(reader.faults))
    data: Mapping[str, Any] = document
    if data.get("schema") != PROBLEM_SCHEMA:
        reader.blame(
            "problem", 0, "schema",
            N_("The schema is “{schema}”. This program reads {known}."),
            schema=_shown(data.get("schema")), known=PROBLEM_SCHEMA,
        )  # fmt: skip
    loose = {k: v for k, v in data.items() if k not in _LISTS and k != "schema"}
    settings = reader.record("problem", 0, loose, _SETTINGS)
    lists: dict[str, Any] = {}
    for where, (record, fields) in _LISTS.items():
        rows = data.get(where, [] if where in _OPTIONAL_LISTS else None)
        if not isinstance(rows, list):
            reader.blame(
                "problem", 0, where, N_("The list “{name}” is missing. Write it."), name=where
            )
            rows = []
        values = [reader.record(where, i, row, fields) for i, row in enumerate(rows, start=1)]
        if where == "shared_limits":
            for row, value in enumerate(values, start=1):
                _note_unknown_warehouse(reader, row, value["over"], lists["warehouses"])
                value["over"] = _spelled_out(value["over"], lists["routes"])
        lists[where] = tuple(record(**value) for value in values)
    problem = Problem(**settings, **lists)
    told = {(fault.where, fault.row, fault.field) for fault in reader.faults}
    unread = bool(told)
    for fault in check(problem):
        echo = (fault.where, fault.row, fault.field) in told or (
            unread and "?" in (fault.message.values.get("value"), fault.message.values.get("name"))
        )
        if not echo:
            reader.faults.append(fault)
    if reader.faults:
        raise ProblemRefused(tuple(reader.faults))
    return problem


def _note_unknown_warehouse(
    reader: _Reader, row: int, over: object, warehouses: tuple[Warehouse, ...]
) -> None:
    if isinstance(over, Mapping) and over["warehouse"] not in {place.id for place in warehouses}:
        reader.blame(
            "shared_limits", row, "over",
            N_("“{value}” is not in the list {list}. Add it there, or correct it here."),
            value=over["warehouse"], list="warehouses",
        )  # fmt: skip


def canonical(problem: Problem) -> Problem:
    """Return the same problem with every list sorted by its ids."""

    def by_id(record: Any) -> str:
        return str(record.id)

    return dataclasses.replace(
        problem,
        items=tuple(sorted(problem.items, key=by_id)),
        sites=tuple(sorted(problem.sites, key=by_id)),
        warehouses=tuple(sorted(problem.warehouses, key=by_id)),
        lots=tuple(sorted(problem.lots, key=by_id)),
        needs=tuple(sorted(problem.needs, key=lambda n: (n.site, n.item))),
        routes=tuple(sorted(problem.routes, key=lambda r: (r.warehouse, r.site))),
        shared_limits=tuple(sorted(problem.shared_limits, key=by_id)),
        locks=tuple(
            sorted(
                problem.locks,
                key=lambda k: (k.site, k.item or "", k.lot or "", k.sense, k.packs, k.reason),
            )
        ),
    )


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Return the ``aidlog-problem/1`` document of ``problem``, canonically ordered."""
    problem = canonical(problem)
    document: dict[str, Any] = {"schema": PROBLEM_SCHEMA}
    for name in _SETTINGS:
        document[name] = _plain(getattr(problem, name), _SETTINGS[name][0])
    for where, (_, fields) in _LISTS.items():
        document[where] = [
            {name: _plain(getattr(record, name), kind) for name, (kind, _) in fields.items()}
            for record in getattr(problem, where)
        ]
    return document


def _plain(value: Any, kind: str) -> Any:
    """Return a JSON value; equal quantities give equal bytes (2 and 2.0 kg are one weight)."""
    if isinstance(value, frozenset):
        return sorted(list(entry) if isinstance(entry, tuple) else entry for entry in value)
    if value is not None and kind.startswith("number"):
        return float(value)
    return str(value) if kind in _CHOICES else value


def sha256(problem: Problem) -> str:
    """Return the fingerprint of ``problem``: the same however its lists are ordered."""
    text = json.dumps(
        problem_to_json(problem), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()
