"""The engine's stored answer, as the page of a plan reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aidlog.allocation.result_json import COMPARED
from aidlog.core.text import Message


@dataclass(frozen=True, slots=True)
class Compared:
    """The measures of one way to share; coverage in permille, kilograms and money whole."""

    lowest: int
    p5: int
    mean: int
    zeros: int
    people_items: int
    critical_unmet: int
    kg: int
    cost: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A limit that holds needs back, and what ``step`` more of it would change.

    ``points`` is by how many permille the lowest level would rise, ``people`` how many more
    people × items would be covered; both None where it was not worked out.
    """

    kind: str
    message: Message
    used: int
    capacity: int
    unit: str
    needs: int
    lowest: int
    step: int | None
    points: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """``proven``: nothing better exists. ``bound`` is the most that could be, in permille."""

    proven: bool
    bound: int
    seconds: float
    this: Compared
    before: Compared
    others: Mapping[str, Compared]
    limits: Sequence[Holding]
    engine: str


def read_answer(text: str) -> Answer:
    """Return the summary of a stored result (aidlog-result/1) in the page's units."""
    result: Mapping[str, Any] = json.loads(text)
    measures = result["measures"]
    return Answer(
        proven=result["status"] == "optimal",
        bound=_permille(result["bound"]),
        seconds=float(sum(result["timings"].values())),
        this=_compared(measures),
        before=_compared(result["before"]),
        others={
            rule.value: _compared(measures[name])
            for name, rule in COMPARED.items()
            if name in measures and rule.value != result["rule"]
        },
        limits=[_holding(limit) for limit in result["limits"]],
        engine=str(result["engine_version"]),
    )


def _compared(measures: Mapping[str, Any]) -> Compared:
    return Compared(
        lowest=_permille(measures["min_level"]),
        p5=_permille(measures["p5"]),
        mean=_permille(measures["mean"]),
        zeros=int(measures["zeros"]),
        people_items=int(measures["people_items"]),
        critical_unmet=int(measures["critical_unmet"]),
        kg=int(measures["kg"]),
        cost=round(measures["cost"]),
    )


def _holding(limit: Mapping[str, Any]) -> Holding:
    worth = limit["worth"]
    return Holding(
        kind=limit["kind"],
        message=Message.from_data(limit["message"]),
        used=int(limit["used"]),
        capacity=int(limit["capacity"]),
        unit=limit["unit"],
        needs=int(limit["needs_held_back"]),
        lowest=_permille(limit["lowest_level"]),
        step=None if limit["step"] is None else int(limit["step"]),
        points=_permille(worth["min_level"]) if "min_level" in worth else None,
        people=int(worth["people_items"] + 1e-6) if "people_items" in worth else None,
    )


def _permille(share: float) -> int:
    """Return a share as permille, rounded down; a hair below a whole permille counts as it."""
    return int(share * 1000 + 1e-6)
