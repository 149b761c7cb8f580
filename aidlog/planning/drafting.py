"""A planner asks for a plan: the question is frozen, numbered and handed to a worker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidlog.allocation.checking import Fault, check
from aidlog.allocation.problem import Problem
from aidlog.allocation.snapshot import problem_to_json
from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Series, new_document
from aidlog.db.work import request_job
from aidlog.needs import arithmetic
from aidlog.needs.models import Counts
from aidlog.needs.requisition_queries import reasons_of
from aidlog.planning.board import Board
from aidlog.planning.board_query import needs_board
from aidlog.planning.board_statement import View
from aidlog.planning.choices import DraftPlan
from aidlog.planning.deciding import decided, refuse_decisions
from aidlog.planning.decisions import decisions_text
from aidlog.planning.earlier_rounds import earlier_rounds
from aidlog.planning.gathering import ExpectedGoods, gather, nothing_expected
from aidlog.planning.models import Plan, PlanNeed, PlanState
from aidlog.planning.question import Facts, build
from aidlog.registry.models import Organisation, Place, PlaceKind

#: The kind of the job that works a plan out.
SOLVE_PLAN = "solve_plan"
#: A plan looks ahead a year at most, in no more than so many periods.
LONGEST_DAYS = 366
MOST_PERIODS = 12


class CannotPlan(Refusal):
    """Something that every plan needs is missing; the sentence names it and what to do."""


def draft_plan(
    session: Session,
    actor: Actor,
    command: DraftPlan,
    expected: ExpectedGoods = nothing_expected,
) -> dict[str, Any]:
    """Freeze the question, number it and request its solving; return ``{"plan", "job"}``.

    The stock is that of one organisation, free at this moment. Needs are read before stock:
    goods that leave a warehouse in between are counted in neither, never in both.

    Raises:
        NotFound: a site, item, warehouse or organisation is not the actor's.
        CannotPlan: no counts, no standards, no stock, no road, or a weight is not known
            where a limit counts it.
    """
    actor.must(Permission.PLAN_DRAFT)
    actor.must_own(command.organisation_id)
    _refuse_empty(command)
    refuse_decisions(command)
    _refuse_unreachable(session, actor, command)
    organisation = session.get_one(Organisation, command.organisation_id)
    board = needs_board(
        session,
        actor,
        command.starts_on,
        command.ends_on,
        view=View(
            sites=[site.code for site in command.sites],
            items=command.items,
            counting=command.counting,
        ),
    )
    _refuse_unknown(command, board)
    facts = gather(session, actor, command, board, expected)
    document = new_document(
        session,
        Series.PLAN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    rounds, carried = _carried(session, command, board)
    problem, decisions = decided(build(document.code, facts), command, rounds, carried)
    _refuse_unsolvable(problem, facts)
    question = canonical_text(problem)
    plan = Plan(
        document_id=document.id,
        organisation_id=organisation.id,
        title=command.title.strip(),
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        rule=command.rule,
        state=PlanState.SOLVING,
        problem=question,
        problem_sha256=hashlib.sha256(question.encode()).hexdigest(),
        decisions=decisions_text(decisions),
        created_at=datetime.now(UTC),
        created_by=actor.user_id,
    )
    session.add(plan)
    session.flush()
    session.execute(insert(PlanNeed), list(_needs(session, plan, board, command)))
    job = request_job(
        session, actor, SOLVE_PLAN, {"plan": plan.id}, organisation_id=organisation.id
    )
    session.flush()
    plan.job_id = job.id
    return {"plan": document.code, "job": job.id}


def _carried(
    session: Session, command: DraftPlan, board: Board
) -> tuple[int, dict[tuple[str, str], int]]:
    """Return how many earlier plans count, and what they delivered, by site and item code."""
    if not command.earlier_rounds:
        return 0, {}
    rounds, carried = earlier_rounds(
        session, command.organisation_id, board, command.earlier_rounds
    )
    sites = {site.id: site.code for site in board.sites}
    items = {item.id: item.code for item in board.items}
    return rounds, {(sites[s], items[i]): level for (s, i), level in carried.items()}


def canonical_text(problem: Problem) -> str:
    """Return ``problem`` as the one text that its fingerprint is taken of."""
    return json.dumps(
        problem_to_json(problem), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def _refuse_empty(command: DraftPlan) -> None:
    if not command.title.strip():
        raise CannotPlan(Message(N_("Give the plan a title.")), field="title")
    if command.ends_on < command.starts_on:
        raise CannotPlan(
            Message(N_("The plan ends before it starts. Correct one of the two days.")),
            field="ends_on",
        )
    if (command.ends_on - command.starts_on).days >= LONGEST_DAYS:
        raise CannotPlan(
            Message(N_("A plan looks ahead a year at most. Choose an earlier last day.")),
            field="ends_on",
        )
    days = (command.ends_on - command.starts_on).days + 1
    if not 1 <= command.periods <= min(days, MOST_PERIODS):
        raise CannotPlan(
            Message(
                N_("{days} days can be divided into 1 to {most} periods."),
                {"days": days, "most": min(days, MOST_PERIODS)},
            ),
            field="periods",
        )
    for chosen, field, sentence in (
        (command.sites, "sites", N_("Choose at least one site.")),
        (command.items, "items", N_("Choose at least one item.")),
        (command.warehouses, "warehouses", N_("Choose at least one warehouse to send from.")),
    ):
        if not chosen:
            raise CannotPlan(Message(sentence), field=field)
    for site in command.sites:
        if site.weight_percent < 100 or site.weight_percent > 1000:
            raise CannotPlan(
                Message(
                    N_("{site}: write a priority from 100 (as all others) to 1000."),
                    {"site": site.code},
                ),
                field="sites",
            )
        if site.weight_percent > 100 and not site.reason.strip():
            raise CannotPlan(
                Message(N_("{site} comes first in this plan. Write why."), {"site": site.code}),
                field="sites",
            )


def _refuse_unreachable(session: Session, actor: Actor, command: DraftPlan) -> None:
    """Every chosen site is one the actor may plan for; another's is not there."""
    chosen = {site.code for site in command.sites}
    rows = session.execute(
        select(Place.code, Place.id)
        .where(Place.code.in_(chosen), Place.kind == PlaceKind.SITE, Place.active)
        .where(Place.organisation_id.in_(actor.organisation_ids))
    )
    known = {row.code: row.id for row in rows}
    for code in sorted(chosen):
        if code not in known:
            raise NotFound(f"site {code}")
        actor.must(Permission.PLAN_DRAFT, at=known[code])
    for lock in command.locks:
        if lock.site not in chosen or lock.item not in command.items:
            raise NotFound(f"cell {lock.site}, {lock.item}")


