"""The signing list: a line a household, no names, and sums that close."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date

import pytest

from aidlog.core.quantity import BaseUnit
from aidlog.db.transaction import writing
from aidlog.dispatch.receipts import Counted
from aidlog.dispatch.story import story_of
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import Basis
from aidlog.needs.wording import ration
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from aidlog.reports.amounts import Tongue
from aidlog.reports.distribution_sheet import (
    CannotPrint,
    Wanted,
    sheet_of_site,
    sheet_of_waybill,
)
from aidlog.reports.distribution_sheet_pdf import (
    MOST_ITEMS,
    MOST_LINES,
    PER_PAGE,
    Sheet,
    SheetItem,
    distribution_sheet_pdf,
)
from tests.dispatch.chain import count, make_ends, prepare, send
from tests.factories import make_actor, make_count, make_standard

TONGUES = (Tongue("en", str), Tongue("fr", str))
WANTED = Wanted(held_on=date(2026, 12, 5), first=1, last=None, languages=("en", "fr"))
SHEET = Sheet(
    place="S07 · North zone",
    organisation="Karibu",
    papers=["WB-KRB-26-0017"],
    held_on=date(2026, 12, 5),
    households=48,
    people=203,
    counted_on=date(2026, 11, 2),
    first=1,
    last=48,
    items=[
        SheetItem(("Maize flour", "Maïs"), BaseUnit.GRAM, Due(Basis.PERSON, 12_000, 30), 5_000_000),
        SheetItem(("Kitchen set", "Jeu de cuisine"), BaseUnit.PIECE, Due(Basis.HOUSEHOLD, 1), 48),
        SheetItem(("Soap 250 g", "Savon 250 g"), BaseUnit.PIECE, None, None),
    ],
)  # fmt: skip


def words_of(pdf):
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine")
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode().rstrip("\f").split("\f")


def test_a_line_is_ruled_for_every_household_and_a_sum_follows():
    pages = words_of(distribution_sheet_pdf(SHEET, *TONGUES))
    lists = -(-48 // PER_PAGE)
    assert len(pages) == lists + 1
    numbered = [
        int(row.split()[0])
        for page in pages[:lists]
        for row in page.splitlines()
        if row.split()[1:] == ["1", "pc"]
    ]
    assert numbered == list(range(1, 49))
    assert f"Sheet {lists + 1} of {lists + 1}" in pages[-1]
    assert "= must be left" in pages[-1]


def test_what_a_household_is_due_stands_in_its_line_and_what_depends_on_people_in_the_head():
    page = words_of(distribution_sheet_pdf(SHEET, *TONGUES))[0]
    assert page.count("1 pc") == PER_PAGE + 1
    assert "12 kg/person" in page
    assert "in 30 d" in page


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("recurs_days", [None, 1, 30])
def test_every_standard_is_said_over_its_column(basis, recurs_days):
    per = 250 if basis is Basis.FACILITY else 1
    due = Due(basis, 7_000, recurs_days, per)
    sheet = replace(SHEET, items=[replace(SHEET.items[0], due=due)])
    page = words_of(distribution_sheet_pdf(sheet, *TONGUES))[0]
    said = ration(due, "7 kg")
    words = said.template.format(**said.values).split()
    assert [word for word in words if word not in page.split()] == []


def test_the_opening_stock_is_printed_and_an_unknown_one_is_left_to_write_in():
    last = words_of(distribution_sheet_pdf(SHEET, *TONGUES))[-1]
    assert "5,000 kg" in last
    assert "48 on 2026-11-02" in last
    [soap] = [row for row in last.splitlines() if "Soap 250 g" in row]
    assert soap.strip() == "Soap 250 g"


def test_every_page_says_that_aid_is_free_and_holds_no_names():
    for page in words_of(distribution_sheet_pdf(SHEET, *TONGUES)):
        assert "Aid is free" in page
        assert "No names on this sheet" in page


def test_more_items_than_fit_go_on_a_second_list_with_its_own_sum():
    many = [replace(SHEET.items[1], names=(f"Item {n}", f"Article {n}")) for n in range(8)]
    pages = words_of(distribution_sheet_pdf(replace(SHEET, items=many), *TONGUES))
    assert len(pages) == 2 * (-(-48 // PER_PAGE) + 1)
    assert all(any(f"Item {n}" in page for page in pages) for n in range(8))
    assert MOST_ITEMS < 8


@pytest.fixture
def trip(session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 200))
        trip.site.name, trip.site.area = "Secretname Valley", "North zone"
        make_count(session, trip.site, people=203, households=48)
        make_standard(
            session,
            session.get_one(Item, trip.lots[0].item_id),
            basis=Basis.HOUSEHOLD,
            quantity=4,
        )
    return trip


def test_a_waybills_list_opens_with_what_it_carries(session, trip):
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
    sheet = sheet_of_waybill(session, story_of(session, planner, trip.number), WANTED)
    [item] = sheet.items
    assert (item.opening, item.due) == (200, Due(Basis.HOUSEHOLD, 4))
    assert (sheet.first, sheet.last, sheet.households) == (1, 48, 48)
    assert sheet.place == f"{trip.site.code} · North zone"
    assert b"Secretname" not in distribution_sheet_pdf(sheet, *TONGUES)


def test_a_sites_list_opens_with_what_stands_there(session, trip):
    with pytest.raises(CannotPrint):
        sheet_of_site(session, trip.site, WANTED)
    with writing(session):
        count(session, trip, Counted(line=1, good=190, damaged=4, missing=6))
    [item] = sheet_of_site(session, trip.site, WANTED).items
    assert item.opening == 190


@pytest.mark.parametrize(("first", "last"), [(0, 10), (10, 9), (1, MOST_LINES + 1)])
def test_lines_that_make_no_sheet_are_refused(session, trip, first, last):
    with writing(session):
        count(session, trip, Counted(line=1, good=200))
    with pytest.raises(CannotPrint):
        sheet_of_site(session, trip.site, replace(WANTED, first=first, last=last))
