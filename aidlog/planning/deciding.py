"""What a planner decides beside the stock: what comes first, what is promised, what is carried.

The decisions are made to the question before it is frozen, and kept as sentences with their
reasons beside it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from aidlog.allocation.problem import Item, Need, Problem, Rule
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.needs.models import Counts
from aidlog.planning.choices import DraftPlan, ItemPriority, Promise
from aidlog.planning.decisions import Decision
from aidlog.planning.earlier_rounds import MOST_ROUNDS

#: What it means that one figure is the need in the whole plan.
COUNTING = {
    Counts.COMPUTED: N_("Only standards count in this plan."),
    Counts.ASSESSED: N_("Assessments count in this plan, and standards where there is none."),
    Counts.REQUESTED: N_(
        "Approved requests count in this plan, and standards where there is none."
    ),
}
LEAST_PRIORITY, MOST_PRIORITY = 100, 1000


class CannotDecide(Refusal):
    """A decision is not whole: it has no reason, or no figure; the sentence says which."""


def refuse_decisions(command: DraftPlan) -> None:
    """Refuse decisions that say too little.

    Raises:
        CannotDecide: a figure or a reason is missing; it names what.
        NotFound: a decision is about a site or an item that is not in the plan.
    """
    for priority in command.priorities:
        _refuse_priority(priority, command)
    for promise in command.promises:
        _refuse_promise(promise, command)
    if not 0 <= command.earlier_rounds <= MOST_ROUNDS:
        raise CannotDecide(
            Message(N_("Up to {most} earlier plans can count."), {"most": MOST_ROUNDS}),
            field="rounds",
        )
    if command.counting is not None and not command.counting_reason.strip():
        raise CannotDecide(Message(N_("Write why.")), field="counting_reason")
    first = [p.weight_percent for p in command.priorities]
    first += [site.weight_percent for site in command.sites]
    if command.rule is Rule.PRIORITY_WEIGHTS and max(first, default=0) <= LEAST_PRIORITY:
        raise CannotDecide(
            Message(N_("This rule needs a site or an item with a priority above 100.")),
            field="rule",
        )


def _refuse_priority(priority: ItemPriority, command: DraftPlan) -> None:
    if priority.code not in command.items:
        raise NotFound(f"item {priority.code}")
    values = {"site": priority.code}
    if not LEAST_PRIORITY <= priority.weight_percent <= MOST_PRIORITY:
        raise CannotDecide(
            Message(N_("{site}: write a priority from 100 (as all others) to 1000."), values),
            field="priorities",
        )
    if priority.weight_percent > LEAST_PRIORITY and not priority.reason.strip():
        raise CannotDecide(
            Message(N_("{site} comes first in this plan. Write why."), values), field="priorities"
        )


def _refuse_promise(promise: Promise, command: DraftPlan) -> None:
    sites = {site.code for site in command.sites}
    if promise.item not in command.items or promise.site not in sites | {""}:
        raise NotFound(f"promise of {promise.item} to {promise.site}")
    if (promise.percent > 0) == (promise.packs > 0) or not 0 <= promise.percent <= 100:
        raise CannotDecide(
            Message(N_("Promise a share from 1 to 100 per cent, or a number of packs.")),
            field="promises",
        )
    if not promise.reason.strip():
        raise CannotDecide(Message(N_("Write why this is promised.")), field="promises")


def decided(
    problem: Problem, command: DraftPlan, rounds: int, carried: Mapping[tuple[str, str], int]
) -> tuple[Problem, list[Decision]]:
    """Return the question with what was decided, and the decisions as they are kept.

    ``carried`` is what ``rounds`` earlier plans delivered, in permille by site and item code.
    """
    first = {priority.code: priority for priority in command.priorities}
    items = tuple(_first(item, first.get(item.id)) for item in problem.items)
    packs = {item.id: item.pack_units for item in problem.items}
    needs = tuple(
        dataclasses.replace(
            need,
            min_fraction=_promised(need, command.promises, packs[need.item]),
            carried=carried.get((need.site, need.item), 0) / 1000,
        )
        for need in problem.needs
    )
    made = dataclasses.replace(problem, items=items, needs=needs)
    return made, [
        *_counting(command),
        *_said(problem, command.promises),
        *_rounds(command, rounds, carried),
    ]


def _first(item: Item, priority: ItemPriority | None) -> Item:
    if priority is None:
        return item
    weight = priority.weight_percent / 100
    return dataclasses.replace(item, weight=weight, reason=priority.reason.strip())


def _promised(need: Need, promises: Iterable[Promise], pack: int) -> float:
    """Return the greatest share of a need that is promised; packs come on top of what is held."""
    shares = [0.0]
    for promise in promises:
        if promise.item == need.item and promise.site in {"", need.site} and need.need_units:
            packs = (need.held_units + promise.packs * pack) / need.need_units
            shares.append(promise.percent / 100 if promise.percent else packs)
    return min(1.0, max(shares))


def _counting(command: DraftPlan) -> Iterator[Decision]:
    if command.counting is not None:
        yield Decision(
            message=Message(COUNTING[command.counting]),
            reason=command.counting_reason.strip(),
            counting=command.counting,
        )


def _said(problem: Problem, promises: Iterable[Promise]) -> Iterator[Decision]:
    sites = {site.id: site.name or site.id for site in problem.sites}
    items = {item.id: item.name or item.id for item in problem.items}
    for promise in promises:
        values: dict[str, object] = {"item": items[promise.item], "count": promise.packs}
        values["share"] = f"{promise.percent}%"
        if promise.site:
            values["site"] = sites[promise.site]
        yield Decision(
            message=_sentence(promise, values), reason=promise.reason.strip(), promise=promise
        )


def _sentence(promise: Promise, values: dict[str, object]) -> Message:
    if promise.percent and promise.site:
        return Message(N_("{share} of the {item} that {site} needs is promised."), values)
    if promise.percent:
        return Message(N_("{share} of the {item} that every site needs is promised."), values)
    if promise.site:
        one = N_("{count} pack of {item} is promised to {site}.")
        many = N_("{count} packs of {item} are promised to {site}.")
    else:
        one = N_("{count} pack of {item} is promised to every site.")
        many = N_("{count} packs of {item} are promised to every site.")
    return Message(one, values, plural=many, count=promise.packs)


def _rounds(
    command: DraftPlan, rounds: int, carried: Mapping[tuple[str, str], int]
) -> Iterator[Decision]:
    if not command.earlier_rounds:
        return
    if not carried:
        none = Message(N_("No earlier plan was approved for these sites and items."))
        yield Decision(message=none, reason="", rounds=command.earlier_rounds)
        return
    levels = carried.values()
    one = N_(
        "{count} earlier plan counts: it delivered from {lowest} to {highest} of each need. Who"
        " got less comes first now."
    )
    many = N_(
        "{count} earlier plans count: on average they delivered from {lowest} to {highest} of"
        " each need. Who got less comes first now."
    )
    values = {
        "count": rounds,
        "lowest": f"{min(levels) / 10:.1f}%",
        "highest": f"{max(levels) / 10:.1f}%",
    }
    message = Message(one, values, plural=many, count=rounds)
    yield Decision(message=message, reason="", rounds=command.earlier_rounds)
