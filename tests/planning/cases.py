"""A small operation to plan for: two sites short of blankets, one warehouse that has some."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.jobs.running import run_job
from aidlog.planning.approving import SubmitPlan, submit_plan
from aidlog.planning.choices import DraftPlan, SiteChoice, WarehouseChoice
from aidlog.planning.drafting import draft_plan
from aidlog.planning.models import Plan
from aidlog.registry.models import Item, Organisation, Person, Place
from aidlog.registry.roles import Role, actor_for
from aidlog.stock.models import Lot
from tests.conftest import settings_for
from tests.factories import (
    command_id,
    make_count,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_route,
    make_standard,
    make_warehouse,
)

STARTS, ENDS = date(2026, 12, 1), date(2026, 12, 31)


@dataclass
class Case:
    """``planner`` drafts, ``second`` decides; 300 blankets in bales of 10 for 500 people."""

    organisation: Organisation
    planner: Person
    second: Person
    warehouse: Place
    sites: list[Place]
    item: Item
    lots: list[Lot] = field(default_factory=list)

    def command(self, **more: object) -> DraftPlan:
        values: dict[str, object] = {
            "command_id": command_id(),
            "organisation_id": self.organisation.id,
            "title": "December blankets",
            "starts_on": STARTS,
            "ends_on": ENDS,
            "sites": tuple(SiteChoice(code=site.code) for site in self.sites),
            "items": (self.item.code,),
            "warehouses": (WarehouseChoice(code=self.warehouse.code),),
        }
        return DraftPlan(**(values | more))  # type: ignore[arg-type]


def make_case(session: Session, *, code: str = "KRB", quantity: int = 300) -> Case:
    """Make the operation: 200 people at one site, 300 at the other, a blanket each."""
    organisation = make_organisation(session, code=code)
    planner = make_person(session, Role.PLANNER, organisation=organisation)
    second = make_person(session, Role.PLANNER, organisation=organisation)
    warehouse = make_warehouse(session, organisation=organisation, name=f"Lakeside {code}")
    sites = [make_place(session, organisation=organisation) for _ in range(2)]
    item = make_item(session)
    make_standard(session, item=item)
    for site, people in zip(sites, (200, 300), strict=True):
        make_count(session, site, people=people, households=people // 5)
        make_route(session, warehouse, site)
    lots = [make_lot(session, warehouse=warehouse, item=item, quantity=quantity)]
    session.flush()
    return Case(organisation, planner, second, warehouse, sites, item, lots)


def actor(session: Session, person: Person) -> Actor:
    return actor_for(session, person.id)


def draft(session: Session, case: Case, **more: object) -> dict[str, str]:
    """Ask for a plan; return its code and its job."""
    with writing(session):
        return dict(once(session, actor(session, case.planner), case.command(**more), draft_plan))


def work(engine: Engine, job: str, tmp_path) -> None:
    """Do the job as a worker would."""
    run_job(engine, settings_for(str(engine.url), tmp_path), job)


def plan_of(session: Session, code: str) -> Plan:
    session.rollback()
    return session.scalars(
        select(Plan).join(Document, Document.id == Plan.document_id).where(Document.code == code)
    ).one()


def solved(session: Session, case: Case, tmp_path, **more: object) -> str:
    """Draft a plan and have it worked out; return its code."""
    answer = draft(session, case, **more)
    work(session.get_bind(), answer["job"], tmp_path)
    return answer["plan"]


def submitted(session: Session, case: Case, tmp_path, **more: object) -> str:
    """Draft, work out and send for approval; return the plan's code."""
    code = solved(session, case, tmp_path, **more)
    with writing(session):
        command = SubmitPlan(command_id=command_id(), code=code)
        once(session, actor(session, case.planner), command, submit_plan)
    return code
