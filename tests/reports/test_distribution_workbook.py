"""The distribution workbook: its totals, its words, and what a printer makes of it."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.allocation.problem import Lock, Problem
from aidlog.allocation.result import (
    Act,
    Change,
    Price,
    PriceKind,
    Reason,
    ReasonCode,
    Result,
    Shipment,
)
from aidlog.core.text import Message
from aidlog.reports.cells import read_cells
from aidlog.reports.distribution.book import Book
from aidlog.reports.distribution.site_sheet import write_site_sheets
from aidlog.reports.distribution_workbook import (
    PlanFacts,
    ShownItem,
    write_distribution_workbook,
)


def written(problem: Problem, result: Result, facts: PlanFacts, say=str) -> bytes:
    stream = io.BytesIO()
    write_distribution_workbook(stream, problem, result, facts, say)
    return stream.getvalue()


@pytest.fixture(scope="module")
def data(problem: Problem, result: Result, facts: PlanFacts) -> bytes:
    return written(problem, result, facts)


@pytest.fixture(scope="module")
def loaded(data: bytes) -> openpyxl.Workbook:
    """The workbook with its formulas and page set-up; slow to load, so loaded once."""
    return openpyxl.load_workbook(io.BytesIO(data))


def value_of(sheet: Worksheet, formula: str) -> float:
    """Work out a formula of ours: sums of a range, half of one, and sums of single cells."""
    if formula.endswith("/2"):
        return value_of(sheet, formula.removesuffix("/2")) / 2
    found = re.fullmatch(r"=SUM\(([A-Z]+)(\d+):\1(\d+)\)", formula)
    if found:
        cells = [f"{found[1]}{row}" for row in range(int(found[2]), int(found[3]) + 1)]
    else:
        assert re.fullmatch(r"=[A-Z]+\d+(\+[A-Z]+\d+)*", formula), formula
        cells = formula[1:].split("+")
    numbers = [sheet[cell].value for cell in cells]
    return sum(
        value_of(sheet, n) if isinstance(n, str) and n.startswith("=") else n
        for n in numbers
        if isinstance(n, (int, float)) or (isinstance(n, str) and n.startswith("="))
    )


class Shown:
    """What a reader that works nothing out shows: our own, which is fast."""

    def __init__(self, data: bytes) -> None:
        self.sheets = {sheet.name: sheet.rows for sheet in read_cells(data)}

    @property
    def titles(self) -> list[str]:
        return list(self.sheets)

    @property
    def picks(self) -> list[tuple[tuple[object, ...], ...]]:
        return [rows for name, rows in self.sheets.items() if name.startswith("Pick ")]

    @property
    def text(self) -> str:
        cells = (cell for rows in self.sheets.values() for row in rows for cell in row)
        return "\n".join(str(cell) for cell in cells if cell != "")

    def row(self, sheet: str, *, column: int, begins: str) -> tuple[object, ...]:
        return next(row for row in self.sheets[sheet] if str(row[column]).startswith(begins))


def test_the_sheets_stand_in_the_order_of_the_work(data: bytes) -> None:
    assert Shown(data).titles == [
        "Summary", "Per site", "Pick Hill warehouse", "Pick Lake warehouse", "Waybills", "Furaha",
        "Imani", "Kivuli", "Neema", "Site 08", "Subira", "Tumaini", "Umoja", "Why this much",
        "Decisions and overrides", "Assumptions",
    ]  # fmt: skip


def test_every_total_is_a_formula_that_carries_its_own_result(
    loaded: openpyxl.Workbook, data: bytes
) -> None:
    shown = Shown(data)
    checked = 0
    for sheet in loaded.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    carried = shown.sheets[sheet.title][cell.row - 1][cell.column - 1]
                    assert carried == pytest.approx(value_of(sheet, cell.value)), (
                        f"{sheet.title} {cell.coordinate} {cell.value}"
                    )
                    checked += 1
    assert checked > 50


def test_totals_equal_what_the_plan_sends(data: bytes, result: Result) -> None:
    shown = Shown(data)
    packs = sum(shipment.packs for shipment in result.shipments)
    kg = sum(shipment.kg or 0 for shipment in result.shipments)
    last = shown.sheets["Per site"][-1]
    assert (last[5], last[9]) == (packs, pytest.approx(kg))
    leaving = [row for rows in shown.picks for row in rows if row[1] == "Leaves the warehouse"]
    assert sum(row[5] for row in leaving) == packs
    assert sum(row[7] for row in leaving) == pytest.approx(kg)
    names = ("Furaha", "Imani", "Kivuli", "Neema", "Site 08", "Subira", "Tumaini", "Umoja")
    totals = [shown.row(name, column=0, begins="Total") for name in names]
    assert sum(row[2] for row in totals) == packs
    assert sum(row[5] for row in totals) == pytest.approx(kg)


def test_the_loads_of_a_pick_list_equal_its_lines(data: bytes) -> None:
    for rows in Shown(data).picks:
        leaving = next(row for row in rows if row[1] == "Leaves the warehouse")
        loaded = next(row for row in rows if row[1] == "Total")
        assert loaded[5] == leaving[5]
        assert loaded[7] == pytest.approx(leaving[7])


def test_loads_are_by_warehouse_and_site_and_add_up_to_the_plan(
    data: bytes, result: Result
) -> None:
    rows = Shown(data).sheets["Waybills"]
    loads = [row for row in rows if str(row[0]).startswith("Load ") and "→" in str(row[0])]
    assert len(loads) == len({(s.warehouse, s.site) for s in result.shipments})
    packs = sum(shipment.packs for shipment in result.shipments)
    assert sum(row[6] for row in loads) == packs
    assert (rows[-1][0], rows[-1][6]) == ("Total", packs)
    assert rows[-1][9] == pytest.approx(sum(shipment.kg or 0 for shipment in result.shipments))


def test_every_decision_stands_with_its_reason_and_who_pays_for_it(
    data: bytes, result: Result, problem: Problem
) -> None:
    rows = Shown(data).sheets["Decisions and overrides"]
    said = {row[1]: row for row in rows}
    for lock in problem.locks:
        assert any(row[2] == lock.reason for row in rows), lock
    promised = [need for need in problem.needs if need.min_fraction]
    assert len([row for row in rows if row[0] == "Promised share"]) == len(promised)
    assert "New arrivals in November, no harvest of their own" in {row[2] for row in rows}
    costs = {row[3] for row in said.values()} | {row[3] for row in rows}
    assert {str(price.message) for price in result.prices} <= costs


def test_two_lots_fixed_alike_stand_beside_their_own_prices(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    lots = [lot.id for lot in problem.lots[:2]]
    locks = tuple(Lock(site="T1", lot=lot, packs=2, reason=f"why {lot}") for lot in lots)
    prices = tuple(
        Price(
            kind=PriceKind.LOCK,
            change=Change(act=Act.DROP_LOCK, site="T1", lot=lot, packs=2, sense=lock.sense),
            message=Message("cost of {lot}", {"lot": lot}),
            worth={},
            harmed=(),
            needs_harmed=0,
            needs_helped=0,
        )
        for lot, lock in zip(lots, locks, strict=True)
    )
    made = written(replace(problem, locks=locks), replace(result, prices=prices), facts)
    rows = Shown(made).sheets["Decisions and overrides"]
    beside = {row[2]: row[3] for row in rows if str(row[2]).startswith("why ")}
    assert beside == {f"why {lot}": f"cost of {lot}" for lot in lots}


def test_lots_are_picked_first_expired_first_and_only_what_they_hold(
    data: bytes, problem: Problem
) -> None:
    held = {lot.id: lot for lot in problem.lots}
    for rows in Shown(data).picks:
        lines = [row for row in rows[4:] if row[2] and row[4] and isinstance(row[5], float)]
        lots = [str(row[2]).splitlines()[0] for row in lines]
        by_item: dict[str, list[int]] = {}
        for lot in dict.fromkeys(lots):
            by_item.setdefault(held[lot].item, []).append(held[lot].expiry_day or 10**6)
        assert by_item
        assert all(days == sorted(days) for days in by_item.values())
        for lot in set(lots):
            taken = sum(row[5] for row, code in zip(lines, lots, strict=True) if code == lot)
            assert taken <= held[lot].packs


def test_a_name_that_begins_with_a_sign_stays_text(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    sites = tuple(
        replace(site, name="=cmd|'/c calc'!A1") if site.id == "T1" else site
        for site in problem.sites
    )
    data = written(replace(problem, sites=sites), result, facts)
    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    named = [cell for cell in cells if str(cell.value).startswith("=cmd")]
    assert named
    assert {cell.data_type for cell in named} == {"s"}
    formulas = [cell for cell in cells if cell.data_type == "f"]
    assert all(re.match(r"=(SUM\(|[A-Z]+\d)", cell.value) for cell in formulas)


def test_sheet_titles_are_legal_and_unique_whatever_sites_are_called(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    names = ["Summary", "summary", "A/B: [north]?*", "'quoted'", "History", "x" * 60, "x" * 60, ""]
    sites = tuple(replace(site, name=name) for site, name in zip(problem.sites, names, strict=True))
    titles = Shown(written(replace(problem, sites=sites), result, facts)).titles
    assert len({title.casefold() for title in titles}) == len(titles)
    for title in titles:
        assert 0 < len(title) <= 31
        assert not re.search(r"[\[\]:*?/\\]", title)
        assert not title.startswith("'")
        assert not title.endswith("'")
        assert title.casefold() != "history"


def test_no_control_character_breaks_the_file(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    items = tuple(replace(item, name=f"{item.name}\x00\x0b\x1f") for item in problem.items)
    data = written(replace(problem, items=items), result, facts)
    assert "Maize meal" in Shown(data).text


def test_headings_stand_in_both_languages(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    french = {"Packs": "Colis", "Site": "Site", "Lot": "Lot", "For site": "Pour le site",
              "Summary": "Résumé"}  # fmt: skip

    def say(message: Message) -> str:
        return str(
            dataclasses.replace(message, template=french.get(message.template, message.template))
        )

    shown = Shown(written(problem, result, replace(facts, language="fr"), say))
    assert shown.titles[0] == "Résumé"
    head = shown.sheets["Pick Hill warehouse"][3]
    assert "Colis\nPacks" in head
    assert "Pour le site\nFor site" in head
    assert "Lot" in head


def test_the_same_plan_gives_the_same_bytes(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    assert written(problem, result, facts) == written(problem, result, facts)


def test_every_page_carries_the_class_of_the_plan_and_repeats_its_headings(
    loaded: openpyxl.Workbook,
) -> None:
    workbook = loaded
    assert workbook.properties.category == "Restricted: for the staff of this operation only"
    for sheet in workbook.worksheets:
        assert "Restricted" in sheet.oddHeader.right.text
        assert sheet.page_setup.paperSize in {"9", 9}
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area
    for name in ("Per site", "Pick Hill warehouse", "Why this much"):
        assert workbook[name].print_title_rows == "$4:$4"
        assert workbook[name].freeze_panes


def test_an_unknown_weight_is_said_and_never_shown_as_zero(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    items = tuple(
        replace(item, kg_per_pack=None) if item.id == "SOAP" else item for item in problem.items
    )
    shipments = tuple(
        replace(shipment, kg=None) if shipment.item == "SOAP" else shipment
        for shipment in result.shipments
    )
    shown = Shown(
        written(replace(problem, items=items), replace(result, shipments=shipments), facts)
    )
    name = "Laundry soap, 200 g bar"
    assert {row[9] for row in shown.sheets["Per site"] if row[1] == name} == {"unknown"}
    assert f"The weight of {name} is unknown" in shown.text


def test_a_need_that_gets_nothing_is_listed_with_its_reason(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    reason = Reason(code=ReasonCode.NO_ROAD, message=Message("No open road leads there."))
    needs = tuple(
        replace(n, units=0, packs=0, level=None, pack_level=None, covered_after=0.0, reason=reason)
        if (n.site, n.item) == ("S7", "OIL") else n
        for n in result.needs
    )  # fmt: skip
    said = Shown(written(problem, replace(result, needs=needs), facts)).text
    assert "• Subira, Vegetable oil, 1 L bottle: nothing is sent. No open road leads there." in said


def test_food_that_stays_and_expires_is_listed(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    shipments = tuple(s for s in result.shipments if s.lot != "L-102")
    said = Shown(written(problem, replace(result, shipments=shipments), facts)).text
    assert (
        "• Lot L-102, Maize meal in Lake warehouse: 260 packs stay and expire on 2026-12-14."
        in said
    )


def test_what_is_not_fully_covered_never_reads_100_percent(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    needs = tuple(replace(n, covered_after=0.9996, level=0.9996) for n in result.needs)
    shown = Shown(written(problem, replace(result, needs=needs), facts))
    assert {row[8] for row in shown.sheets["Per site"][4:-1]} == {0.99}


def test_base_units_are_shown_as_people_count_them(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    units = {
        "MAIZE": ShownItem("t", per=1000),
        "BLANKET": ShownItem("pc", pack="bale", pack_units=10),
    }
    shown = Shown(written(problem, result, replace(facts, items=units)))
    maize = shown.row("Per site", column=0, begins="Furaha")
    assert maize[1:4] == ("Maize meal", "t", 35.4)
    blanket = shown.row("Furaha", column=0, begins="Blanket")
    assert blanket[0].endswith("10 pc a pack")
    assert blanket[2] * 10 == blanket[4]


def test_opened_packs_are_full_packs_and_loose_units(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    shipments = tuple(
        replace(s, packs=2.4, units=72.0) if (s.site, s.item) == ("F5", "BLANKET") else s
        for s in result.shipments
    )
    shown = Shown(
        written(replace(problem, divisible=True), replace(result, shipments=shipments), facts)
    )
    blanket = shown.row("Furaha", column=0, begins="Blanket")
    assert (blanket[2], blanket[3], blanket[4]) == (2, 12, 72)


def test_goods_locked_for_a_site_without_a_need_stand_on_its_sheet(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    needs = tuple(n for n in problem.needs if (n.site, n.item) != ("U4", "SOAP"))
    outcomes = tuple(n for n in result.needs if (n.site, n.item) != ("U4", "SOAP"))
    shown = Shown(written(replace(problem, needs=needs), replace(result, needs=outcomes), facts))
    soap = [row for row in shown.sheets["Umoja"] if str(row[0]).startswith("Laundry soap")]
    assert len(soap) == 2
    assert soap[0][2] > 0


def test_several_periods_are_told_apart(problem: Problem, result: Result, facts: PlanFacts) -> None:
    later = tuple(replace(s, period=2 if n % 2 else 1) for n, s in enumerate(result.shipments))
    shown = Shown(written(replace(problem, periods=2), replace(result, shipments=later), facts))
    rows = shown.sheets["Pick Hill warehouse"]
    assert rows[3][5] == "Period"
    assert {row[5] for row in rows[4:] if isinstance(row[5], float)} == {1, 2}
    leaving = next(row for row in rows if row[1] == "Leaves the warehouse")
    loaded = next(row for row in rows if row[1] == "Total")
    assert leaving[6] == loaded[6]
    assert "period 2" in shown.text


def test_an_empty_plan_is_still_a_workbook(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    nothing = replace(result, shipments=(), limits=(), certificate=(), needs=tuple(
        replace(n, units=0, packs=0, covered_after=n.covered_before) for n in result.needs
    ))  # fmt: skip
    shown = Shown(written(problem, nothing, facts))
    assert shown.titles == [
        "Summary", "Per site", "Why this much", "Decisions and overrides", "Assumptions",
    ]  # fmt: skip


def test_very_many_sites_share_one_worksheet_with_page_breaks(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    book = Book(problem, result, facts, str)
    write_site_sheets(book, most_sheets=3)
    stream = io.BytesIO()
    book.save(stream)
    (sheet,) = openpyxl.load_workbook(stream).worksheets
    assert sheet.title == "Distribution sheets"
    heads = [row[0] for row in sheet.iter_rows(values_only=True)
             if str(row[0]).startswith("Distribution sheet:")]  # fmt: skip
    assert len(heads) == len(book.view.receiving_sites())
    assert len(sheet.row_breaks.brk) == len(heads)


def test_more_items_than_a_page_holds_go_on_a_second_signing_list(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    extra = tuple(replace(problem.items[0], id=f"X{n}", name=f"Extra {n}") for n in range(8))
    lots = tuple(replace(problem.lots[0], id=f"LX{n}", item=f"X{n}") for n in range(8))
    shipments = tuple(
        Shipment(lot=f"LX{n}", warehouse="LAKE", site="T1", item=f"X{n}", period=1, packs=1,
                 units=25, kg=25.2, m3=0.05)
        for n in range(8)
    )  # fmt: skip
    wide = replace(problem, items=problem.items + extra, lots=problem.lots + lots)
    data = written(wide, replace(result, shipments=result.shipments + shipments), facts)
    rows = Shown(data).sheets["Tumaini"]
    lists = [row for row in rows if str(row[0]).startswith("Signing list:")]
    assert len(lists) == 3
    begins = {row: str(cells[0]) for row, cells in enumerate(rows, start=1)}
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Tumaini"]
    pages = [begins[brk.id + 1] or begins[brk.id + 2] for brk in sheet.row_breaks.brk]
    assert pages[0].startswith("After the distribution:"), "it stays with who signs it"
    assert all(page.startswith("Signing list:") for page in pages[1:])
    assert len(pages) == 4


def parts_of(data: bytes, title: str) -> str:
    """The XML of one sheet, as a spreadsheet program parses it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        number = [*Shown(data).sheets].index(title) + 1
        return archive.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_a_site_costs_few_cells_and_fewer_merged_ranges(data: bytes) -> None:
    """What a workbook takes to write, and to open on a phone, is its cells and its merges."""
    for site in ("Furaha", "Imani", "Kivuli", "Neema", "Site 08", "Subira", "Tumaini", "Umoja"):
        xml = parts_of(data, site)
        items = len([row for row in Shown(data).sheets[site] if str(row[0]).endswith("a pack")])
        assert items > 3
        assert xml.count("<c ") <= 12 * (2 * items + 12 + 23)
        assert xml.count("<mergeCell ") <= 2 * items + 26


