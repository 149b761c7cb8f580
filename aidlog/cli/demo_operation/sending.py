"""Act three: earlier rounds that arrived, a plan approved and on the road, one still open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, select

from aidlog.allocation.problem import Rule
from aidlog.cli.demo_operation import cast
from aidlog.cli.demo_operation.ordering import ask_for_more, count_on_what_comes, order
from aidlog.cli.demo_operation.stage import Stage
from aidlog.cli.demo_operation.wondering import wonder
from aidlog.db.numbering import Document
from aidlog.db.transaction import let_go
from aidlog.dispatch.handing_out import HandedOut, RecordHandOut, record_handout
from aidlog.dispatch.loading import LoadAndSend, load_and_send
from aidlog.dispatch.models import Waybill, WaybillLine
from aidlog.dispatch.preparing import ItemAsked, PrepareWaybill, prepare_waybill
from aidlog.dispatch.receipts import ConfirmReceipt, Counted, confirm_receipt
from aidlog.dispatch.truckloads import proposals
from aidlog.jobs.running import run_job
from aidlog.planning.approving import ApprovePlan, SubmitPlan, approve_plan, submit_plan
from aidlog.planning.board_query import needs_board
from aidlog.planning.choices import DraftPlan, SiteChoice, WarehouseChoice
from aidlog.planning.drafting import draft_plan
from aidlog.planning.models import Plan
from aidlog.registry.roles import actor_for
from aidlog.settings import Settings

PLANNER, APPROVER, STOREKEEPER = "amina", "bosco", "chantal"
LEADS = {"S01": "esther", "S03": "faida", "S07": "gahigi"}
DRIVERS = ("T. Wema", "B. Safari", "N. Kesho")


@dataclass(frozen=True, slots=True)
class Round:
    """A truck of an earlier round: ``share`` of what the site needs in a month, in percent.

    ``ago`` in days, when it arrived; ``short`` and ``torn`` are packs of its first line.
    """

    origin: str
    site: str
    ago: int
    share: int
    short: int = 0
    torn: int = 0
    without: tuple[str, ...] = ()


MAIZE, OIL, NETS = "FCERMAIZWMEA", "FOILMAIZRE01", "HSHEMNETRL"

#: What was sent of each item, in percent of the round's share: some ran out early.
SHARES = {
    MAIZE: 100, "FPULBEANRK01": 90, OIL: 60, "FBAFSALTIODE": 140, "FBAFSUGAWH04": 80,
    "FNUTCSBX6722": 70, "HHYGSOAP100G": 100, "HHYGSOAP200G": 80, "KRELHYPA05P": 60,
    "HSHEBLANPMT1": 110, "HSHEMATTPLA1": 70, NETS: 50, "HSHETARPW406": 75, "KRELSHEK01": 50,
    "KRELCOOSETA": 100, "HCONJCANPF10": 90, "HCONBUCKP14L": 80,
}  # fmt: skip

#: What the plan under way is about; the open one is about the rest.
FOOD_AND_SHELTER = (
    MAIZE, "FPULBEANRK01", OIL, "FBAFSALTIODE", "FNUTCSBX6722", "HHYGSOAP100G", "HSHEBLANPMT1",
    "HSHETARPW406",
)  # fmt: skip

EARLIER = (
    Round("LKH", "S01", 15, 32),
    Round("LKH", "S02", 16, 42),
    Round("LKH", "S03", 12, 50, torn=2),
    Round("LKH", "S04", 13, 56),
    Round("BDS", "S05", 10, 52),
    Round("BDS", "S06", 11, 38),
    Round("HLH", "S07", 9, 24),
    Round("BDS", "S08", 8, 64),
    Round("HLH", "S09", 14, 33, short=2, without=(NETS,)),
    Round("HLH", "S10", 7, 72, without=(NETS,)),
    Round("BDS", "S11", 19, 14),
    Round("HLH", "S12", 6, 46, without=(NETS,)),
)

#: What the sites handed out of it, in percent of what stands there.
HANDED_OUT = {"S01": 30, "S03": 25}


def send(stage: Stage, engine: Engine, settings: Settings) -> None:
    """Play the rounds that lie behind, the plan that is under way, and the one to decide on."""
    for number, earlier in enumerate(EARLIER):
        _earlier_round(stage, earlier, DRIVERS[number % len(DRIVERS)])
    for site, share in HANDED_OUT.items():
        _hand_out(stage, site, share)
    under_way = _solved(stage, engine, settings, "Food and shelter, this month", FOOD_AND_SHELTER)
    stage.do(PLANNER, lambda id_: SubmitPlan(command_id=id_, code=under_way), submit_plan)
    stage.do(
        APPROVER,
        lambda id_: ApprovePlan(command_id=id_, code=under_way, remark="Agreed."),
        approve_plan,
    )
    _trucks_of(stage, under_way)
    rest = tuple(code for code in SHARES if code not in FOOD_AND_SHELTER)
    still_open = _solved(stage, engine, settings, "Household goods, first look", rest)
    order(stage)
    count_on_what_comes(stage, engine, settings)
    ask_for_more(stage, engine, settings, still_open)
    wonder(stage, engine, settings, PLANNER, still_open)


def _earlier_round(stage: Stage, earlier: Round, driver: str) -> None:
    """One truck there, and what the site counted: all of it, or some torn, or some missing."""
    waybill = stage.do(STOREKEEPER, partial(_prepared, stage, earlier), prepare_waybill)["waybill"]
    stage.do(
        STOREKEEPER,
        partial(_departure, stage, waybill, driver, -earlier.ago, earlier.site),
        load_and_send,
    )
    stage.do(
        LEADS.get(earlier.site, PLANNER),
        partial(_receipt, stage, waybill, earlier),
        confirm_receipt,
    )


def _load(stage: Stage, earlier: Round) -> dict[str, int]:
    """Return the packs of each item that the round brought, from the needs board itself."""
    actor = actor_for(stage.session, stage.person(PLANNER))
    board = needs_board(stage.session, actor, stage.today, stage.day(29))
    site = next(site for site in board.sites if site.code == earlier.site)
    packs = {}
    for item, cell in zip(board.items, board.row(site), strict=True):
        if item.code in SHARES and item.code not in earlier.without and cell.need:
            wanted = cell.need * earlier.share * SHARES[item.code] // 10_000
            packs[item.code] = max(1, round(wanted / stage.pack(item.code).size))
    return packs


def _prepared(stage: Stage, earlier: Round, id_: str) -> PrepareWaybill:
    return PrepareWaybill(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        origin_id=stage.place(earlier.origin),
        destination_id=stage.place(earlier.site),
        items=tuple(
            ItemAsked(item_id=stage.item(code).id, quantity=packs * stage.pack(code).size)
            for code, packs in _load(stage, earlier).items()
        ),
        meeting_point="The junction by the water tower",
    )


def _departure(
    stage: Stage, waybill: str, driver: str, days: int, site: str, id_: str
) -> LoadAndSend:
    return LoadAndSend(
        command_id=id_,
        waybill=waybill,
        plate="HIRE 77",
        driver=driver,
        carrier="Ziwa Transport",
        seal=f"00{abs(days):02d}{site[1:]}",
        left_at=stage.moment(days, -9),
        expected_at=stage.moment(days, -1),
    )


def _receipt(stage: Stage, waybill: str, earlier: Round, id_: str) -> ConfirmReceipt:
    counted = []
    for line in _lines(stage, waybill):
        first = line.line == 1
        short = earlier.short * line.pack_size if first else 0
        torn = earlier.torn * line.pack_size if first else 0
        counted.append(
            Counted(line=line.line, good=line.quantity - short - torn, damaged=torn, missing=short)
        )
    return ConfirmReceipt(
        command_id=id_,
        waybill=waybill,
        lines=tuple(counted),
        arrived_at=stage.moment(-earlier.ago, -2),
        received_by="Site committee",
        remark="Seal broken, two packs gone." if earlier.short else "",
        channel="paper" if earlier.site not in LEADS else "page",
    )


def _lines(stage: Stage, waybill: str) -> list[WaybillLine]:
    return list(
        stage.session.scalars(
            select(WaybillLine)
            .join(Waybill, Waybill.id == WaybillLine.waybill_id)
            .join(Document, Document.id == Waybill.document_id)
            .where(Document.code == waybill)
            .order_by(WaybillLine.line)
        )
    )


def _hand_out(stage: Stage, site: str, share: int) -> None:
    """Some of the food of the earlier round has been eaten by now."""
    actor = actor_for(stage.session, stage.person(PLANNER))
    board = needs_board(stage.session, actor, stage.today, stage.day(29))
    here = next(row for row in board.sites if row.code == site)
    held = {
        item.code: cell.at_site for item, cell in zip(board.items, board.row(here), strict=True)
    }
    households = next(part.households for part in cast.SITES if part.code == site) or 0

    def make(id_: str) -> RecordHandOut:
        return RecordHandOut(
            command_id=id_,
            site=site,
            handed_on=stage.day(-4),
            households=households,
            lines=tuple(
                HandedOut(item_id=stage.item(code).id, quantity=held[code] * share // 100)
                for code in (MAIZE, OIL)
            ),
        )

    stage.do(LEADS[site], make, record_handout)


def _solved(
    stage: Stage, engine: Engine, settings: Settings, title: str, items: tuple[str, ...]
) -> str:
    """Draft a plan and let the worker's own code solve it; return its number."""
    code = str(
        stage.do(
            PLANNER,
            lambda id_: DraftPlan(
                command_id=id_,
                organisation_id=stage.organisation(cast.LEAD),
                title=title,
                starts_on=stage.day(1),
                ends_on=stage.day(30),
                sites=tuple(
                    SiteChoice(code=part.code) for part in cast.SITES if part.households is not None
                ),
                items=items,
                warehouses=tuple(WarehouseChoice(code=part.code) for part in cast.WAREHOUSES),
                rule=Rule.LOWEST_FIRST,
            ),
            draft_plan,
        )["plan"]
    )
    job_id = stage.session.scalars(
        select(Plan.job_id)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == code)
    ).one()
    assert job_id is not None
    let_go(stage.session)
    run_job(engine, settings, job_id)
    return code


