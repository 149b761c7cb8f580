"""Orders from suppliers that are still to come, a plan that counts on them, and what to buy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, select

from aidlog.allocation.problem import Rule
from aidlog.cli.demo_operation import cast
from aidlog.cli.demo_operation.stage import Stage
from aidlog.db.numbering import Document
from aidlog.db.transaction import let_go
from aidlog.donations.purchasing import Bought, RecordPurchase, record_purchase
from aidlog.jobs.running import run_job
from aidlog.planning.choices import Certainty, DraftPlan, SiteChoice, WarehouseChoice
from aidlog.planning.drafting import draft_plan
from aidlog.planning.models import Plan
from aidlog.planning.shopping import AskWhatToBuy, Price, ask_what_to_buy
from aidlog.reports.expected_goods import expected_goods
from aidlog.settings import Settings

PLANNER, STOREKEEPER = "amina", "chantal"
CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Order:
    """``lines``: item code, packs, and cents for a pack."""

    supplier: str
    warehouse: str
    expected: int
    lines: tuple[tuple[str, int, int], ...]


ORDERS = (
    Order(
        "Lakeside Traders", "LKH", 9, (("HHYGSOAP200G", 20, 2_400), ("HCONBUCKP14L", 15, 1_800))
    ),
    Order(
        "Two Rivers Supplies", "BDS", 16,
        (("KRELHYPA05P", 120, 950), ("HSHEMATTPLA1", 20, 7_500), ("KRELCOOSETA", 60, 1_400)),
    ),
)  # fmt: skip

#: What a quote says of the goods that were not ordered yet, in cents for a pack.
QUOTED = (("HSHEMNETRL", 9_600), ("HCONJCANPF10", 6_000))
#: Soap comes in time for the second half of this plan.
SOAP = ("HHYGSOAP100G", "HHYGSOAP200G")


def order(stage: Stage) -> None:
    """Order goods; they are no stock before they are counted in."""
    for one in ORDERS:
        stage.do(STOREKEEPER, partial(_order, stage, one), record_purchase)


def count_on_what_comes(stage: Stage, engine: Engine, settings: Settings) -> None:
    """Plan the soap in two halves of a month, the second with what is expected by then."""
    command = partial(_soap, stage)
    draft = partial(draft_plan, expected=expected_goods)
    answer = stage.do(PLANNER, command, draft)
    let_go(stage.session)
    run_job(engine, settings, answer["job"])


def ask_for_more(stage: Stage, engine: Engine, settings: Settings, plan: str) -> None:
    """Ask what two thousand dollars would buy for ``plan``."""
    answer = stage.do(PLANNER, partial(_asked, stage, plan), ask_what_to_buy)
    let_go(stage.session)
    run_job(engine, settings, answer["job"])


def _order(stage: Stage, one: Order, id_: str) -> RecordPurchase:
    return RecordPurchase(
        command_id=id_,
        warehouse_id=stage.place(one.warehouse),
        supplier=one.supplier,
        lines=tuple(
            Bought(
                item_id=stage.item(code).id,
                quantity=packs * stage.pack(code).size,
                price=packs * cents,
            )
            for code, packs, cents in one.lines
        ),
        currency=CURRENCY,
        expected_on=stage.day(one.expected),
    )


def _soap(stage: Stage, id_: str) -> DraftPlan:
    return DraftPlan(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        title="Soap, in two halves of the month",
        starts_on=stage.day(1),
        ends_on=stage.day(30),
        sites=tuple(
            SiteChoice(code=part.code) for part in cast.SITES if part.households is not None
        ),
        items=SOAP,
        warehouses=tuple(WarehouseChoice(code=part.code) for part in cast.WAREHOUSES),
        rule=Rule.LOWEST_FIRST,
        periods=2,
        coming=tuple(Certainty),
        coming_to="LKH",
    )


def _asked(stage: Stage, plan: str, id_: str) -> AskWhatToBuy:
    prices = [(code, cents) for one in ORDERS for code, _packs, cents in one.lines]
    starts_on = stage.session.scalars(
        select(Plan.starts_on)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == plan)
    ).one()
    return AskWhatToBuy(
        command_id=id_,
        plan=plan,
        warehouse="LKH",
        deliver_on=starts_on,
        items=tuple(Price(item=code, price=cents) for code, cents in (*prices, *QUOTED)),
        currency=CURRENCY,
        budget=200_000,
        step=50_000,
    )
