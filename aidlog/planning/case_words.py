"""Changes of a what-if as people read them, and what is wrong with one that says nothing. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from aidlog.allocation.problem import Problem, Route, Rule
from aidlog.allocation.result import Act, Change
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.planning.choices import Certainty

#: Nobody plans for a place that grows sixfold; keeps a slip of the finger out.
MOST_PERCENT, LEAST_PERCENT = 500, -90

#: Names of the rules, in the words of the form that offers them.
RULES = {
    Rule.LOWEST_FIRST: N_("Lowest site first"),
    Rule.EQUAL_SHARE: N_("Equal share"),
    Rule.PRIORITY_WEIGHTS: N_("Priority weights"),
    Rule.FIRST_COME: N_("First come, first served"),
    Rule.CHEAPEST: N_("Cheapest transport first"),
}


class What(StrEnum):
    """What changes; see :class:`CaseChange` for what else each needs."""

    TRUCKS = "trucks"
    CLOSE_ROAD = "close_road"
    OPEN_ROAD = "open_road"
    PEOPLE = "people"
    IN_TIME = "in_time"
    MORE_STOCK = "more_stock"
    LESS_STOCK = "less_stock"
    RULE = "rule"
    NO_EARLIER_ROUNDS = "no_earlier_rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """One change, in the ids of the question.

    ``number`` is trips (of ``kg`` and ``litres`` each, to a shared ``limit`` or a road), per
    cent of people (below zero: fewer; at ``site``, or everywhere), or packs of ``item`` in
    ``warehouse``. Goods that come in time are known by their ``document``; how many packs, how
    sure (``certainty``) and for which sites (``only_for``, none: any) is read from it.
    """

    what: What
    warehouse: str = ""
    site: str = ""
    item: str = ""
    limit: str = ""
    number: int = 0
    kg: int = 0
    litres: int = 0
    rule: Rule | None = None
    document: str = ""
    certainty: Certainty = Certainty.PLEDGED
    only_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A change as a sentence; ``not_there`` where it counts on goods that nobody promised."""

    message: Message
    not_there: bool = False


class CannotChange(Refusal):
    """The change says nothing, or the plan has nothing that it could change."""


def said(problem: Problem, change: CaseChange) -> Said:
    """Return a change as a sentence.

    Raises:
        NotFound: it names what is not in the question.
        CannotChange: it would change nothing; the sentence says why.
    """
    return _SAID[change.what](problem, change)


def advice_said(problem: Problem, change: Change) -> Said:
    """Return one piece of the engine's advice as a sentence."""
    names = _names(problem)
    more = change.more or 0.0
    if change.act is Act.MORE_PACKS:
        return Said(_more_packs(names, change.item or "", change.warehouse or "", int(more)), True)
    amount = f"{more:,.10g} {_UNITS[change.field or 'max_cost']}".strip()
    if change.act is Act.MORE_ROAD:
        values = {
            "amount": amount,
            "warehouse": names[change.warehouse or ""],
            "site": names[change.site or ""],
        }
        return Said(Message(N_("{amount} more from {warehouse} to {site}."), values))
    assert change.act is Act.MORE_SHARED, "limits advise more of something"
    values = {"amount": amount, "limit": names[change.limit or ""]}
    return Said(Message(N_("{amount} more within the limit “{limit}”."), values))


_UNITS = {"max_kg": "kg", "max_m3": "m³", "max_cost": ""}


def _names(problem: Problem) -> dict[str, str]:
    """Return the names of everything in a question, by id."""
    lists = (problem.sites, problem.warehouses, problem.items, problem.shared_limits)
    return {row.id: row.name or row.id for rows in lists for row in rows}


def _named(problem: Problem, *ids: str) -> dict[str, str]:
    names = _names(problem)
    for id_ in ids:
        if id_ not in names:
            raise NotFound(f"{id_} in the question")
    return names


def _choose(field: str, *chosen: str) -> None:
    """Refuse where nothing was chosen."""
    if not any(chosen):
        raise CannotChange(Message(N_("Choose one from the list.")), field=field)


def _trucks(problem: Problem, change: CaseChange) -> Said:
    _choose("where", change.limit, change.warehouse)
    if change.number <= 0 or change.kg <= 0:
        raise CannotChange(
            Message(N_("Write how many trips more, and what one of them carries.")), field="trips"
        )
    values: dict[str, object] = {"count": change.number, "kg": change.kg}
    if change.limit:
        values["limit"] = _named(problem, change.limit)[change.limit]
        one = N_("{count} trip of {kg} kg more within the limit “{limit}”.")
        many = N_("{count} trips of {kg} kg more within the limit “{limit}”.")
    else:
        values |= _road_names(problem, change)
        one = N_("{count} trip of {kg} kg more from {warehouse} to {site}.")
        many = N_("{count} trips of {kg} kg more from {warehouse} to {site}.")
    return Said(Message(one, values, plural=many, count=change.number))


