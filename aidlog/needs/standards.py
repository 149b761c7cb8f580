"""What a person, a household or a site is due, with the source that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.core.units import BaseUnit, Measure
from aidlog.db.commands import Command
from aidlog.needs.models import Basis, Climate, Phase, SiteCondition, Standard
from aidlog.registry.models import Item, Place, PlaceKind

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
    per: int = 1
    phase: Phase = Phase.ANY
    climate: Climate = Climate.ANY
    in_force: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptStandard(Command):
    """A standard that stood by for comparison is to hold from a day on."""

    standard_id: int
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCondition(Command):
    """Under which phase and climate a site is from now on."""

    place_id: int
    phase: Phase
    climate: Climate


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
    check_standard(command, item.base_unit)
    standard = Standard(
        item_id=item.id,
        basis=command.basis,
        quantity=command.quantity,
        per=command.per,
        phase=command.phase,
        climate=command.climate,
        in_force=command.in_force,
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


def adopt_standard(session: Session, actor: Actor, command: AdoptStandard) -> dict[str, Any]:
    """Set a standard that stood by in force; return ``{"standard_id"}`` of the new row.

    Raises:
        NotFound: there is no such standard.
        WrongStandard: it holds already.
    """
    kept = session.get(Standard, command.standard_id)
    if kept is None:
        raise NotFound(f"standard {command.standard_id}")
    if kept.in_force:
        raise WrongStandard(Message(N_("This standard is in force already.")))
    return set_standard(
        session,
        actor,
        SetStandard(
            command_id=command.command_id,
            item_id=kept.item_id,
            basis=kept.basis,
            quantity=kept.quantity,
            per=kept.per,
            recurs_days=kept.recurs_days,
            phase=kept.phase,
            climate=kept.climate,
            source=kept.source,
            edition=kept.edition,
            valid_from=command.valid_from,
            note=kept.note,
        ),
    )


def set_condition(session: Session, actor: Actor, command: SetCondition) -> dict[str, Any]:
    """Say under which phase and climate a site is; return ``{"place_id"}``.

    Raises:
        NotAllowed: the actor may not decide on the standards of this site.
        NotFound: there is no such site of the actor's organisations.
        WrongStandard: a site is in one phase and one climate, not in any.
    """
    actor.must(Permission.STANDARD_EDIT, at=command.place_id)
    site = session.get(Place, command.place_id, with_for_update=True)
    if site is None or site.kind is not PlaceKind.SITE:
        raise NotFound(f"site {command.place_id}")
    actor.must_own(site.organisation_id)
    if command.phase is Phase.ANY or command.climate is Climate.ANY:
        raise WrongStandard(Message(N_("Choose the phase and the climate of the site.")))
    row = session.get(SiteCondition, site.id) or SiteCondition(place_id=site.id)
    row.phase, row.climate = command.phase, command.climate
    row.set_at, row.set_by = datetime.now(UTC), actor.user_id
    session.add(row)
    session.flush()
    return {"place_id": site.id}


def check_standard(command: SetStandard, unit: BaseUnit) -> None:
    """Refuse a standard that cannot be; the refusal names the field, and speaks in ``unit``."""
    if command.per < 1 or (command.per > 1 and command.basis is not Basis.FACILITY):
        raise WrongStandard(
            Message(N_("Only a facility serves many people. Write how many, from 1 on.")),
            field="per",
        )
    if command.quantity <= 0:
        raise WrongStandard(Message(N_("Write how much.")), field="quantity")
    if command.quantity > LARGEST_RATION:
        counted = Measure(unit)
        raise WrongStandard(
            Message(
                N_("{number} is too large. The most is {largest}."),
                {"number": counted.of(command.quantity), "largest": counted.of(LARGEST_RATION)},
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
