"""The kinds of work there are, by the name that stands in the job's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.jobs import import_file, shopping_list, solve_case, solve_plan, take_out
from aidlog.jobs.work import Work


@dataclass(frozen=True, slots=True)
class Kind:
    """``run`` does the work and may be called again after a worker died in the middle of it.

    ``failed`` tells what waits for it, inside the transaction that ends the job.
    """

    run: Callable[[Work], Mapping[str, Any]]
    failed: Callable[[Session, str, Mapping[str, Any], Message], None]


KINDS: Mapping[str, Kind] = {
    "import_file": Kind(run=import_file.run, failed=import_file.failed),
    "solve_case": Kind(run=solve_case.run, failed=solve_case.failed),
    "shopping_list": Kind(run=shopping_list.run, failed=shopping_list.failed),
    "solve_plan": Kind(run=solve_plan.run, failed=solve_plan.failed),
    "take_out": Kind(run=take_out.run, failed=take_out.failed),
}


def kind_of(name: str) -> Kind:
    """Return the kind called ``name``; an unknown one is a fault of the program."""
    return KINDS[name]
