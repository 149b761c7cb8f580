"""Plans as pages read them: the list, and one plan with its needs and lines. Rows out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import Message
from aidlog.db.numbering import Document
from aidlog.db.work import Job
from aidlog.needs.models import Counts
from aidlog.planning.decisions import Decision, read_decisions
from aidlog.planning.models import Plan, PlanLine, PlanNeed, PlanState
from aidlog.planning.scope import within_reach
from aidlog.registry.models import Item, ItemPack, Person, Place, Route
from aidlog.stock.models import Lot

#: Plans on one page of the list.
PAGE = 25


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list; mean coverage of its needs in permille, before and after."""

    id: int
    code: str
    title: str
    starts_on: date
    ends_on: date
    rule: str
    state: PlanState
    created_at: datetime
    drafted_by: str
    sites: int
    items: int
    covered_before: int | None
    covered_after: int | None


@dataclass(frozen=True, slots=True)
class Running:
    """The work on a plan: ``bound`` and ``best`` in permille, ``done`` of ``total``."""

    stage: str
    state: str
    done: int
    total: int
    bound: int | None
    best: int | None
    wish: str
    attempts: int
    started_at: datetime | None
    heartbeat_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan without its figures. ``why`` says why it has none, where it has none."""

    id: int
    code: str
    document_id: int
    organisation_id: int
    title: str
    starts_on: date
    ends_on: date
    rule: str
    state: PlanState
    created_at: datetime
    created_by: int
    drafted_by: str
    solved_at: datetime | None
    submitted_by: int | None
    sent_by: str | None
    decided_at: datetime | None
    decided_by: str | None
    decision_note: str
    why: Message | None
    decisions: Sequence[Decision]
    job: Running | None

    def may_decide(self, actor: Actor) -> bool:
        """Say whether ``actor`` is a second person who may decide."""
        mine = {self.created_by, self.submitted_by}
        return actor.may(Permission.PLAN_APPROVE) and actor.user_id not in mine


@dataclass(frozen=True, slots=True)
class PlanText:
    """The stored question and answer, as JSON text."""

    problem: str
    result: str | None


@dataclass(frozen=True, slots=True)
class PlanBrief:
    """The stored question, and the answer without its long lists, as JSON text."""

    problem: str
    summary: str | None


class Names(NamedTuple):
    """An item's names; "" where it has none in a language."""

    en: str
    fr: str
    sw: str
    rw: str

    def name_in(self, language: str) -> str:
        """The name in ``language``, in English where there is none."""
        return str(getattr(self, language, "")) or self.en


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One need: base units, coverage in permille, and the engine's reason as data."""

    site_id: int
    site: str
    shown_as: str
    protected: bool
    area: str
    item_id: int
    item: str
    names: Names
    base_unit: BaseUnit
    tier: int
    need: int
    held: int
    sent: int
    before: int
    after: int
    reason: str
    counts: Counts = Counts.COMPUTED
    counts_reason: str = ""
    computed: int | None = None
    assessed: int | None = None
    approved: int | None = None

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return self.names.name_in(language)

    @property
    def reason_code(self) -> str:
        """The engine's code of the reason, "" while there is no answer."""
        return str(json.loads(self.reason)["code"]) if self.reason else ""

    @property
    def why(self) -> Message | None:
        """The reason for this much, None while there is no answer."""
        return Message.from_data(json.loads(self.reason)["message"]) if self.reason else None

    @property
    def more(self) -> Mapping[str, Any]:
        """What else is known of the answer, empty while there is none.

        ``next`` is the limit that would stop the need without the one that does (``code``,
        and the level in ``permille``); ``fair_packs`` the exact share before packs are made
        whole; ``hand_out`` whole base units for ``each`` household, and for how many of them
        ``one_more``. None where it is not known.
        """
        return json.loads(self.reason) if self.reason else {}


