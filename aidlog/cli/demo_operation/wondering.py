"""What if: two cases beside the plan that is still open."""

from __future__ import annotations

from sqlalchemy import Engine

from aidlog.cli.demo_operation.stage import Stage
from aidlog.db.transaction import let_go
from aidlog.jobs.running import run_job
from aidlog.planning.case_words import CaseChange, What
from aidlog.planning.cases import MakeCase, make_case
from aidlog.settings import Settings

CASES = (
    ("More arrivals", (CaseChange(what=What.PEOPLE, number=10),)),
    (
        "The rains close the road",
        (CaseChange(what=What.CLOSE_ROAD, warehouse="LKH", site="S02"),),
    ),
)


def wonder(stage: Stage, engine: Engine, settings: Settings, planner: str, plan: str) -> None:
    """Make the cases and let the worker's own code work them out."""
    for title, changes in CASES:
        answer = stage.do(
            planner,
            lambda id_, t=title, c=changes: MakeCase(  # type: ignore[misc]
                command_id=id_, code=plan, title=t, changes=c
            ),
            make_case,
        )
        let_go(stage.session)
        run_job(engine, settings, answer["job"])
