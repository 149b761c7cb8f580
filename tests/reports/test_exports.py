"""Lists as files: what they hold, what they never hold, and how they are read back."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest

from aidlog.cli.export import NAMES
from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.reports.exports.flat_file import Head, write_file
from aidlog.reports.exports.kinds import KINDS, everything, file_name
from aidlog.reports.exports.rows import Asked
from aidlog.reports.words import speaker
from tests.dispatch.chain import make_ends, prepare, send
from tests.factories import (
    make_actor,
    make_count,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_pledge,
    make_standard,
    make_warehouse,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEAD = Head(
    title="Stock, 2026-11-24. Class: high", headings=["Item", "On hand"], tags=["#item", "#value"]
)
ODD = "=cmd|'/C calc'!A0"


def asked(session, actor, **narrowed):
    given = {
        name: (value,) if isinstance(value, str) else value for name, value in narrowed.items()
    }
    return Asked(
        session=session, actor=actor, language="en", say=speaker("en"), now=NOW, narrowed=given
    )


def rows_of(session, kind, actor, **narrowed):
    return list(KINDS[kind].rows(asked(session, actor, **narrowed)))


def test_a_workbook_reads_back_as_it_was_written(tmp_path):
    path = tmp_path / "stock.xlsx"
    rows = [[ODD, 12], ["Blanket & <mat>", None], ["  spaced ", 10**15], [date(2027, 3, 1), -5]]
    assert write_file(path, HEAD, rows) == 4
    sheet = openpyxl.load_workbook(path).active
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[:3] == [
        ["Stock, 2026-11-24. Class: high", None],
        ["Item", "On hand"],
        ["#item", "#value"],
    ]
    assert found[3:6] == [[ODD, 12], ["Blanket & <mat>", None], ["  spaced ", 10**15]]
    assert found[6] == [datetime(2027, 3, 1), -5]  # noqa: DTZ001 - as openpyxl gives days
    assert sheet["A4"].data_type == "s"


def lines_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_moment_is_a_day_in_every_file(tmp_path):
    for ending in ("csv", "xlsx"):
        write_file(tmp_path / f"a.{ending}", HEAD, [["WB", NOW]])
    assert lines_of(tmp_path / "a.csv")[3] == ["WB", "2026-11-24"]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet["B4"].value == datetime(2026, 11, 24)  # noqa: DTZ001 - as openpyxl gives days


@pytest.mark.parametrize("live", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_field_of_a_csv_is_a_formula(tmp_path, live):
    path = tmp_path / "stock.csv"
    write_file(path, HEAD, [[live, 3], ["Blanket", -4]])
    lines = lines_of(path)
    assert lines[3:] == [[f"'{live}", "3"], ["Blanket", "-4"]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_has_a_cell_for_every_column(session, kind):
    with writing(session):
        item = make_item(session)
        site, store = make_place(session), make_warehouse(session)
        make_count(session, site)
        make_standard(session, item)
        make_lot(session, warehouse=store, item=item, expires_on=date(2027, 3, 1))
        make_pledge(session, item=item)
        send(session, prepare(session, make_ends(session), 20))
        actor = everything(session)
    rows = rows_of(session, kind, actor)
    assert rows
    assert {len(row) for row in rows} == {len(KINDS[kind].columns)}
    assert all(column.tag.startswith("#") for column in KINDS[kind].columns)


def test_the_command_line_offers_every_list():
    assert set(NAMES) == set(KINDS)


def test_a_file_says_its_class_in_its_header_and_its_name(session):
    head = KINDS["stock"].head(asked(session, everything(session)))
    assert head.title.startswith("Stock, 2026-11-24. Class: high.")
    assert file_name("stock", now=NOW, ending="csv") == "aidlog-stock-high-2026-11-24.csv"


def test_a_protected_site_stands_under_its_code(session):
    with writing(session):
        site = make_place(session, name="Hidden valley")
        make_count(session, site)
        planner = make_actor(session, Role.PLANNER)
    for kind in ("sites", "population"):
        (row,) = rows_of(session, kind, planner)
        assert row[:2] == [site.code, site.code]


def test_a_list_reaches_no_further_than_its_maker(session):
    with writing(session):
        store, elsewhere = make_warehouse(session), make_warehouse(session)
        make_lot(session, warehouse=store)
        other = make_organisation(session, code="OTH", name="Other hands")
        stranger = make_actor(session, Role.PLANNER, organisation=other)
        keeper = make_actor(session, Role.STOREKEEPER, place=elsewhere)
        own = make_actor(session, Role.STOREKEEPER, place=store)
    for kind in ("stock", "movements"):
        assert rows_of(session, kind, stranger) == []
        assert rows_of(session, kind, keeper) == []
        assert len(rows_of(session, kind, own)) == 1
        for narrowed_to in (store.code, elsewhere.code, "NOWHERE"):
            assert rows_of(session, kind, stranger, warehouse=narrowed_to) == []
            assert rows_of(session, kind, keeper, warehouse=narrowed_to) == []


def test_a_list_equals_the_screen_with_its_filters(session):
    with writing(session):
        store = make_warehouse(session, code="HUB")
        for number, days in enumerate((10, 400)):
            item = make_item(session, code=f"ITEM{number}", name=f"Item {number}")
            make_lot(
                session, warehouse=store, item=item, expires_on=NOW.date() + timedelta(days=days)
            )
        planner = make_actor(session, Role.PLANNER)
    assert [row[0] for row in rows_of(session, "stock", planner, q="item 1")] == ["ITEM1"]
    assert [row[0] for row in rows_of(session, "stock", planner, expires="30")] == ["ITEM0"]
    assert len(rows_of(session, "stock", planner, warehouse="HUB")) == 2
    assert [row[0] for row in rows_of(session, "items", planner, q="item 1")] == ["ITEM1"]
    assert len(rows_of(session, "items", planner)) == 2
    assert rows_of(session, "items", planner, category="nowhere") == []


def test_needs_are_those_of_the_days_zones_sites_and_items_of_the_board(session):
    with writing(session):
        for number in range(2):
            site = make_place(session, code=f"S{number}", area=f"Zone {number}")
            make_count(session, site, people=100)
            item = make_item(session, code=f"ITEM{number}")
            make_standard(session, item, quantity=5, recurs_days=1)
        planner = make_actor(session, Role.PLANNER)
    days = {"starts_on": "2026-12-01", "ends_on": "2026-12-02"}

    def found(**narrowed):
        return [(row[2], row[7], row[10]) for row in rows_of(session, "needs", planner, **narrowed)]

    assert len(found()) == 4
    assert found()[0] == ("S0", "ITEM0", 100 * 5 * 30)
    assert found(area="Zone 1", item=("ITEM1",), **days) == [("S1", "ITEM1", 100 * 5 * 2)]
    assert found(site=("S0", "S1"), item="ITEM0") == [
        (site, "ITEM0", 100 * 5 * 30) for site in ("S0", "S1")
    ]
    assert rows_of(session, "needs", planner, **days)[0][:2] == [
        date(2026, 12, 1), date(2026, 12, 2),
    ]  # fmt: skip


def test_sites_are_found_as_in_the_list_of_places(session):
    with writing(session):
        for code in ("S01", "S02"):
            make_place(session, code=code)
        planner = make_actor(session, Role.PLANNER)
    assert [row[0] for row in rows_of(session, "sites", planner, q="s02")] == ["S02"]
    assert [row[0] for row in rows_of(session, "sites", planner)] == ["S01", "S02"]


def test_the_first_expiry_is_there_however_far_it_is(session):
    far = NOW.date() + timedelta(days=5_000)
    with writing(session):
        make_lot(session, warehouse=make_warehouse(session), expires_on=far)
        planner = make_actor(session, Role.PLANNER)
    assert [row[-1] for row in rows_of(session, "stock", planner)] == [far]


def test_kinds_and_states_are_said_in_the_language_of_the_file(session):
    with writing(session):
        item, site = make_item(session), make_place(session)
        make_count(session, site)
        make_lot(session, warehouse=make_warehouse(session), item=item)
        make_pledge(session, item=item)
        send(session, prepare(session, make_ends(session), 20))
        actor = everything(session)
    marked = replace(asked(session, actor), say=lambda message: f"<{message.template}>")
    for kind, place, words in (
        ("sites", 3, {"<Open>"}), ("population", 7, {"<Counted>"}), ("items", 6, {"<Piece>"}),
        ("stock", 2, {"<piece>"}), ("pledges", 9, {"<promised>"}),
        ("waybills", 1, {"<on the road>"}), ("movements", 3, {"<Received>", "<Sent to {place}>"}),
    ):  # fmt: skip
        said = {row[place] for row in KINDS[kind].rows(marked)}
        assert words <= said, (kind, said)


def test_a_catalogue_says_figures_as_its_import_reads_them(session):
    with writing(session):
        make_item(session, code="MAT", weight_mg=860_000, volume_mm3=3_000_000)
        planner = make_actor(session, Role.PLANNER)
    [row] = rows_of(session, "items", planner)
    assert row[6:10] == ["Piece", row[7], Decimal("0.86"), Decimal(3)]
