"""The engine's stored answer, as the page of a plan reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aidlog.allocation.result_json import COMPARED
from aidlog.core.text import Message
from aidlog.planning.lot_numbers import with_numbers
from aidlog.web.logistics.plan_sentences import for_reader

NO_NAMES: Mapping[str, str] = {}


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

    ``place`` is its place in the answer, by which its advice can be tried; ``id`` names the
    item where its stock is the limit. ``advised``: there is something to try.
    ``points`` is by how many permille the lowest level would rise, ``people`` how many more
    people × items would be covered; both None where it was not worked out. They are those of
    the whole-pack plan (``in_packs``) where it was made again, else of parts of packs.
    """

    place: int
    kind: str
    id: str
    message: Message
    used: int
    capacity: int
    unit: str
    needs: int
    lowest: int
    step: int | None
    points: int | None
    people: int | None
    advised: bool
    in_packs: bool


@dataclass(frozen=True, slots=True)
class Priced:
    """A lock, promise, earmark or closed road, and who pays for it, in one sentence."""

    kind: str
    message: Message


@dataclass(frozen=True, slots=True)
class Tier:
    """How far one phase is from the most that is possible; coverage in permille.

    ``tier`` None: the guarantees, or all tiers together.
    """

    guarantees: bool
    tier: int | None
    needs: int
    reached: int
    bound: int
    proven: bool


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
    prices: Sequence[Priced]
    elsewhere: Sequence[Message]
    tiers: Sequence[Tier]
    engine: str


def read_answer(
    text: str, lots: Mapping[str, str] = NO_NAMES, items: Mapping[str, str] = NO_NAMES
) -> Answer:
    """Return the summary of a stored result (aidlog-result/1) in the page's units.

    ``lots`` are the numbers of the lots that sentences name, by their ids in the question;
    ``items`` the reader's names of items, by the question's.
    """
    result: Mapping[str, Any] = json.loads(text)

    def said(part: Mapping[str, Any]) -> Message:
        return for_reader(with_numbers(_sentence(part), lots), items)

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
        limits=[
            _holding(place, limit, said(limit)) for place, limit in enumerate(result["limits"])
        ],
        prices=[Priced(price["kind"], said(price)) for price in result["prices"]],
        elsewhere=[said(other) for other in result["elsewhere"]],
        tiers=[_tier(tier) for tier in result["tiers"]],
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


def _tier(tier: Mapping[str, Any]) -> Tier:
    return Tier(
        guarantees=tier["phase"] == "guarantees",
        tier=tier["tier"],
        needs=int(tier["needs"]),
        reached=_permille(tier["pack_level"]),
        bound=_permille(tier["bound"]),
        proven=bool(tier["proven"]),
    )


def _holding(place: int, limit: Mapping[str, Any], message: Message) -> Holding:
    worth = limit["in_packs"] or limit["worth"]
    return Holding(
        place=place,
        kind=limit["kind"],
        id=str(limit["id"]),
        message=message,
        used=int(limit["used"]),
        capacity=int(limit["capacity"]),
        unit=limit["unit"],
        needs=int(limit["needs_held_back"]),
        lowest=_permille(limit["lowest_level"]),
        step=None if limit["step"] is None else int(limit["step"]),
        points=_permille(worth["min_level"]) if "min_level" in worth else None,
        people=int(worth["people_items"] + 1e-6) if "people_items" in worth else None,
        advised=bool(limit["advice"]),
        in_packs=bool(limit["in_packs"]),
    )


def _sentence(said: Mapping[str, Any]) -> Message:
    """Return the sentence of a part of the answer; what is null stands out of it."""
    return Message.from_data({"plural": None, "count": None} | said["message"])


def _permille(share: float) -> int:
    """Return a share as permille, rounded down; a hair below a whole permille counts as it."""
    return int(share * 1000 + 1e-6)