def _refuse_unknown(command: DraftPlan, board: Board) -> None:
    """Name what is not known: items without a standard, sites without a count."""
    without = sorted(set(command.items) - {item.code for item in board.items})
    if without:
        raise CannotPlan(
            Message(
                N_(
                    "No standard says how much is due of {items}. Add it under Setup, or leave it"
                    " out."
                ),
                {"items": _list(without)},
            ),
            field="items",
        )
    uncounted = [site.shown_as for site in board.sites if site.people is None]
    if uncounted:
        raise CannotPlan(
            Message(
                N_("People were never counted at {sites}. Record a count there, or leave it out."),
                {"sites": _list(uncounted)},
            ),
            field="sites",
        )
    unknown = {cell.site_id for cell in board.cells.values() if cell.unknown}
    if unknown:
        raise CannotPlan(
            Message(
                N_(
                    "Households were not counted at {sites}, and some items are due by household."
                    " Record a count there, or leave out these sites or items."
                ),
                {"sites": _list(site.shown_as for site in board.sites if site.id in unknown)},
            ),
            field="sites",
        )
    unpacked = [item.names["en"] for item in board.items if item.pack_size is None]
    if unpacked:
        raise CannotPlan(
            Message(
                N_("No pack of {items} may leave a warehouse yet. Mark one under Setup."),
                {"items": _list(unpacked)},
            ),
            field="items",
        )


def _refuse_unsolvable(problem: Problem, facts: Facts) -> None:
    if not problem.needs:
        raise CannotPlan(
            Message(N_("These sites need nothing of these items in these days.")), field="sites"
        )
    if not problem.lots:
        raise CannotPlan(
            Message(
                N_(
                    "None of these items is free in these warehouses. Receive goods, or choose"
                    " other warehouses or items."
                )
            ),
            field="warehouses",
        )
    if not any(route.open for route in problem.routes):
        raise CannotPlan(
            Message(
                N_("No open road leads from these warehouses to these sites. Add one under Setup.")
            ),
            field="warehouses",
        )
    faults = check(problem)
    unweighed = sorted({_named(fault, problem) for fault in faults if fault.where == "items"})
    if unweighed:
        raise CannotPlan(
            Message(
                N_(
                    "The weight or volume of {items} is not known, and trucks or roads of this plan"
                    " are limited by it. Write it under Setup, or remove the limit."
                ),
                {"items": _list(unweighed)},
            ),
            field="items",
        )
    assert not faults, f"a question made of checked rows is wrong: {faults[0]}"
    currencies = sorted({road.currency for road in facts.roads if road.cost_per_tonne})
    if len(currencies) > 1:
        raise CannotPlan(
            Message(
                N_(
                    "The costs of these roads are in {currencies}. Write them in one currency under"
                    " Setup, so that they can be added up."
                ),
                {"currencies": _list(currencies)},
            ),
            field="warehouses",
        )


def _named(fault: Fault, problem: Problem) -> str:
    item = problem.items[fault.row - 1]
    return item.name or item.id


def _list(names: Iterable[str]) -> str:
    """Return names for a gap in a sentence, a dozen at most."""
    names = list(names)
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


def _needs(
    session: Session, plan: Plan, board: Board, command: DraftPlan
) -> Iterable[dict[str, Any]]:
    """The rows of the plan's needs, as they stand before it, and why each figure counts."""
    others = [cell for cell in board.cells.values() if cell.counts is not Counts.COMPUTED]
    reasons = reasons_of(session, {cell.site_id for cell in others})
    for cell in board.cells.values():
        if cell.need:
            before = arithmetic.coverage(cell.need, cell.held)
            reason = reasons.get((cell.site_id, cell.item_id), "")
            if command.counting is not None:
                reason = command.counting_reason.strip()
            yield {
                "counts": cell.counts,
                "counts_reason": reason if cell.counts is not Counts.COMPUTED else "",
                "computed": cell.computed,
                "assessed": cell.beside.assessed if cell.beside else None,
                "approved": cell.beside.approved if cell.beside else None,
                "plan_id": plan.id,
                "site_id": cell.site_id,
                "item_id": cell.item_id,
                "need": cell.need,
                "held": cell.held,
                "sent": 0,
                "before": before,
                "after": before,
                "reason": "",
            }
