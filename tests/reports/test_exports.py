"""Lists as files: what they hold, what they never hold, and how they are read back."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest

from aidlog.cli.export import NAMES
from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.reports.exports.flat_file import Head, write_file
from aidlog.reports.exports.kinds import KINDS, Asked, everything, file_name
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
    return Asked(session=session, actor=actor, language="en", say=str, now=NOW, narrowed=narrowed)


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


@pytest.mark.parametrize("live", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_field_of_a_csv_is_a_formula(tmp_path, live):
    path = tmp_path / "stock.csv"
    write_file(path, HEAD, [[live, 3], ["Blanket", -4]])
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
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
