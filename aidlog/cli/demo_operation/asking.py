"""Between the acts: sites ask for goods, a coordinator decides, a team assesses shelters."""

from __future__ import annotations

from functools import partial

from aidlog.cli.demo_operation.stage import Stage
from aidlog.needs.assessments import Found, RecordAssessment, record_assessment
from aidlog.needs.choosing import ChooseNeed, choose_need
from aidlog.needs.models import Confidence, Counts
from aidlog.needs.requisitions import (
    AskedFor,
    AskForGoods,
    DecideRequisition,
    LineDecision,
    ask_for_goods,
    decide_requisition,
)

PLANNER, APPROVER = "amina", "bosco"
BLANKETS, MATS, SOAP, TARPAULINS = "HSHEBLANPMT1", "HSHEMATTPLA1", "HHYGSOAP100G", "HSHETARPW406"


def ask_early(stage: Stage) -> None:
    """A request that is old by now; the trucks of earlier rounds have served part of it."""
    asked = {BLANKETS: 30, SOAP: 8}
    number = _asked(stage, "faida", "S03", asked, "Families came with nothing.", days=19, paper="")
    approved = {BLANKETS: 25, SOAP: 8}
    stage.do(APPROVER, partial(_decision, stage, number, asked, approved), decide_requisition)


def ask_late(stage: Stage) -> None:
    """One that waits for a decision, one from a paper, and an assessment that counts."""
    _asked(
        stage,
        "esther",
        "S01",
        {MATS: 6, BLANKETS: 2},
        "Water came into the tents.",
        days=0,
        paper="",
    )
    asked = {TARPAULINS: 12}
    paper = _asked(stage, PLANNER, "S08", asked, "Storm of last week.", days=4, paper="14/26")
    stage.do(APPROVER, partial(_decision, stage, paper, asked, asked), decide_requisition)
    stage.do(PLANNER, partial(_assessment, stage), record_assessment)
    stage.do(PLANNER, partial(_choice, stage), choose_need)


def _asked(  # noqa: PLR0913 - one row of the story
    stage: Stage,
    who: str,
    site: str,
    packs: dict[str, int],
    why: str,
    *,
    days: int,
    paper: str = "",
) -> str:
    def make(id_: str) -> AskForGoods:
        return AskForGoods(
            command_id=id_,
            site_id=stage.place(site),
            lines=tuple(
                AskedFor(item_id=stage.item(code).id, quantity=number * stage.pack(code).size)
                for code, number in packs.items()
            ),
            reason=why,
            needed_by=stage.day(14 - days),
            asked_on=stage.day(-days),
            asked_by="Site committee" if paper else "",
            paper=paper,
        )

    return str(stage.do(who, make, ask_for_goods)["requisition"])


def _decision(
    stage: Stage, number: str, asked: dict[str, int], packs: dict[str, int], id_: str
) -> DecideRequisition:
    return DecideRequisition(
        command_id=id_,
        number=number,
        lines=tuple(
            LineDecision(
                item_id=stage.item(code).id,
                approved=packs[code] * stage.pack(code).size,
                reason="" if packs[code] == asked[code] else "Other sites wait for some of them.",
            )
            for code in asked
        ),
    )


def _assessment(stage: Stage, id_: str) -> RecordAssessment:
    return RecordAssessment(
        command_id=id_,
        place_id=stage.place("S05"),
        assessed_on=stage.day(-6),
        valid_until=stage.day(45),
        source="Shelter team",
        method="Every shelter was looked at",
        confidence=Confidence.COUNTED,
        lines=(Found(item_id=stage.item(TARPAULINS).id, quantity=310),),
    )


def _choice(stage: Stage, id_: str) -> ChooseNeed:
    return ChooseNeed(
        command_id=id_,
        place_id=stage.place("S05"),
        item_ids=(stage.item(TARPAULINS).id,),
        counts=Counts.ASSESSED,
        reason="Half of the roofs are torn; the standard counts on whole ones.",
    )
