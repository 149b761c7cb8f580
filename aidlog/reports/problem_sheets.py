"""The problem workbook on one page: which sheets, which columns, what each cell may hold.

The template is written from this table and a filled workbook is read by it, so the two
cannot disagree. Field names are those of ``aidlog-problem/1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aidlog.core.text import N_


class Kind(StrEnum):
    """What a cell of a column holds, and so how it is read."""

    CODE = "code"
    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    SHARE = "share"
    YES_NO = "yes_no"
    DAY = "day"
    DATE = "date"
    CODES = "codes"
    ROUTES = "routes"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its JSON field, its heading in plain words and its rule.

    ``choices`` maps the words of a :attr:`Kind.CHOICE` cell to the JSON value. ``lists``
    names the sheet whose codes this column repeats, which gives the cell its drop-down.
    """

    field: str
    heading: str
    kind: Kind
    note: str
    required: bool = False
    width: int = 14
    choices: tuple[tuple[str, str], ...] = ()
    lists: str = ""


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One sheet: the problem's list it fills, its title and what it is for."""

    list_name: str
    title: str
    purpose: str
    columns: tuple[Column, ...]
    required: bool = True

    def column(self, field: str) -> Column | None:
        """Return the column of a JSON field, None where the sheet has none."""
        return next((column for column in self.columns if column.field == field), None)


# A table reads as a table: one column of a sheet in a line or two.
# fmt: off
ITEMS = SheetPlan(
    "items",
    N_("Items"),
    N_("What is distributed. One row an item."),
    (
        Column("id", N_("Item code"), Kind.CODE, N_("Your own code, used on the other sheets."),
               required=True, width=16),
        Column("name", N_("Name"), Kind.TEXT, N_("As it is to be printed."), width=28),
        Column("tier", N_("Priority tier"), Kind.WHOLE,
               N_("1 is served first, then 2, then 3. Empty means 1.")),
        Column("pack_units", N_("Units per pack"), Kind.WHOLE,
               N_("Units in the smallest pack that may leave the store; 1 if packs are opened."),
               required=True),
        Column("kg_per_pack", N_("kg per pack"), Kind.DECIMAL,
               N_("Gross weight of one pack. Leave empty if unknown; 0 is not unknown.")),
        Column("m3_per_pack", N_("m³ per pack"), Kind.DECIMAL,
               N_("Volume of one pack. Leave empty if unknown.")),
        Column("weight", N_("Priority weight"), Kind.DECIMAL,
               N_("Empty means 1. With 1.5 the item gets 1.5 times the coverage.")),
        Column("reason", N_("Reason for the weight"), Kind.TEXT,
               N_("Printed with the plan, so that the weight can be defended."), width=30),
    ),
)

SITES = SheetPlan(
    "sites",
    N_("Sites"),
    N_("Where help goes. One row a site. No coordinates: they are not needed here."),
    (
        Column("id", N_("Site code"), Kind.CODE, N_("Your own code, used on the other sheets."),
               required=True, width=14),
        Column("name", N_("Name"), Kind.TEXT,
               N_("As it is to be printed. Use a cover name for a protected site."), width=24),
        Column("population", N_("People"), Kind.WHOLE, N_("Latest count of people."),
               required=True),
        Column("households", N_("Households"), Kind.WHOLE,
               N_("Counted, not people divided by five. Empty if unknown.")),
        Column("weight", N_("Priority weight"), Kind.DECIMAL,
               N_("1 or more; empty means 1. With 1.5 the site gets 1.5 times the coverage.")),
        Column("reason", N_("Reason for the weight"), Kind.TEXT,
               N_("Printed with the plan, so that the weight can be defended."), width=34),
    ),
)

WAREHOUSES = SheetPlan(
    "warehouses",
    N_("Warehouses"),
    N_("Where the goods stand now."),
    (
        Column("id", N_("Warehouse code"), Kind.CODE,
               N_("Your own code, used on the other sheets."), required=True, width=18),
        Column("name", N_("Name"), Kind.TEXT, N_("As it is to be printed."), width=28),
    ),
)

STOCK = SheetPlan(
    "lots",
    N_("Stock"),
    N_("What may be sent. One row a lot: same warehouse, item, expiry and donor's wish."),
    (
        Column("id", N_("Lot code"), Kind.CODE, N_("Each lot has its own code."), required=True,
               width=16),
        Column("warehouse", N_("Warehouse code"), Kind.CODE, N_("From the Warehouses sheet."),
               required=True, lists="warehouses", width=16),
        Column("item", N_("Item code"), Kind.CODE, N_("From the Items sheet."), required=True,
               lists="items", width=16),
        Column("packs", N_("Packs"), Kind.WHOLE, N_("Whole packs, as on the Items sheet."),
               required=True),
        Column("expiry_day", N_("Expiry"), Kind.DAY,
               N_("A date such as 2026-12-31, or the day number of the plan. Empty if it keeps.")),
        Column("sites", N_("Only for sites"), Kind.CODES,
               N_("Site codes that the donor named, with ; between them. Empty: any site."),
               width=22),
        Column("available_period", N_("Available from period"), Kind.WHOLE,
               N_("1 is now. For goods still expected, the period in which they are here.")),
        Column("donor", N_("Donor"), Kind.TEXT, N_("Printed on the pick list."), width=22),
        Column("confidence", N_("Confidence"), Kind.SHARE,
               N_("For goods still expected, such as 80%. Empty means 100%.")),
        Column("unit_cost", N_("Price per pack"), Kind.DECIMAL,
               N_("Only for goods that would have to be bought; empty for goods you have.")),
    ),
)

