"""The pipeline: of each item what is there, what comes when, what is needed, when it runs out."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.dispatch.models import Handover, HandoverLine, HandoverState
from aidlog.ledger.movement import AccountKind
from aidlog.needs.arithmetic import units_of
from aidlog.needs.models import Counts
from aidlog.planning.board import Board, BoardItem
from aidlog.planning.board_query import needs_board
from aidlog.planning.board_statement import View
from aidlog.planning.choices import Certainty
from aidlog.planning.gathering import Expected
from aidlog.planning.projection import Arrival, Curve, Outlook, Projection
from aidlog.reports.expected_goods import expected_goods
from aidlog.stock.models import Lot, StockTotal

#: How far the pipeline looks: so many weeks, or the rest of this month and so many more.
WEEKS, MONTHS = 12, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is looked at: by week or by month, which goods are counted, of which items."""

    today: date
    by_month: bool = False
    counted: Collection[Certainty] = tuple(Certainty)
    category: str | None = None


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """One item. ``set_aside`` is promised to sites by plans and waybills and counts for them.

    ``without_day`` is expected on no day, or on one that has passed: it is not counted.
    ``unknown_sites`` were not counted, so what they need is not in it.
    """

    item: BoardItem
    free: int
    set_aside: int
    outlook: Outlook
    projection: Projection
    expected: Sequence[Expected]
    without_day: int
    unknown_sites: int

    @property
    def given_once(self) -> bool:
        """Say whether what is needed falls on today, and not on every day."""
        return all(curve.due is None or curve.due.once for curve in self.outlook.curves)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The rows, what runs out first first; ``spans`` are the days of the columns."""

    today: date
    spans: Sequence[tuple[date, date]]
    rows: Sequence[PipelineRow]
    categories: Sequence[str]

    def day(self, offset: int | None) -> date | None:
        """Return the date of a day of a projection."""
        return None if offset is None else self.today + timedelta(days=offset)


def pipeline(session: Session, actor: Actor, sight: Sight) -> Pipeline:
    """Return the pipeline of what ``actor`` may see: sites, warehouses, pledges, orders.

    Raises:
        NotAllowed: the actor may see plans, needs or stock nowhere.
    """
    actor.must(Permission.PLAN_VIEW)
    actor.must(Permission.STOCK_VIEW)
    spans = spans_of(sight)
    board = needs_board(session, actor, sight.today, spans[-1][1], view=View(), today=sight.today)
    stock, offered = _stock(session, actor), _offered(session, actor)
    coming: dict[int, list[Expected]] = defaultdict(list)
    for goods in expected_goods(session, actor):
        if goods.certainty in sight.counted:
            coming[goods.item_id].append(goods)
    offsets = [((a - sight.today).days, (b - sight.today).days) for a, b in spans]
    rows = [
        _row(board, item, stock.get(item.id, (0, 0)), offered.get(item.id, 0), coming[item.id],
             offsets)
        for item in board.items
        if sight.category in {None, item.category}
    ]  # fmt: skip
    return Pipeline(
        today=sight.today,
        spans=spans,
        rows=sorted(rows, key=_urgency),
        categories=sorted({item.category for item in board.items}),
    )


def spans_of(sight: Sight) -> list[tuple[date, date]]:
    """Return the columns' days: weeks from today on, or this month's rest and whole months."""
    if not sight.by_month:
        starts = [sight.today + timedelta(days=7 * n) for n in range(WEEKS)]
        return [(start, start + timedelta(days=6)) for start in starts]
    spans, first = [], sight.today
    for _ in range(MONTHS + 1):
        last = first.replace(day=monthrange(first.year, first.month)[1])
        spans.append((first, last))
        first = last + timedelta(days=1)
    return spans


def _urgency(row: PipelineRow) -> tuple[bool, int, bool, int, str]:
    """What is used up comes first, by the day on which it runs out."""
    out = row.projection.runs_out
    when = 10**6 if out is None else out
    return (row.given_once, when, not row.projection.breaks, row.item.tier, row.item.code)


def _row(
    board: Board,
    item: BoardItem,
    stock: tuple[int, int],
    offered: int,
    expected: Sequence[Expected],
    offsets: Sequence[tuple[int, int]],
) -> PipelineRow:
    on_hand, reserved = stock
    set_aside = max(0, reserved - offered)
    curves = list(_curves(board, item))
    arrivals = [
        Arrival(day=(one.on - board.today).days, quantity=one.quantity, certainty=one.certainty)
        for one in expected
        if one.on is not None and one.on >= board.today
    ]
    outlook = Outlook(on_hand - reserved + set_aside, curves, arrivals)
    return PipelineRow(
        item=item,
        free=on_hand - reserved,
        set_aside=set_aside,
        outlook=outlook,
        projection=outlook.projection(offsets),
        expected=sorted(expected, key=lambda one: (one.on or date.max, one.document)),
        without_day=sum(one.quantity for one in expected if one.on is None or one.on < board.today),
        unknown_sites=len(board.sites) - len(curves),
    )


def _curves(board: Board, item: BoardItem) -> Iterable[Curve]:
    """Return the needs of the sites where they are known, by the figure that counts there."""
    for site in board.sites:
        cell, rule = board.cells[site.id, item.id], item.rule_at(site)
        if cell.need is None:
            continue
        if cell.counts is not Counts.COMPUTED or rule is None:
            yield Curve(held=cell.held, once=cell.need)
            continue
        units = units_of(rule.due.basis, site.counted, rule.due.per)
        assert units is not None, "what is needed is known, so it is known how often"
        yield Curve(held=cell.held, units=units, due=rule.due)


def _stock(session: Session, actor: Actor) -> Mapping[int, tuple[int, int]]:
    """Return (on hand, reserved) by item in the warehouses that the actor sees. One statement."""
    wanted = (
        select(StockTotal.item_id, func.sum(StockTotal.on_hand), func.sum(StockTotal.reserved))
        .where(StockTotal.kind == AccountKind.WAREHOUSE)
        .where(StockTotal.organisation_id.in_(actor.organisation_ids))
        .group_by(StockTotal.item_id)
    )
    scope = actor.places(Permission.STOCK_VIEW)
    if scope is not None:
        wanted = wanted.where(StockTotal.key.in_(scope))
    return {item: (int(here), int(held)) for item, here, held in session.execute(wanted)}


def _offered(session: Session, actor: Actor) -> Mapping[int, int]:
    """Return what is reserved to be given to other organisations, by item. One statement."""
    wanted = (
        select(Lot.item_id, func.sum(HandoverLine.quantity))
        .join(Lot, Lot.id == HandoverLine.lot_id)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(Handover.state == HandoverState.OFFERED)
        .where(Handover.organisation_id.in_(actor.organisation_ids))
        .group_by(Lot.item_id)
    )
    scope = actor.places(Permission.STOCK_VIEW)
    if scope is not None:
        wanted = wanted.where(Handover.warehouse_id.in_(scope))
    return {item: int(quantity) for item, quantity in session.execute(wanted)}