def test_tables_have_no_merged_cells(data: bytes) -> None:
    assert "mergeCell" not in parts_of(data, "Per site")
    assert parts_of(data, "Pick Hill warehouse").count("<mergeCell ") == 3


def test_a_box_over_several_columns_is_drawn_around_cells_that_are_not_merged(
    loaded: openpyxl.Workbook,
) -> None:
    sheet = loaded["Furaha"]
    row = next(row for row in range(1, sheet.max_row) if sheet.cell(row, 1).value == "No.") + 1
    first, last = sheet.cell(row, 11), sheet.cell(row, 12)
    assert not any(cell.coordinate in sheet.merged_cells for cell in (first, last))
    sides = ("left", "top", "right", "bottom")
    drawn = [[side for side in sides if getattr(cell.border, side) and
              getattr(cell.border, side).style == "thin"] for cell in (first, last)]  # fmt: skip
    assert drawn == [["left", "top", "bottom"], ["top", "right", "bottom"]]


@pytest.mark.parametrize("number", range(1, 9))
def test_a_signing_list_has_a_box_for_every_item(
    problem: Problem, result: Result, facts: PlanFacts, number: int
) -> None:
    items = tuple(replace(problem.items[0], id=f"X{n}", name=f"Extra {n}") for n in range(number))
    lots = tuple(replace(problem.lots[0], id=f"LX{n}", item=f"X{n}") for n in range(number))
    shipments = tuple(
        Shipment(lot=f"LX{n}", warehouse="LAKE", site="T1", item=f"X{n}", period=1, packs=1,
                 units=25, kg=25.2, m3=0.05)
        for n in range(number)
    )  # fmt: skip
    book = Book(
        replace(problem, items=problem.items + items, lots=problem.lots + lots),
        replace(result, shipments=shipments),
        facts,
        str,
    )
    write_site_sheets(book, most_sheets=3)
    stream = io.BytesIO()
    book.save(stream)
    rows = Shown(stream.getvalue()).sheets["Tumaini"]
    heads = [row for row in rows if row[0] == "No."]
    named = [cell for row in heads for cell in row if str(cell).startswith("Extra")]
    assert named == [f"Extra {n}" for n in range(number)]
    assert all(row[9] == "Who collects" for row in heads)


