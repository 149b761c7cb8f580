"""Lots of a plan's question by the numbers on their packs, as people know them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.core.text import Message
from aidlog.planning.question import coming_lot, standing_lot
from aidlog.stock.models import Lot


def lot_numbers(session: Session, problem: Problem) -> dict[str, str]:
    """Return ``{lot of the question: number}``; one number of two items keeps its item's code.

    What is still to come goes by the number of its pledge, order or waybill.
    """
    ids = {lot.id: standing_lot(lot.id) for lot in problem.lots}
    rows = session.execute(
        select(Lot.id, Lot.number).where(Lot.id.in_({id_ for id_ in ids.values() if id_}))
    )
    numbers = {row.id: row.number for row in rows}
    shown = {lot: coming_lot(lot)[1] if id_ is None else numbers[id_] for lot, id_ in ids.items()}
    often = Counter((shown[lot.id], lot.warehouse) for lot in problem.lots)
    used = Counter(shown[lot.id] for lot in problem.lots)
    names = {}
    for lot in problem.lots:
        number = shown[lot.id]
        name = f"{number} ({lot.item})" if often[number, lot.warehouse] > 1 else number
        names[lot.id] = name if used[number] == 1 else f"{name} @ {lot.warehouse}"
    return names


def with_numbers(message: Message, names: Mapping[str, str]) -> Message:
    """Return a sentence of the engine with lots by their numbers, in the sentences in it too."""
    values = {
        gap: with_numbers(value, names)
        if isinstance(value, Message)
        else names.get(str(value), value)
        if gap == "lot"
        else value
        for gap, value in message.values.items()
    }
    return dataclasses.replace(message, values=values)
