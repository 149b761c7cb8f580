"""Problems small enough to answer by hand, and short ways to read a result."""

from __future__ import annotations

from aidlog.allocation.engine import Options, solve
from aidlog.allocation.problem import Item, Lot, Need, Problem, Route, Site, Warehouse
from aidlog.allocation.result import Result


def world(**changes: object) -> Problem:
    """Return two sites that need blankets from one warehouse; ``changes`` replace its parts."""
    parts: dict[str, object] = {
        "id": "two-sites",
        "items": (Item(id="blanket", pack_units=1, kg_per_pack=1.0, m3_per_pack=0.01),),
        "sites": (Site(id="A", population=100), Site(id="B", population=100)),
        "warehouses": (Warehouse(id="W"),),
        "lots": (Lot(id="L", warehouse="W", item="blanket", packs=60),),
        "needs": (
            Need(site="A", item="blanket", need_units=100),
            Need(site="B", item="blanket", need_units=50),
        ),
        "routes": (Route(warehouse="W", site="A"), Route(warehouse="W", site="B")),
    }
    return Problem(**(parts | changes))  # type: ignore[arg-type]


def answer(problem: Problem, **options: object) -> Result:
    """Solve without the extras that a test does not look at."""
    return solve(problem, Options(**({"explain": False, "compare": False} | options)))  # type: ignore[arg-type]


def packs(result: Result) -> dict[tuple[str, str], float]:
    return {(row.site, row.item): row.packs for row in result.needs}


def levels(result: Result) -> dict[tuple[str, str], float | None]:
    return {(row.site, row.item): row.level for row in result.needs}


def reason(result: Result, site: str, item: str = "blanket") -> str:
    return next(r.reason.code.value for r in result.needs if (r.site, r.item) == (site, item))