def test_a_sheet_says_how_far_it_reaches(data: bytes) -> None:
    """A reader that trusts the dimension must not stop at the first cell."""
    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    shown = Shown(data)
    for sheet in workbook.worksheets:
        assert sheet.max_row == len(shown.sheets[sheet.title])
        assert sheet.max_column >= max(map(len, shown.sheets[sheet.title]))


def test_signs_of_the_file_format_in_a_name_stay_text(
    problem: Problem, result: Result, facts: PlanFacts
) -> None:
    name = 'A & B <"old" camp> \ud800]]>'
    sites = tuple(replace(site, name=name) if site.id == "T1" else site for site in problem.sites)
    named = replace(facts, title=name, organisation=name)
    said = Shown(written(replace(problem, sites=sites), result, named)).text
    assert 'A & B <"old" camp> ]]>' in said


def test_our_own_reader_sees_the_totals_that_a_preview_shows(data: bytes) -> None:
    """A reader that works nothing out, as a phone's preview, must find no empty total."""
    sheets = {sheet.name: sheet for sheet in read_cells(data)}
    assert sheets["Per site"].formulas == 3
    assert all(not sheet.unsaved for sheet in sheets.values())
    assert sheets["Per site"].rows[-1][5] > 0


def test_the_workbook_says_what_it_was_made_from(
    data: bytes, result: Result, problem: Problem
) -> None:
    shown = Shown(data)
    assert result.problem_sha256 in shown.text
    for words in (
        "Cholera watch: promised to the health committee", "Ferry, 7 crossings of 5 t",
        "Sister city; only for Furaha, Subira", "Lowest first",
        "New arrivals in November, no harvest of their own",
    ):  # fmt: skip
        assert words in shown.text
    rows = shown.sheets["Assumptions"]
    start = next(n for n, row in enumerate(rows) if row[0] == "Needs")
    listed = [row for row in rows[start + 2 :] if row[0] != "Site"]  # headings of each page
    assert len(listed) == len(problem.needs)
