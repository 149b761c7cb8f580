"""The distribution workbook: a plan as the papers that a logistician prints and works from.

It knows neither files nor the application: whoever has a problem, its result and the facts
of the header gets a workbook. The sheets are written in ``reports/distribution``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO

from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Result
from aidlog.core.text import N_, Message

Say = Callable[[Message], str]

#: The class of a plan: what goes where and when is high until it has arrived.
RESTRICTED = Message(N_("Restricted: for the staff of this operation only"))

#: With more sites than this the distribution sheets follow each other on one worksheet.
MOST_SITE_SHEETS = 150


@dataclass(frozen=True, slots=True)
class ShownItem:
    """How an item's quantities are shown.

    ``per`` base units make one shown ``unit`` (1,000 grams a kg). ``pack`` names the pack a
    storekeeper handles and ``pack_units`` its base units, where it differs from the
    smallest pack of the plan (a bale that may be opened).
    """

    unit: str = ""
    per: int = 1
    pack: str = ""
    pack_units: int | None = None


@dataclass(frozen=True, slots=True)
class CountFacts:
    """When the people of a site were counted, and by whom."""

    counted_on: date
    source: str


@dataclass(frozen=True, slots=True)
class StandardFacts:
    """By which rule needs of an item (its code) were worked out, and who says so."""

    item: str
    rule: str
    source: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What the workbook's header, footer and margins say about the plan.

    ``made_at`` is aware. ``standing`` says whether the plan is a draft or approved, by whom
    and when. ``complaints`` are the channels printed on every distribution sheet.
    ``decisions`` are those beyond the question, each with its reason, and ``steps`` who did
    what with the plan, each with a remark. ``counts`` say for each site when its people were
    counted and by whom, ``standards`` by which rules the needs were worked out.
    """

    title: str
    made_at: datetime
    organisation: str = ""
    reference: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    language: str = "en"
    sensitivity: Message = RESTRICTED
    standing: Message | None = None
    currency: str = ""
    complaints: str = ""
    warnings: tuple[Message, ...] = ()
    decisions: tuple[tuple[Message, str], ...] = ()
    steps: tuple[tuple[Message, str], ...] = ()
    counts: Mapping[str, CountFacts] = field(default_factory=dict)
    standards: tuple[StandardFacts, ...] = ()
    items: Mapping[str, ShownItem] = field(default_factory=dict)


def write_distribution_workbook(
    stream: IO[bytes], problem: Problem, result: Result, facts: PlanFacts, say: Say
) -> None:
    """Write the .xlsx workbook of a plan to ``stream``.

    Sheets: Summary, Per site, one pick list a warehouse, Waybills, one distribution sheet a
    site that gets something, Why this much, Decisions and overrides, Assumptions. Totals are
    formulas that carry their result. ``say`` translates; where its language is not English,
    headings stand in both. The same input gives the same bytes.
    """
    from aidlog.reports.distribution.book import Book
    from aidlog.reports.distribution.writing import write_sheets

    assert facts.made_at.tzinfo is not None, "a time without a zone says nothing elsewhere"
    book = Book(problem, result, facts, say)
    write_sheets(book)
    book.save(stream)
