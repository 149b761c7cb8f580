"""The standards that an operation starts with: starter_standards.csv, through the real action.

Sources disagree and the operation decides: each is a proposal with its source, and whoever
loads them approves them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.commands import Command, new_id, once
from aidlog.needs.models import Basis, Climate, Standard
from aidlog.needs.standards import SetStandard, set_standard
from aidlog.registry.models import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStarterStandards(Command):
    """Approve the starter standards of items that are there and have none yet."""

    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterStandard:
    """One row of the file; ``quantity`` in base units of the item."""

    code: str
    basis: Basis
    quantity: int
    recurs_days: int | None
    source: str
    edition: str
    note: str
    climate: Climate
    in_force: bool


def starter_standards() -> Iterator[StarterStandard]:
    """Return every standard of the file, in its order."""
    text = (files("aidlog.needs") / "starter_standards.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield StarterStandard(
            code=row["code"],
            basis=Basis(row["basis"]),
            quantity=int(row["quantity"]),
            recurs_days=int(row["recurs_days"]) if row["recurs_days"] else None,
            source=row["source"],
            edition=row["edition"],
            note=row["note"],
            climate=Climate(row["climate"] or "any"),
            in_force=row["beside"] != "yes",
        )


def load_starter_standards(session: Session, approver: Actor, valid_from: date) -> dict[str, int]:
    """Set the starter standards as ``approver``; return ``{item code: standard id}`` of the new.

    One command and one audit entry for the whole load. Call it inside ``writing()``.
    """
    command = LoadStarterStandards(command_id=new_id(), valid_from=valid_from)
    standards: dict[str, int] = once(session, approver, command, set_starter_standards)["standards"]
    return standards


def set_starter_standards(
    session: Session, actor: Actor, command: LoadStarterStandards
) -> dict[str, Any]:
    """Set what is not set yet; return ``{"standards": {item code: standard id}}``.

    Of several for one item the last is named; those beside it wait for someone to adopt them.
    """
    actor.must(Permission.STANDARD_EDIT)
    without = {
        code: item_id
        for item_id, code in session.execute(
            select(Item.id, Item.code)
            .outerjoin(Standard, Standard.item_id == Item.id)
            .where(Item.active, Standard.id.is_(None))
        )
    }
    return {
        "standards": {
            row.code: set_standard(
                session,
                actor,
                SetStandard(
                    command_id=new_id(),
                    item_id=without[row.code],
                    basis=row.basis,
                    quantity=row.quantity,
                    recurs_days=row.recurs_days,
                    source=row.source,
                    edition=row.edition,
                    valid_from=command.valid_from,
                    note=row.note,
                    climate=row.climate,
                    in_force=row.in_force,
                ),
            )["standard_id"]
            for row in starter_standards()
            if row.code in without
        }
    }