def _road_of(problem: Problem, change: CaseChange) -> Route:
    named = (change.warehouse, change.site)
    for road in problem.routes:
        if (road.warehouse, road.site) == named:
            return road
    raise NotFound(f"road {change.warehouse} – {change.site}")


def _road_names(problem: Problem, change: CaseChange) -> dict[str, str]:
    road, names = _road_of(problem, change), _names(problem)
    return {"warehouse": names[road.warehouse], "site": names[road.site]}


def _closed(problem: Problem, change: CaseChange) -> Said:
    values = _road_names(problem, change)
    return Said(Message(N_("The road from {warehouse} to {site} is closed."), values))


def _opened(problem: Problem, change: CaseChange) -> Said:
    values = _road_names(problem, change)
    return Said(Message(N_("The road from {warehouse} to {site} is open."), values))


def _people(problem: Problem, change: CaseChange) -> Said:
    if not change.number or not LEAST_PERCENT <= change.number <= MOST_PERCENT:
        raise CannotChange(
            Message(
                N_("Write how many per cent more people, up to {most}; with a minus for fewer."),
                {"most": MOST_PERCENT},
            ),
            field="percent",
        )
    values: dict[str, object] = {"percent": abs(change.number)}
    if not change.site:
        more, fewer = (
            N_("{percent} % more people at every site."),
            N_("Fewer people at every site: {percent} %."),
        )
    else:
        values["site"] = _named(problem, change.site)[change.site]
        more, fewer = (
            N_("{percent} % more people at {site}."),
            N_("Fewer people at {site}: {percent} %."),
        )
    return Said(Message(more if change.number > 0 else fewer, values))


def _in_time(problem: Problem, change: CaseChange) -> Said:
    names = _named(problem, change.item, change.warehouse)
    values = {
        "document": change.document,
        "warehouse": names[change.warehouse],
        "item": names[change.item],
        "count": change.number,
    }
    one = N_("{document} comes to {warehouse} in time: {count} pack of {item}.")
    many = N_("{document} comes to {warehouse} in time: {count} packs of {item}.")
    return Said(Message(one, values, plural=many, count=change.number))


def _more(problem: Problem, change: CaseChange) -> Said:
    _choose("item", change.item)
    names = _named(problem, change.item, change.warehouse)
    _some_packs(change)
    return Said(_more_packs(names, change.item, change.warehouse, change.number), True)


def _more_packs(names: dict[str, str], item: str, warehouse: str, packs: int) -> Message:
    values = {"count": packs, "item": names[item], "warehouse": names[warehouse]}
    one = N_("{count} pack more of {item} in {warehouse}.")
    many = N_("{count} packs more of {item} in {warehouse}.")
    return Message(one, values, plural=many, count=packs)


def _less(problem: Problem, change: CaseChange) -> Said:
    _choose("item", change.item)
    names = _named(problem, change.item, change.warehouse)
    _some_packs(change)
    held = sum(
        lot.packs
        for lot in problem.lots
        if (lot.warehouse, lot.item) == (change.warehouse, change.item)
    )
    values = {"count": change.number, "item": names[change.item], "held": held}
    values["warehouse"] = names[change.warehouse]
    if change.number > held:
        raise CannotChange(
            Message(N_("The plan counts only {held} packs of {item} in {warehouse}."), values),
            field="packs",
        )
    one = N_("{count} pack less of {item} in {warehouse}.")
    many = N_("{count} packs less of {item} in {warehouse}.")
    return Said(Message(one, values, plural=many, count=change.number))


def _some_packs(change: CaseChange) -> None:
    if change.number <= 0:
        raise CannotChange(Message(N_("Write how many packs.")), field="packs")


def _rule(problem: Problem, change: CaseChange) -> Said:
    assert change.rule is not None, "another rule is named"
    return Said(Message(N_("Another rule: {rule}."), {"rule": Message(RULES[change.rule])}))


def _no_rounds(problem: Problem, change: CaseChange) -> Said:
    return Said(Message(N_("Earlier rounds do not count.")))


_SAID: dict[What, Callable[[Problem, CaseChange], Said]] = {
    What.TRUCKS: _trucks,
    What.CLOSE_ROAD: _closed,
    What.OPEN_ROAD: _opened,
    What.PEOPLE: _people,
    What.IN_TIME: _in_time,
    What.MORE_STOCK: _more,
    What.LESS_STOCK: _less,
    What.RULE: _rule,
    What.NO_EARLIER_ROUNDS: _no_rounds,
}
