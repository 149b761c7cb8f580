"""The needs board read from the tables: one statement, however many movements there were.

The statement gives sites, items and what is held in rows of their own; the cells are made here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Row,
)
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.quantity import BaseUnit
from aidlog.needs import arithmetic
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import (
    Basis,
    Climate,
    Confidence,
    Counts,
    Phase,
)
from aidlog.needs.people_now import counted_now
from aidlog.needs.standards_now import Condition
from aidlog.planning.board import Beside, Board, BoardItem, BoardSite, Cell, Rule
from aidlog.planning.board_statement import EVERYTHING, View, board_statement, sites_statement
from aidlog.registry.models import Access, Place


def needs_board(
    session: Session,
    actor: Actor,
    starts_on: date,
    ends_on: date,
    *,
    view: View = EVERYTHING,
    today: date | None = None,
) -> Board:
    """Return the board of the sites that ``actor`` may see, for the days given. One statement.

    A row for each active site and each active item that has a standard in force on
    ``starts_on``, or that was assessed or is asked for; people are those of the latest count
    up to ``today``, with who came and left since. One statement is also one moment: goods
    that are just being received are at the site or on the way, never both and never neither.

    What stands at a site or drives to it counts whoever owns it: need is met by goods, not
    by flags. What is free is that of the actor's organisations, in warehouses whose stock
    the actor may see.

    Which figure is the need (by standards, assessed, or asked for and approved) was chosen
    for each site and item; the view may say it for the whole board.

    Raises:
        NotAllowed: the actor may see needs nowhere.
    """
    today = today or datetime.now(UTC).date()
    sites: list[BoardSite] = []
    of_items: list[Row[Any]] = []
    held: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    others: dict[tuple[int, int], Row[Any]] = {}
    for row in session.execute(board_statement(actor, starts_on, today, view)):
        if row.id is not None:
            sites.append(_site(row, today))
        elif row.item_id is not None:
            of_items.append(row)
        elif row.beside_place_id is not None:
            others[row.beside_place_id, row.beside_item_id] = row
        else:
            place_id, item_id, *amounts = row[-5:]
            held[place_id, item_id] = [
                so_far + int(more)
                for so_far, more in zip(held[place_id, item_id], amounts, strict=True)
            ]
    there = {site.condition for site in sites}
    items = _items_with_rules(of_items, there, may_see_stock=actor.may(Permission.STOCK_VIEW))
    sites = sorted(sites, key=lambda site: site.code) if items else []
    cells = _cells(sites, items, held, arithmetic.horizon(starts_on, ends_on))
    for key in others.keys() & cells.keys():
        cells[key] = _with_others(cells[key], others[key], view.counting)
    return Board(
        starts_on=starts_on,
        ends_on=ends_on,
        today=today,
        sites=sites,
        items=items,
        cells=cells,
    )


def board_sites(
    session: Session, actor: Actor, *, view: View = EVERYTHING, today: date | None = None
) -> list[BoardSite]:
    """Return the sites that ``actor`` may see with their latest counts, by code. One statement."""
    today = today or datetime.now(UTC).date()
    sites = sites_statement(actor, today, view)
    return [_site(row, today) for row in session.execute(sites.order_by(Place.code))]


def _items_with_rules(
    rows: Sequence[Row[Any]], there: Collection[Condition], *, may_see_stock: bool
) -> list[BoardItem]:
    """Return the items, the most urgent first, from a row for each of their conditions.

    Kept are the rules for the conditions that are ``there``, at the sites of the board.
    """
    items: dict[int, BoardItem] = {}
    for row in rows:
        if row.item_id not in items:
            items[row.item_id] = _item(row, may_see_stock=may_see_stock)
        if row.item_standard_id is not None:
            condition = Condition(Phase(row.item_for_phase), Climate(row.item_for_climate))
            if condition in there:
                items[row.item_id].standards[condition] = _rule(row)
    return sorted(items.values(), key=lambda item: (item.tier, item.category, item.code))


def _cells(
    sites: Sequence[BoardSite],
    items: Sequence[BoardItem],
    held: Mapping[tuple[int, int], Sequence[int]],
    days: int,
) -> dict[tuple[int, int], Cell]:
    """Return a cell for every site and item.

    How often a basis occurs at a site is worked out once, and what its rules are once for all
    sites of its phase and climate.
    """
    rules = {
        condition: [item.standards.get(condition) for item in items]
        for condition in {site.condition for site in sites}
    }
    cells: dict[tuple[int, int], Cell] = {}
    nothing = (0, 0, 0)
    for site in sites:
        units: dict[tuple[Basis, int], int | None] = {}
        for item, rule in zip(items, rules[site.condition], strict=True):
            at_site, given, on_the_way = held.get((site.id, item.id), nothing)
            need: int | None = 0
            if rule is not None:
                basis = rule.due.basis, rule.due.per
                if basis not in units:
                    units[basis] = arithmetic.units_of(basis[0], site.counted, basis[1])
                need = arithmetic.need_of_units(rule.due, units[basis], days)
            lasts = rule is not None and rule.due.once
            cells[site.id, item.id] = Cell(
                site.id, item.id, need, at_site, on_the_way, given if lasts else 0
            )
    return cells


def _with_others(cell: Cell, row: Row[Any], counting: Counts | None) -> Cell:
    """Return ``cell`` with what stands beside its need; sums may come as decimals."""
    figures = {
        name: None if (number := getattr(row, f"beside_{name}")) is None else int(number)
        for name in ("assessed", "waiting", "approved", "on_road", "received")
    }
    chosen = counting or Counts(row.beside_counts or Counts.COMPUTED)
    other = Beside(computed=cell.need, chosen=chosen, **figures)
    return replace(cell, need=other.need, beside=other)


def _site(row: Row[*tuple[Any, ...]], today: date) -> BoardSite:
    counted_on: date | None = row.counted_on
    counted = counted_now(row)
    return BoardSite(
        id=row.id,
        code=row.code,
        shown_as=row.shown_as,
        area=row.area,
        protected=row.protected,
        access=Access(row.access),
        organisation_id=row.organisation_id,
        condition=Condition(Phase(row.phase), Climate(row.climate)),
        counted_on=counted_on,
        counted=counted,
        people_counted=row.people_counted,
        changed_on=row.changed_on,
        confidence=row.confidence and Confidence(row.confidence),
        age_days=None if counted_on is None else arithmetic.age_in_days(counted_on, today),
        stale=counted_on is not None and arithmetic.is_stale(counted_on, today),
    )


def _rule(row: Row[*tuple[Any, ...]]) -> Rule:
    return Rule(
        standard_id=row.item_standard_id,
        due=Due(Basis(row.item_basis), row.item_quantity, row.item_recurs_days, row.item_per),
        source=row.item_source,
        edition=row.item_edition,
    )


def _item(row: Row[*tuple[Any, ...]], *, may_see_stock: bool) -> BoardItem:
    return BoardItem(
        id=row.item_id,
        code=row.item_code,
        names={
            "en": row.item_name_en,
            "fr": row.item_name_fr,
            "sw": row.item_name_sw,
            "rw": row.item_name_rw,
        },
        category=row.item_category,
        base_unit=BaseUnit(row.item_base_unit),
        tier=row.item_tier,
        weight_mg=row.item_weight_mg,
        volume_mm3=row.item_volume_mm3,
        pack_kind=row.item_pack_kind,
        pack_size=row.item_pack_size,
        standards={},
        free=int(row.item_free or 0) if may_see_stock else None,
    )