def _trucks_of(stage: Stage, plan: str) -> None:
    """The first truck is on its way, the second is late, the others wait to be loaded."""
    made = []
    for proposal in proposals(stage.session, actor_for(stage.session, stage.person(PLANNER)), plan):
        for load in [] if proposal.later else proposal.loads[:1]:
            lines = tuple(proposal.load_lines(load))
            made.append((proposal.origin.id, proposal.destination.id, lines))
    numbers = [
        stage.do(
            PLANNER,
            lambda id_, o=origin, d=destination, ll=lines: PrepareWaybill(  # type: ignore[misc]
                command_id=id_,
                organisation_id=stage.organisation(cast.LEAD),
                origin_id=o,
                destination_id=d,
                lines=ll,
                plan_code=plan,
                meeting_point="The junction by the water tower",
            ),
            prepare_waybill,
        )["waybill"]
        for origin, destination, lines in made[:5]
    ]
    for number, (left, expected) in zip(numbers, ((-2, -1), (0, 1), (0, 1)), strict=False):
        stage.do(
            STOREKEEPER,
            partial(_on_the_road, stage, number, left, expected),
            load_and_send,
        )


def _on_the_road(stage: Stage, number: str, left: int, expected: int, id_: str) -> LoadAndSend:
    return LoadAndSend(
        command_id=id_,
        waybill=number,
        plate="AID 101 K",
        driver=DRIVERS[0],
        carrier="Own fleet",
        seal=f"0044{number[-2:]}",
        left_at=stage.moment(left, -6),
        expected_at=stage.moment(expected, -4),
    )
