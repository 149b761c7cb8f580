"""The distribution workbook of a stored plan: its question and answer, read back as data."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Result
from aidlog.allocation.result_json import result_from_json
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.planning.lot_numbers import lot_numbers, with_numbers
from aidlog.planning.models import PlanState
from aidlog.planning.old_counts import OldCount, old_counts
from aidlog.planning.queries import PlanHead, PlanText, currency_of, pack_kinds, plan_lines
from aidlog.registry.models import Item, Organisation
from aidlog.reports.amounts import Tongue
from aidlog.reports.distribution_workbook import (
    PlanFacts,
    Say,
    ShownItem,
    write_distribution_workbook,
)
from aidlog.reports.plan_sources import counts_behind, standards_behind, steps_of

_STANDING = {
    PlanState.SOLVED: N_("Draft, not approved"),
    PlanState.SUBMITTED: N_("Waiting for approval"),
    PlanState.REJECTED: N_("Sent back"),
    PlanState.CANCELLED: N_("Cancelled"),
}


def write_plan_workbook(  # noqa: PLR0913 - a plan, whom it is for, and in which words
    stream: IO[bytes],
    session: Session,
    plan: PlanHead,
    text: PlanText,
    *,
    language: str,
    stale_days: int,
    say: Say,
) -> None:
    """Write the .xlsx of a solved plan to ``stream``; storekeepers read lots by their numbers."""
    assert text.result is not None, "only a solved plan has a workbook"
    problem = problem_from_json(json.loads(text.problem))
    result = result_from_json(json.loads(text.result))
    problem, result = _with_lot_numbers(session, problem, result)
    organisation = session.get_one(Organisation, plan.organisation_id)
    facts = PlanFacts(
        title=plan.title,
        made_at=plan.solved_at or datetime.now(UTC),
        organisation=organisation.name,
        reference=plan.code,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        language=language,
        standing=_standing(plan),
        currency=currency_of(session, plan_lines(session, plan)),
        warnings=tuple(
            _warning(site) for site in old_counts(session, plan, older_than_days=stale_days)
        ),
        items=_shown(session, problem),
        decisions=tuple((decision.message, decision.reason) for decision in plan.decisions),
        steps=tuple(steps_of(plan)),
        counts=counts_behind(session, plan, problem),
        standards=tuple(standards_behind(session, plan, problem, Tongue(language, say))),
    )
    write_distribution_workbook(stream, problem, result, facts, say)


def _standing(plan: PlanHead) -> Message:
    if plan.state is PlanState.APPROVED:
        return Message(
            N_("Approved by {name} on {when}"),
            {"name": plan.decided_by or "", "when": plan.decided_at},
        )
    return Message(_STANDING[plan.state])


def _warning(site: OldCount) -> Message:
    return Message(
        N_("People at {site} were counted {days} days ago."),
        {"site": site.shown_as, "days": site.age_days},
    )


def _with_lot_numbers(session: Session, problem: Problem, result: Result) -> tuple[Problem, Result]:
    """Name lots by the numbers on their packs, in lists, in sentences and in the proof."""
    names = lot_numbers(session, problem)
    return (
        dataclasses.replace(
            problem,
            lots=tuple(dataclasses.replace(lot, id=names[lot.id]) for lot in problem.lots),
            locks=tuple(
                dataclasses.replace(lock, lot=lock.lot and names[lock.lot])
                for lock in problem.locks
            ),
        ),
        dataclasses.replace(
            result,
            shipments=tuple(
                dataclasses.replace(shipment, lot=names[shipment.lot])
                for shipment in result.shipments
            ),
            prices=tuple(
                dataclasses.replace(
                    price,
                    message=with_numbers(price.message, names),
                    change=dataclasses.replace(
                        price.change, lot=price.change.lot and names[price.change.lot]
                    ),
                )
                for price in result.prices
            ),
            certificate=tuple(
                dataclasses.replace(
                    cut, prices={_renamed(name, names): at for name, at in cut.prices.items()}
                )
                for cut in result.certificate
            ),
        ),
    )


def _renamed(name: str, names: Mapping[str, str]) -> str:
    """Return the name of a limit of the proof with its lot by its number."""
    kind, *parts = json.loads(name)
    if kind not in {"lot", "lock"}:
        return name
    return json.dumps([kind, *(names.get(str(part), part) for part in parts)])


def _shown(session: Session, problem: Problem) -> Mapping[str, ShownItem]:
    """Show grams as kilograms and millilitres as litres, and name each item's pack."""
    items: Sequence[Item] = session.scalars(
        select(Item).where(Item.code.in_([item.id for item in problem.items]))
    ).all()
    kinds = pack_kinds(session, [item.id for item in items])
    large = {BaseUnit.GRAM: ("kg", 1000), BaseUnit.MILLILITRE: ("L", 1000)}
    shown = {}
    for item in items:
        unit, per = large.get(item.base_unit, ("pc", 1))
        shown[item.code] = ShownItem(unit=unit, per=per, pack=str(kinds.get(item.id, "")))
    return shown
