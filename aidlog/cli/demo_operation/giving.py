"""Act two: appeals, pledges in every state, and the goods that came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from aidlog.cli.demo_operation import cast
from aidlog.cli.demo_operation.stage import Stage
from aidlog.db.commands import new_id
from aidlog.donations.appealing import OpenAppeal, Wanted, open_appeal
from aidlog.donations.counting import CountedLine
from aidlog.donations.models import Pledge
from aidlog.donations.pledging import (
    ConfirmPledge,
    EndPledge,
    RecordPledge,
    confirm_pledge,
    end_pledge,
    record_pledge,
)
from aidlog.donations.receiving import ReceiveGoods, receive_goods

PLANNER, STOREKEEPER = "amina", "chantal"


@dataclass(frozen=True, slots=True)
class Promise:
    """``packs`` of an item; ``came`` of them so far, ``torn`` of those damaged."""

    donor: str
    item: str
    packs: int
    expected: int
    came: int = 0
    torn: int = 0
    confirmed: bool = True
    ended: str = ""
    warehouse: str = "LKH"
    expires: int | None = None
    earmark: str = ""
    days_ago: int = 12
    account: bool = False


PROMISES = (
    Promise("Parish of the Hill, Lyon", "HSHEBLANPMT1", 20, -27, came=20, days_ago=27),
    Promise("Hope L.", "HSHETARPW406", 40, -25, came=40, torn=1, days_ago=25, account=True),
    Promise("Nuru Youth Network", "FPULBEANRK01", 60, -23, came=38, days_ago=23, expires=240),
    Promise("Bakery Two Rivers", "FCERMAIZWMEA", 200, 4, warehouse="HLH"),
    Promise("A family in Leeds", "HCONJCANPF10", 4, 12, confirmed=False),
    Promise("Lake Rotary Circle", "HHYGSOAP100G", 30, 3),
    Promise("Sunday school, Ghent", "HHYGSOAP200G", 6, -30, ended="The collection did not happen."),
    Promise(
        "Diaspora Lending a Hand, North", "HSHEMNETRL", 12, -8, came=12, earmark="S07",
        warehouse="HLH", days_ago=8,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Purchase:
    """``packs`` bought or given without a pledge; ``expires`` in days from now."""

    lot: str
    warehouse: str
    item: str
    packs: int
    expires: int | None = None
    source: str = "Bought on the market"
    days_ago: int = 20
    torn: int = 0


PURCHASES = (
    Purchase("MM-2188", "LKH", "FCERMAIZWMEA", 820, 210),
    Purchase("MM-2209", "LKH", "FCERMAIZWMEA", 120, 24, "Transferred by a partner", 26),
    Purchase("MM-2214", "HLH", "FCERMAIZWMEA", 260, 190),
    Purchase("MM-2230", "BDS", "FCERMAIZWMEA", 560, 205),
    Purchase("RC-104", "LKH", "FCERRICEBR30", 60, 320),
    Purchase("BN-77", "LKH", "FPULBEANRK01", 96, 260),
    Purchase("BN-78", "HLH", "FPULBEANRK01", 30, 255),
    Purchase("BN-79", "BDS", "FPULBEANRK01", 78, 260),
    Purchase("VO-2395", "LKH", "FOILMAIZRE01", 62, 49, days_ago=24),
    Purchase("VO-2402", "LKH", "FOILMAIZRE01", 40, 130, torn=2),
    Purchase("VO-2410", "HLH", "FOILMAIZRE01", 26, 135),
    Purchase("VO-2418", "BDS", "FOILMAIZRE01", 58, 240),
    Purchase("SL-12", "LKH", "FBAFSALTIODE", 13),
    Purchase("SL-13", "BDS", "FBAFSALTIODE", 9),
    Purchase("SL-14", "HLH", "FBAFSALTIODE", 5),
    Purchase("SG-3", "LKH", "FBAFSUGAWH04", 28, 400),
    Purchase("SG-4", "BDS", "FBAFSUGAWH04", 16, 400),
    Purchase("SG-5", "HLH", "FBAFSUGAWH04", 9, 400),
    Purchase("CS-51", "HLH", "FNUTCSBX6722", 30, 75),
    Purchase("CS-52", "LKH", "FNUTCSBX6722", 70, 150),
    Purchase("CS-53", "BDS", "FNUTCSBX6722", 52, 150),
    Purchase("BP-9", "LKH", "FNUTBISCBP05", 20, 500),
    Purchase("OR-1", "LKH", "DORAORSA2S", 12, 38),
    Purchase("SP-910", "LKH", "HHYGSOAP100G", 38),
    Purchase("SP-911", "BDS", "HHYGSOAP100G", 28),
    Purchase("SP-912", "HLH", "HHYGSOAP100G", 14),
    Purchase("LS-4", "LKH", "HHYGSOAP200G", 28),
    Purchase("LS-5", "BDS", "HHYGSOAP200G", 20),
    Purchase("LS-6", "HLH", "HHYGSOAP200G", 9),
    Purchase("HP-1", "LKH", "KRELHYPA05P", 210),
    Purchase("HP-2", "BDS", "KRELHYPA05P", 160),
    Purchase("HP-3", "HLH", "KRELHYPA05P", 70),
    Purchase("BL-7", "LKH", "HSHEBLANPMT1", 32),
    Purchase("BL-8", "HLH", "HSHEBLANPMT1", 20),
    Purchase("BL-9", "BDS", "HSHEBLANPMT1", 40),
    Purchase("BW-1", "HLH", "HSHEBLANWMT1", 10),
    Purchase("MT-6", "LKH", "HSHEMATTPLA1", 52),
    Purchase("MT-7", "BDS", "HSHEMATTPLA1", 36),
    Purchase("MT-8", "HLH", "HSHEMATTPLA1", 17),
    Purchase("MN-5", "LKH", "HSHEMNETRL", 12),
    Purchase("MN-6", "BDS", "HSHEMNETRL", 9),
    Purchase("TP-31", "LKH", "HSHETARPW406", 82),
    Purchase("TP-32", "BDS", "HSHETARPW406", 84),
    Purchase("TP-33", "HLH", "HSHETARPW406", 34),
    Purchase("TK-7", "LKH", "KRELSHEK01", 190),
    Purchase("TK-8", "BDS", "KRELSHEK01", 130),
    Purchase("TK-9", "HLH", "KRELSHEK01", 50),
    Purchase("KS-3", "LKH", "KRELCOOSETA", 300),
    Purchase("KS-4", "BDS", "KRELCOOSETA", 230),
    Purchase("KS-5", "HLH", "KRELCOOSETA", 100),
    Purchase("JC-40", "LKH", "HCONJCANPF10", 14),
    Purchase("JC-41", "BDS", "HCONJCANPF10", 11),
    Purchase("JC-42", "HLH", "HCONJCANPF10", 5),
    Purchase("BU-2", "LKH", "HCONBUCKP14L", 62),
    Purchase("BU-3", "BDS", "HCONBUCKP14L", 48),
    Purchase("BU-4", "HLH", "HCONBUCKP14L", 20),
    Purchase("TPR-1", "HLH", "HHYGTOILPAPR", 20),
    Purchase("SO-6", "LKH", "EELESOLABPK4", 18),
    Purchase("SQ-1", "BDS", "WSANSQPL001", 30),
)


def give(stage: Stage) -> None:
    """Let donors promise and goods come in, as they would over a month."""
    appeals: dict[str, int] = {}
    for title, text, wanted in APPEALS:
        appeal_id = _appeal(stage, title, text, wanted)
        appeals |= {code: appeal_id for code, _ in wanted}
    for promise in PROMISES:
        _keep_promise(stage, promise, appeals.get(promise.item))
    for purchase in PURCHASES:
        stage.do(STOREKEEPER, partial(_arrival, stage, purchase), receive_goods)


APPEALS: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...] = (
    (
        "Dry and warm before the rains",
        "Tarpaulins and blankets for families who sleep on bare ground.",
        (("HSHEBLANPMT1", 3_000), ("HSHETARPW406", 1_500)),
    ),
    (
        "Clean hands, clean water",
        "Soap and jerrycans; every site is short of both.",
        (("HHYGSOAP100G", 12_000), ("HHYGSOAP200G", 4_000), ("HCONJCANPF10", 2_000)),
    ),
)


def _appeal(stage: Stage, title: str, text: str, wanted: tuple[tuple[str, int], ...]) -> int:
    def make(id_: str) -> OpenAppeal:
        return OpenAppeal(
            command_id=id_,
            organisation_id=stage.organisation(cast.LEAD),
            title=title,
            text=text,
            wanted=tuple(
                Wanted(item_id=stage.item(code).id, quantity=quantity) for code, quantity in wanted
            ),
            opens_on=stage.day(-30),
            closes_on=stage.day(45),
        )

    return int(stage.do(PLANNER, make, open_appeal)["appeal_id"])


def _keep_promise(stage: Stage, promise: Promise, appeal_id: int | None) -> None:
    """Record the promise, confirm it, take in what came of it, or end it."""
    reference = stage.do(PLANNER, partial(_pledge, stage, promise, appeal_id), record_pledge)[
        "reference"
    ]
    if promise.confirmed and not promise.came and not promise.ended:
        stage.do(
            PLANNER,
            lambda id_: ConfirmPledge(command_id=id_, reference=reference),
            confirm_pledge,
        )
    if promise.came:
        stage.do(STOREKEEPER, partial(_delivery, stage, promise, reference), receive_goods)
    if promise.ended:
        stage.do(
            PLANNER,
            lambda id_: EndPledge(command_id=id_, reference=reference, why=promise.ended),
            end_pledge,
        )


def _pledge(stage: Stage, promise: Promise, appeal_id: int | None, id_: str) -> RecordPledge:
    return RecordPledge(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        item_id=stage.item(promise.item).id,
        quantity=promise.packs * stage.pack(promise.item).size,
        token_hash=hashlib.sha256(new_id().encode()).hexdigest(),
        donor_name="" if promise.account else promise.donor,
        donor_id=stage.person("hope") if promise.account else None,
        appeal_id=appeal_id,
        earmarks=(stage.place(promise.earmark),) if promise.earmark else (),
        collection_id=stage.place("CP1"),
        expected_on=stage.day(promise.expected) if promise.expected >= 0 else None,
    )


def _delivery(stage: Stage, promise: Promise, reference: str, id_: str) -> ReceiveGoods:
    pledge = stage.session.scalars(select(Pledge).where(Pledge.reference == reference)).one()
    return ReceiveGoods(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        warehouse_id=stage.place(promise.warehouse),
        lines=(
            _line(
                stage,
                item=promise.item,
                lot="",
                packs=promise.came,
                torn=promise.torn,
                expires=promise.expires,
            ),
        ),
        arrived_at=stage.moment(-promise.days_ago, -3),
        pledge_id=pledge.id,
    )


def _arrival(stage: Stage, purchase: Purchase, id_: str) -> ReceiveGoods:
    return ReceiveGoods(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        warehouse_id=stage.place(purchase.warehouse),
        lines=(
            _line(
                stage,
                item=purchase.item,
                lot=purchase.lot,
                packs=purchase.packs,
                torn=purchase.torn,
                expires=purchase.expires,
            ),
        ),
        arrived_at=stage.moment(-purchase.days_ago, -2),
        received_from=purchase.source,
    )


def _line(stage: Stage, **of: Any) -> CountedLine:
    pack = stage.pack(of["item"])
    return CountedLine(
        item_id=pack.item_id,
        lot_number=of["lot"],
        expires_on=None if of["expires"] is None else stage.day(of["expires"]),
        pack_kind=pack.kind,
        pack_size=pack.size,
        declared=of["packs"] * pack.size,
        good=(of["packs"] - of["torn"]) * pack.size,
        damaged=of["torn"] * pack.size,
        reason="Torn and wet on arrival" if of["torn"] else "",
    )