NEEDS = SheetPlan(
    "needs",
    N_("Needs"),
    N_("What each site needs. One row a site and item."),
    (
        Column("site", N_("Site code"), Kind.CODE, N_("From the Sites sheet."), required=True,
               lists="sites", width=14),
        Column("item", N_("Item code"), Kind.CODE, N_("From the Items sheet."), required=True,
               lists="items", width=16),
        Column("need_units", N_("Needed units"), Kind.WHOLE,
               N_("The whole need in units, for example people × standard."), required=True),
        Column("held_units", N_("Already held units"), Kind.WHOLE,
               N_("At the site or on the way to it. Empty means none.")),
        Column("min_fraction", N_("Guaranteed share"), Kind.SHARE,
               N_("Reached before anything else, such as 20%. Empty means no guarantee.")),
        Column("carried", N_("Coverage of earlier rounds"), Kind.SHARE,
               N_("How far earlier rounds covered this need, such as 40%. Empty: not counted.")),
    ),
)

ROADS = SheetPlan(
    "routes",
    N_("Roads"),
    N_("Which warehouse can serve which site. A pair that is not listed is closed."),
    (
        Column("warehouse", N_("Warehouse code"), Kind.CODE, N_("From the Warehouses sheet."),
               required=True, lists="warehouses", width=16),
        Column("site", N_("Site code"), Kind.CODE, N_("From the Sites sheet."), required=True,
               lists="sites", width=14),
        Column("open", N_("Open"), Kind.YES_NO, N_("Yes or no. Empty means yes.")),
        Column("max_kg", N_("Most kg"), Kind.DECIMAL,
               N_("Trips × load of the truck, per period. Empty means no limit.")),
        Column("max_m3", N_("Most m³"), Kind.DECIMAL,
               N_("Trips × volume of the truck, per period. Empty means no limit.")),
        Column("travel_days", N_("Travel days"), Kind.WHOLE,
               N_("Days on the road; food must not expire before it arrives. Empty means 0.")),
        Column("cost_per_kg", N_("Cost per kg"), Kind.DECIMAL,
               N_("In one currency everywhere. Decides between roads, not who gets help.")),
        Column("open_from_period", N_("Open from period"), Kind.WHOLE, N_("Empty means 1.")),
    ),
)

SHARED_LIMITS = SheetPlan(
    "shared_limits",
    N_("Shared limits"),
    N_("One limit over many roads: a ferry, a border, a convoy, a gate, a budget."),
    (
        Column("id", N_("Limit code"), Kind.CODE, N_("Your own code."), required=True, width=16),
        Column("name", N_("Name"), Kind.TEXT, N_("As it is to be printed."), width=28),
        Column("over", N_("Over which roads"), Kind.ROUTES,
               N_("all, or warehouse codes, or pairs such as W1>S3, with ; between them."),
               required=True, width=34),
        Column("max_kg", N_("Most kg"), Kind.DECIMAL, N_("Empty means no limit.")),
        Column("max_m3", N_("Most m³"), Kind.DECIMAL, N_("Empty means no limit.")),
        Column("max_cost", N_("Most cost"), Kind.DECIMAL,
               N_("Transport and purchases together. Empty means no limit.")),
        Column("scope", N_("Holds"), Kind.CHOICE,
               N_("Per period, or over the whole plan. Empty means per period."), width=18,
               choices=((N_("per period"), "period"), (N_("whole plan"), "horizon"))),
    ),
    required=False,
)

LOCKS = SheetPlan(
    "locks",
    N_("Locks"),
    N_("Decisions that people have taken already. The plan works around them."),
    (
        Column("site", N_("Site code"), Kind.CODE, N_("From the Sites sheet."), required=True,
               lists="sites", width=14),
        Column("item", N_("Item code"), Kind.CODE, N_("Name the item, or the lot, not both."),
               lists="items", width=16),
        Column("lot", N_("Lot code"), Kind.CODE, N_("Name the lot, or the item, not both."),
               lists="lots", width=16),
        Column("packs", N_("Packs"), Kind.WHOLE, N_("Whole packs."), required=True),
        Column("sense", N_("How"), Kind.CHOICE, N_("Empty means exactly."), width=14,
               choices=((N_("exactly"), "exact"), (N_("at least"), "at_least"),
                        (N_("at most"), "at_most"))),
        Column("reason", N_("Reason"), Kind.TEXT, N_("Printed with the plan."), width=40),
    ),
    required=False,
)

# fmt: on

#: The lists in the order in which people fill them in.
SHEETS = (ITEMS, SITES, WAREHOUSES, STOCK, NEEDS, ROADS, SHARED_LIMITS, LOCKS)
