"""The Options sheet of the problem workbook: its settings, and the words on it."""

from __future__ import annotations

from dataclasses import dataclass

from aidlog.core.text import N_
from aidlog.reports.problem_sheets import Kind


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the Options sheet."""

    field: str
    label: str
    kind: Kind
    note: str
    choices: tuple[tuple[str, str], ...] = ()


OPTIONS_TITLE = N_("Options")
OPTIONS_PURPOSE = N_("How the plan is made. Write in the Value column.")
SETTING_HEADING = N_("Setting")
VALUE_HEADING = N_("Value")
NOTE_HEADING = N_("What it means")
README_TITLE = N_("Read me")

SETTINGS = (
    Setting("id", N_("Plan name"), Kind.TEXT, N_("Printed on every page.")),
    Setting("organisation", N_("Organisation"), Kind.TEXT, N_("Printed on every page.")),
    Setting(
        "starts_on",
        N_("First day of the plan"),
        Kind.DATE,
        N_("A date such as 2026-12-01. Expiry dates are counted from it."),
    ),
    Setting(
        "divisible",
        N_("Packs may be opened and split"),
        Kind.YES_NO,
        N_("No: whole packs leave the warehouse. Yes: any fraction may."),
    ),
    Setting(
        "tiers",
        N_("Priority tiers"),
        Kind.CHOICE,
        N_("One after the other: tier 1 is served as well as possible before tier 2."),
        choices=((N_("one after the other"), "lexicographic"), (N_("all together"), "pooled")),
    ),
    Setting(
        "periods",
        N_("Periods"),
        Kind.WHOLE,
        N_("1, or the number of weeks or months planned at once."),
    ),
    Setting(
        "period_days",
        N_("Days in a period"),
        Kind.WHOLE,
        N_("30 for a month, 7 for a week. Counts only with several periods."),
    ),
    Setting(
        "min_shelf_days_on_arrival",
        N_("Shelf days left on arrival"),
        Kind.WHOLE,
        N_("Food with fewer days left when it arrives is not sent. 0 if that is no matter."),
    ),
)