@dataclass(frozen=True, slots=True)
class LineRow:
    """So many whole packs of one lot from a warehouse to a site.

    ``coming`` is how sure it is that the goods come, "" where they stand in the warehouse;
    ``lot`` is then the number of their pledge, order or waybill.
    """

    warehouse: str
    warehouse_shown_as: str
    site_id: int
    item_id: int
    lot_id: int
    lot: str
    expires_on: date | None
    packs: int
    pack_size: int
    quantity: int
    weight_mg: int | None
    coming: str = ""

    @property
    def grams(self) -> int | None:
        """What the line weighs, in grams rounded down; None where the item's weight is unknown."""
        return None if self.weight_mg is None else self.quantity * self.weight_mg // 1_000


def plan_list(
    session: Session,
    actor: Actor,
    *,
    states: Collection[PlanState] | None = None,
    older_than: int | None = None,
) -> list[PlanRow]:
    """Return the newest plans within reach, one page and one more row; one statement."""
    page = select(Plan.id).where(within_reach(actor, Permission.PLAN_VIEW))
    if states is not None:
        page = page.where(Plan.state.in_(states))
    if older_than is not None:
        page = page.where(Plan.id < older_than)
    shown = page.order_by(Plan.id.desc()).limit(PAGE + 1).subquery("shown")
    needs = (
        select(
            PlanNeed.plan_id,
            func.count(PlanNeed.site_id.distinct()).label("sites"),
            func.count(PlanNeed.item_id.distinct()).label("items"),
            _mean(PlanNeed.before).label("before"),
            _mean(PlanNeed.after).label("after"),
        )
        .where(PlanNeed.plan_id.in_(select(shown.c.id)))
        .group_by(PlanNeed.plan_id)
        .subquery("needs")
    )
    wanted: Any = (
        select(
            Plan.id,
            Document.code,
            Plan.title,
            Plan.starts_on,
            Plan.ends_on,
            Plan.rule,
            Plan.state,
            Plan.created_at,
            Person.name,
            func.coalesce(needs.c.sites, 0),
            func.coalesce(needs.c["items"], 0),
            needs.c.before,
            case((Plan.solved_at.is_not(None), needs.c.after)),
        )
        .join(shown, shown.c.id == Plan.id)
        .join(Document, Document.id == Plan.document_id)
        .join(Person, Person.id == Plan.created_by)
        .outerjoin(needs, needs.c.plan_id == Plan.id)
        .order_by(Plan.id.desc())
    )
    return [
        PlanRow(*row[:-2], *(None if mean is None else int(mean) for mean in row[-2:]))
        for row in session.execute(wanted)
    ]


def _mean(coverage: InstrumentedAttribute[int]) -> ColumnElement[Any]:
    """The mean of what is covered, each need at most whole."""
    return func.avg(case((coverage > 1000, 1000), else_=coverage))


