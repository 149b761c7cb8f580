"""What a person, a household or a site is due, with the source that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.needs.models import Basis, Standard
from aidlog.registry.models import Item

#: A standard that recurs less often than this is one for things that are given once.
LONGEST_CYCLE_DAYS = 3_660
#: Far above any ration; keeps the need of the largest operation inside the ledger's numbers.
LARGEST_RATION = 10**8


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStandard(Command):
    """From ``valid_from`` on, one ``basis`` is due ``quantity`` base units of the item.

    Every ``recurs_days`` days, or once where None. ``source`` and ``edition`` say who says so.
    """

    item_id: int
    basis: Basis
    quantity: int
    recurs_days: int | None
    source: str
    valid_from: date
    edition: str = ""
    note: str = ""


class WrongStandard(Refusal):
    """The standard gives nothing, too much, or does not say where it comes from."""


def set_standard(session: Session, actor: Actor, command: SetStandard) -> dict[str, Any]:
    """Add a standard; return ``{"standard_id"}``.

    It supersedes the item's older ones from its ``valid_from`` on; those stay, so that an
    older plan can be understood. Who sets it is who approved it.

    Raises:
        NotFound: there is no such item.
        WrongStandard: it names the field to correct.
    """
    actor.must(Permission.STANDARD_EDIT)
    item = session.get(Item, command.item_id)
    if item is None or not item.active:
        raise NotFound(f"item {command.item_id}")
    _check(command)
    standard = Standard(
        item_id=item.id,
        basis=command.basis,
        quantity=command.quantity,
        recurs_days=command.recurs_days,
        source=command.source.strip(),
        edition=command.edition.strip(),
        valid_from=command.valid_from,
        approved_by=actor.user_id,
        note=command.note.strip(),
    )
    session.add(standard)
    session.flush()
    return {"standard_id": standard.id}


def _check(command: SetStandard) -> None:
    if not 0 < command.quantity <= LARGEST_RATION:
        raise WrongStandard(
            Message(
                N_("The quantity is from 1 to {largest} base units."), {"largest": LARGEST_RATION}
            ),
            field="quantity",
        )
    if command.recurs_days is not None and not 0 < command.recurs_days <= LONGEST_CYCLE_DAYS:
        raise WrongStandard(
            Message(
                N_("“Every … days” is from 1 to {longest}. Leave it empty for what is given once."),
                {"longest": LONGEST_CYCLE_DAYS},
            ),
            field="recurs_days",
        )
    if not command.source.strip():
        raise WrongStandard(
            Message(N_("Write the source: the handbook, or the meeting that decided it.")),
            field="source",
        )
