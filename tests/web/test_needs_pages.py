"""The needs board and the sites, through the client."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import event, select

from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.assessments import Found, RecordAssessment, record_assessment
from aidlog.needs.choosing import ChooseNeed, choose_need
from aidlog.needs.models import Basis, Confidence, Counts, PopulationCount
from aidlog.registry.models import Item, Organisation, Place
from aidlog.registry.roles import Role
from aidlog.web.filters import percent, quantity
from tests.factories import (
    command_id,
    make_actor,
    make_count,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_route,
    make_standard,
    make_warehouse,
)
from tests.planning.test_board import send
from tests.signing import sign_in

TODAY = datetime.now(UTC).date()


@pytest.fixture
def world(app):
    """Two sites, one protected and never asked for households; two items; goods about."""
    with app.app_context():
        with writing(db.session()) as session:
            hub = make_warehouse(session, code="HUB", name="Lake hub")
            open_site = make_place(session, code="S01", name="Kivuli", protected=False)
            hidden = make_place(session, code="S07", name="Hidden Valley", area="South")
            blanket = make_item(session, code="BLANKET", name="Blanket, medium")
            kitchen = make_item(session, code="KITCHEN", name="Kitchen set")
            make_count(session, open_site, people=100, households=20)
            make_count(session, hidden, people=60, households=None)
            make_standard(session, blanket)
            make_standard(session, kitchen, basis=Basis.HOUSEHOLD)
            make_route(session, hub, open_site, km=64)
            lot = make_lot(session, warehouse=hub, item=blanket, quantity=90)
            send(session, lot, hub, open_site, arrived=20, on_the_road=10)
            people = {
                role: make_person(session, role).id
                for role in (Role.PLANNER, Role.STOREKEEPER, Role.PROTECTION, Role.AUDITOR)
            }
            other = make_organisation(session, code="OTH", name="Other hands")
            make_place(session, code="X09", organisation=other)
            people["other"] = make_person(session, Role.PLANNER, organisation=other).id
        db.session.remove()
    return people


@pytest.fixture
def planner(app, world):
    return sign_in(app.test_client(), world[Role.PLANNER])


def counts(app):
    with app.app_context():
        rows = db.session.scalars(select(PopulationCount.people)).all()
        db.session.remove()
    return sorted(rows)


def test_the_board_shows_coverage_gap_and_what_is_not_known(planner):
    page = planner.get("/needs").text
    assert "<b>30%</b> <i>−70 pc</i>" in page
    assert "<b>?</b> <i>not known</i>" in page
    assert "Free in warehouses" in page


def test_a_protected_sites_name_is_nowhere_on_the_board_or_in_the_workbook(planner):
    for path in ("/needs", "/needs?cell=S07~BLANKET", "/sites", "/sites/S07", "/setup/places"):
        assert "Hidden Valley" not in planner.get(path).text, path
    book = openpyxl.load_workbook(io.BytesIO(planner.get("/needs.xlsx").data))
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "S07" in cells
    assert not any("Hidden" in cell for cell in cells)


def test_a_need_that_is_not_by_standards_is_marked_in_words_and_in_the_key(app, planner, world):
    assert "◆" not in planner.get("/needs").text
    with app.app_context():
        session = db.session()
        site = session.scalar(select(Place).where(Place.code == "S01"))
        item = session.scalar(select(Item).where(Item.code == "BLANKET"))
        with writing(session):
            actor = make_actor(session, Role.PLANNER)
            found = RecordAssessment(
                command_id=command_id(),
                place_id=site.id,
                assessed_on=TODAY,
                valid_until=None,
                source="Shelter team",
                method="Every shelter",
                confidence=Confidence.COUNTED,
                lines=(Found(item_id=item.id, quantity=60),),
            )
            once(session, actor, found, record_assessment)
            choice = ChooseNeed(
                command_id=command_id(),
                place_id=site.id,
                item_ids=(item.id,),
                counts=Counts.ASSESSED,
                reason="The team saw it",
            )
            once(session, actor, choice, choose_need)
        db.session.remove()
    page = planner.get("/needs").text
    assert (
        '<b><span aria-hidden="true">◆</span><span class="vh">Assessed</span> 50%</b>'
        " <i>−30 pc</i>" in page
    )
    assert page.count("◆") == 2  # the cell and the key
    assert "<span>◆ Assessed</span>" in page
    assert "▲" not in page
    book = openpyxl.load_workbook(io.BytesIO(planner.get("/needs.xlsx").data))
    assert "◆" not in str([[c.value for c in row] for sheet in book for row in sheet])


def test_a_cell_tells_how_its_number_is_made(planner):
    page = planner.get("/needs?cell=S01~BLANKET").text
    for words in ("100 people × 1 pc", "70 pc missing", "Lake hub", "64 km", "60 pc"):
        assert words in page
    assert "10 pc under other papers" in page  # it is on the road without a waybill here
    assert "/plans/new?starts_on=" in page


def test_a_need_that_is_not_known_says_what_has_to_be_counted(planner):
    page = planner.get("/needs?cell=S07~KITCHEN").text
    assert "Households were not counted here." in page


@pytest.mark.parametrize(
    "query",
    [
        "starts_on=tomorrow&ends_on=&sort=up&show=all&skip=-3&cell=nothing",
        "starts_on=2026-12-31&ends_on=2026-12-01",
        "starts_on=2020-01-01&ends_on=2090-01-01",
        "site=NOWHERE&item=NOTHING&area=Nirvana",
        "cell=S01~&skip=999",
        "skip=99999999999999999999",
    ],
)
def test_an_address_that_means_nothing_still_opens_the_board(planner, query):
    assert planner.get(f"/needs?{query}").status_code == 200


def test_the_view_is_kept_in_every_link(planner):
    page = planner.get(
        "/needs?starts_on=2026-12-01&ends_on=2026-12-30&area=South&item=BLANKET&sort=name&show=gap"
    ).text
    kept = "starts_on=2026-12-01&amp;ends_on=2026-12-30&amp;area=South&amp;item=BLANKET"
    assert f'href="/plans/new?{kept}' in page
    assert f'href="/needs.xlsx?{kept}&amp;sort=name&amp;show=gap"' in page
    assert f"{kept}&amp;sort=name&amp;show=gap&amp;cell=S07~BLANKET" in page
    assert "S01" not in page.split("<tbody>")[1].split("</tbody>")[0]


def test_the_workbook_holds_the_figures_of_the_screen(app, planner):
    answer = planner.get("/needs.xlsx?item=BLANKET")
    assert "restricted.xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows = [row for row in book["Figures"].iter_rows(min_row=5, values_only=True) if row[0]]
    (line,) = [row for row in rows if row[0] == "S01"]
    assert line[9:14] == (100, 20, 10, 0, 70)
    assert line[14:21] == ("By standards", 100, "–", "–", "–", "–", 0.3)
    assert "Restricted" in str(book.worksheets[0]["A2"].value)
    page = planner.get("/needs?item=BLANKET").text
    with app.test_request_context():
        assert f"<b>{percent(300)}</b> <i>−{quantity(70, 'piece')}</i>" in page


def test_someone_who_may_see_no_stock_sees_no_stock(app, world):
    page = sign_in(app.test_client(), world[Role.PROTECTION]).get("/needs?cell=S01~BLANKET").text
    assert "Free in warehouses" not in page
    assert "Lake hub" not in page


def test_the_board_costs_as_many_statements_with_one_site_as_with_thirty(app, planner):
    def cost():
        statements = []

        def note(*args):
            statements.append(args[2])

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert planner.get("/needs?cell=S01~BLANKET").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    few = cost()
    with app.app_context():
        with writing(db.session()) as session:
            for _ in range(30):
                make_count(session, make_place(session))
                make_standard(session, make_item(session))
        db.session.remove()
    assert cost() == few


def test_another_organisations_site_is_not_there(app, planner, world):
    assert planner.get("/sites/X09").status_code == 404
    asked_for = planner.get("/needs?site=X09&cell=X09~BLANKET").text
    assert "No site and item fit these filters" in asked_for
    stranger = sign_in(app.test_client(), world["other"])
    assert stranger.get("/sites/S01").status_code == 404
    assert "Kivuli" not in stranger.get("/needs").text


def post_count(client, **changes):
    fields = {
        "command_id": command_id(),
        "people": "120",
        "households": "24",
        "counted_on": TODAY.isoformat(),
        "confidence": "counted",
        "source": "Count from door to door",
    }
    return client.post("/sites/S01", data=fields | changes)


def test_a_new_count_changes_the_needs(app, planner):
    answer = post_count(planner)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sites/S01")
    assert counts(app) == [60, 100, 120]
    assert "120 people × 1 pc" in planner.get("/sites/S01").text


def test_the_same_form_sent_twice_counts_once(app, planner):
    same = command_id()
    assert [post_count(planner, command_id=same).status_code for _ in range(2)] == [303, 303]
    assert counts(app) == [60, 100, 120]


def test_households_left_empty_are_not_counted_and_not_guessed(planner):
    post_count(planner, households="")
    assert "Households were not counted here." in planner.get("/sites/S01").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people": ""}, "Write the number of people."),
        ({"people": "1,200"}, "is not a whole number"),
        ({"people": "10", "households": "11"}, "cannot be made of"),
        ({"source": ""}, "Write who counted"),
        ({"counted_on": (TODAY + timedelta(days=1)).isoformat()}, "in the future"),
        ({"counted_on": "yesterday"}, "Write the date as day, month and year."),
    ],
)
def test_a_count_that_cannot_be_comes_back_with_what_was_typed(app, planner, changes, words):
    answer = post_count(planner, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    if "source" not in changes:
        assert "Count from door to door" in answer.text
    assert counts(app) == [60, 100]


def test_an_auditor_reads_and_counts_nothing(app, world):
    auditor = sign_in(app.test_client(), world[Role.AUDITOR])
    assert "Save count" not in auditor.get("/sites/S01").text
    post_count(auditor)
    assert counts(app) == [60, 100]


def test_a_position_is_told_after_a_reason_and_never_kept(app, world, planner):
    place = {
        "command_id": command_id(),
        "salt": "0123456789abcdef0123",
        "latitude": "-1.250000",
        "longitude": "29.5",
    }
    assert planner.post("/setup/places/S07/point", data=place).status_code == 303
    assert "1.25" not in planner.get("/setup/places/S07/point").text
    assert planner.get("/sites/S07/point").status_code == 404
    guardian = sign_in(app.test_client(), world[Role.PROTECTION])
    asked = guardian.post("/sites/S07/point", data={})
    assert asked.status_code == 422
    assert "1.250000" not in asked.text
    told = guardian.post("/sites/S07/point", data={"why": "protection_visit"})
    assert "-1.250000" in told.text
    assert "no-store" in told.headers["Cache-Control"]


def test_a_position_that_cannot_be_read_is_not_repeated_in_the_sentence(planner):
    answer = planner.post(
        "/setup/places/S07/point",
        data={"command_id": command_id(), "latitude": "1.2345678", "longitude": "29"},
    )
    assert answer.status_code == 422
    assert "Write decimal degrees" in answer.text


def test_an_empty_operation_is_told_what_to_do_first(app):
    with app.app_context():
        with writing(db.session()) as session:
            person = make_person(session, Role.PLANNER).id
            assert session.scalars(select(Organisation)).one().code == "KRB"
        db.session.remove()
    page = sign_in(app.test_client(), person).get("/needs").text
    assert "Add sites and standards to see needs." in page


@pytest.mark.parametrize("language", ["fr", "sw", "rw"])
def test_the_board_opens_in_every_language(app, world, language):
    client = sign_in(app.test_client(), world[Role.PLANNER], language=language)
    for path in ("/needs?cell=S01~BLANKET", "/sites/S01", "/needs.xlsx"):
        assert client.get(path).status_code == 200