def plan_head(session: Session, actor: Actor, code: str) -> PlanHead:
    """Return one plan. One statement.

    Raises:
        NotFound: there is none with this code within the actor's reach.
    """
    row = session.execute(_head_statement(actor).where(Document.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"plan {code}")
    plan, found, drafted_by, sent_by, decided_by, job = row
    return PlanHead(
        id=plan.id,
        code=found,
        document_id=plan.document_id,
        organisation_id=plan.organisation_id,
        title=plan.title,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        rule=plan.rule,
        state=plan.state,
        created_at=plan.created_at,
        created_by=plan.created_by,
        drafted_by=drafted_by,
        solved_at=plan.solved_at,
        submitted_by=plan.submitted_by,
        sent_by=sent_by,
        decided_at=plan.decided_at,
        decided_by=decided_by,
        decision_note=plan.decision_note,
        why=Message.from_data(json.loads(plan.note)) if plan.note else None,
        decisions=read_decisions(plan.decisions),
        job=None if job is None else running(job),
    )


def _head_statement(actor: Actor) -> Any:
    drafter, sender, decider = aliased(Person), aliased(Person), aliased(Person)
    return (
        select(Plan, Document.code, drafter.name, sender.name, decider.name, Job)
        .join(Document, Document.id == Plan.document_id)
        .join(drafter, drafter.id == Plan.created_by)
        .outerjoin(sender, sender.id == Plan.submitted_by)
        .outerjoin(decider, decider.id == Plan.decided_by)
        .outerjoin(Job, Job.id == Plan.job_id)
        .where(within_reach(actor, Permission.PLAN_VIEW))
        .execution_options(populate_existing=True)
    )


def running(job: Job) -> Running:
    """Return how far the work of a job is, as pages show it."""
    return Running(
        stage=job.stage,
        state=job.state,
        done=job.done,
        total=job.total,
        bound=job.bound,
        best=job.best,
        wish=job.wish,
        attempts=job.attempts,
        started_at=job.started_at,
        heartbeat_at=job.heartbeat_at,
    )


def plan_text(session: Session, plan: PlanHead) -> PlanText:
    """Return the stored question and answer of a plan that was read before."""
    row = session.execute(select(Plan.problem, Plan.result).where(Plan.id == plan.id)).one()
    return PlanText(*row)


def plan_brief(session: Session, plan: PlanHead) -> PlanBrief:
    """Return what the page of a plan that was read before says beside its needs and lines."""
    row = session.execute(select(Plan.problem, Plan.summary).where(Plan.id == plan.id)).one()
    return PlanBrief(*row)


def plan_needs(session: Session, plan: PlanHead) -> list[NeedRow]:
    """Return the needs of a plan, by site and item. One statement."""
    rows = session.execute(
        select(PlanNeed, Place, Item)
        .join(Place, Place.id == PlanNeed.site_id)
        .join(Item, Item.id == PlanNeed.item_id)
        .where(PlanNeed.plan_id == plan.id)
        .order_by(Place.code, Item.tier, Item.category, Item.code)
    )
    return [
        NeedRow(
            site_id=site.id,
            site=site.code,
            shown_as=site.shown_as,
            protected=site.protected,
            area=site.area,
            item_id=item.id,
            item=item.code,
            names=Names(item.name_en, item.name_fr, item.name_sw, item.name_rw),
            base_unit=item.base_unit,
            tier=item.tier,
            need=need.need,
            held=need.held,
            sent=need.sent,
            before=need.before,
            after=need.after,
            reason=need.reason,
            counts=need.counts,
            counts_reason=need.counts_reason,
            computed=need.computed,
            assessed=need.assessed,
            approved=need.approved,
        )
        for need, site, item in rows
    ]


def plan_lines(session: Session, plan: PlanHead) -> list[LineRow]:
    """Return what goes where, by warehouse, site and first expiry. One statement."""
    rows = session.execute(
        select(PlanLine, Place, Lot, Item.weight_mg)
        .join(Place, Place.id == PlanLine.warehouse_id)
        .join(Lot, Lot.id == PlanLine.lot_id)
        .join(Item, Item.id == PlanLine.item_id)
        .where(PlanLine.plan_id == plan.id)
        .order_by(
            Place.code, PlanLine.site_id, PlanLine.item_id, Lot.expires_on.is_(None), Lot.expires_on
        )
    )
    return [
        LineRow(
            warehouse=place.code,
            warehouse_shown_as=place.shown_as,
            site_id=line.site_id,
            item_id=line.item_id,
            lot_id=lot.id,
            lot=lot.number,
            expires_on=lot.expires_on,
            packs=line.packs,
            pack_size=line.pack_size,
            quantity=line.quantity,
            weight_mg=weight,
        )
        for line, place, lot, weight in rows
    ]


def pack_kinds(session: Session, items: Collection[int]) -> dict[int, str]:
    """Return ``{item id: kind of its issue pack}``."""
    rows = session.execute(
        select(ItemPack.item_id, ItemPack.kind).where(
            ItemPack.item_id.in_(items), ItemPack.issue, ItemPack.active
        )
    )
    return {row.item_id: row.kind for row in rows}


def currency_of(session: Session, lines: Sequence[LineRow]) -> str:
    """Return the currency that the roads of ``lines`` are paid in; a plan has one."""
    sites = {line.site_id for line in lines}
    warehouses = {line.warehouse for line in lines}
    found = session.scalars(
        select(Route.currency)
        .join(Place, Place.id == Route.origin_id)
        .where(Place.code.in_(warehouses), Route.destination_id.in_(sites))
        .where(Route.cost_per_tonne > 0)
        .distinct()
    ).all()
    return found[0] if len(found) == 1 else ""
