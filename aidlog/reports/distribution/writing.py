"""The sheets in the order in which a logistician turns to them."""

from __future__ import annotations

from aidlog.reports.distribution.assumptions import write_assumptions
from aidlog.reports.distribution.book import Book
from aidlog.reports.distribution.decisions import write_decisions
from aidlog.reports.distribution.per_site import write_per_site
from aidlog.reports.distribution.pick_list import write_pick_lists
from aidlog.reports.distribution.reasons import write_reasons
from aidlog.reports.distribution.site_sheet import write_site_sheets
from aidlog.reports.distribution.summary import write_summary
from aidlog.reports.distribution.waybills import write_waybills
from aidlog.reports.distribution_workbook import MOST_SITE_SHEETS


def write_sheets(book: Book) -> None:
    """Write every sheet: the decision, the work, the reasons, the figures behind it."""
    write_summary(book)
    write_per_site(book)
    write_pick_lists(book)
    write_waybills(book)
    write_site_sheets(book, MOST_SITE_SHEETS)
    write_reasons(book)
    write_decisions(book)
    write_assumptions(book)
