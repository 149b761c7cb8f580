"""The needs board: need, at the site, on the way, still missing; one statement, scoped."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from aidlog.core.errors import NotAllowed
from aidlog.db.commands import CommandRecord
from aidlog.db.numbering import Series, new_document
from aidlog.db.transaction import writing
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.needs.models import Basis
from aidlog.planning.board import Cell
from aidlog.planning.board_query import needs_board
from aidlog.planning.board_statement import View
from aidlog.registry.roles import Role
from aidlog.stock.models import Transit
from aidlog.stock.posting import post
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_count,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_standard,
    make_warehouse,
)

TODAY = NOW.date()
START, END = date(2026, 12, 1), date(2026, 12, 30)


def move(session, lot, *legs):
    """Move goods of ``lot`` leg by leg: (kind, quantity, source, target)."""
    actor = make_actor(session, Role.STOREKEEPER)
    code = command_id()
    session.add(
        CommandRecord(
            id=code,
            kind="Test",
            actor_id=actor.user_id,
            request_hash="",
            outcome="done",
            answer="{}",
            recorded_at=NOW,
        )
    )
    document = new_document(
        session, Series.WAYBILL, organisation_id=lot.organisation_id, organisation_code="KRB"
    )
    moves = [
        Movement(kind=kind, lot_id=lot.id, quantity=quantity, source=source, target=target)
        for kind, quantity, source, target in legs
    ]
    post(session, actor, moves, command_id=code, document=document, occurred_at=NOW)


def send(session, lot, warehouse, site, *, arrived=0, on_the_road=0, handed_out=0):
    """Load, unload and hand out goods so that the site has what the keywords say."""
    transit = Transit(origin_id=warehouse.id, destination_id=site.id, opened_at=NOW, closed_at=None)
    session.add(transit)
    session.flush()
    store, road = (
        Account(AccountKind.WAREHOUSE, warehouse.id),
        Account(AccountKind.TRANSIT, transit.id),
    )
    here, people = Account(AccountKind.SITE, site.id), Account(AccountKind.PEOPLE, site.id)
    loaded = arrived + on_the_road + handed_out
    legs = [(MovementKind.LOADED, loaded, store, road)]
    if arrived + handed_out:
        legs.append((MovementKind.ARRIVED, arrived + handed_out, road, here))
    if handed_out:
        legs.append((MovementKind.HANDED_OUT, handed_out, here, people))
    move(session, lot, *legs)


def board_for(session, actor, **more):
    return needs_board(session, actor, START, END, today=TODAY, **more)


def only_cell(board):
    (cell,) = board.cells.values()
    return cell


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def test_what_is_at_the_site_and_on_the_way_counts_against_the_need(session, planner):
    with writing(session):
        warehouse, site, blanket = make_warehouse(session), make_place(session), make_item(session)
        make_count(session, site, people=500, households=100)
        make_standard(session, blanket, basis=Basis.PERSON, quantity=1)
        lot = make_lot(session, warehouse=warehouse, item=blanket, quantity=400)
        send(session, lot, warehouse, site, arrived=100, on_the_road=50)
    board = board_for(session, planner)
    cell = only_cell(board)
    assert (cell.need, cell.at_site, cell.on_the_way, cell.given) == (500, 100, 50, 0)
    assert (cell.gap, cell.coverage) == (350, 300)
    total = board.totals[blanket.id]
    assert (total.gap, total.free, total.reachable) == (350, 250, 800)


def test_a_blanket_given_before_still_warms_but_food_given_before_is_eaten(session, planner):
    with writing(session):
        warehouse, site = make_warehouse(session), make_place(session)
        blanket, flour = make_item(session), make_item(session, name="Maize flour")
        make_count(session, site, people=100, households=20)
        make_standard(session, blanket, quantity=1)
        make_standard(session, flour, quantity=4, recurs_days=30)
        for item in (blanket, flour):
            lot = make_lot(session, warehouse=warehouse, item=item, quantity=100)
            send(session, lot, warehouse, site, handed_out=60)
    board = board_for(session, planner)
    assert board.cells[site.id, blanket.id].gap == 40
    assert board.cells[site.id, flour.id].gap == 400


def test_households_that_were_not_counted_make_the_need_unknown_not_zero(session, planner):
    with writing(session):
        site, kitchen = make_place(session), make_item(session, name="Kitchen set")
        make_count(session, site, people=500, households=None)
        make_standard(session, kitchen, basis=Basis.HOUSEHOLD)
    board = board_for(session, planner)
    cell = only_cell(board)
    assert cell.unknown
    assert cell.gap is None
    assert board.baskets[site.id] is None
    assert board.totals[kitchen.id].unknown_sites == 1
    assert (board.headline.unknown_cells, board.headline.basket) == (1, None)


def test_a_site_that_was_never_counted_stands_on_the_board(session, planner):
    with writing(session):
        site, blanket = make_place(session), make_item(session)
        make_standard(session, blanket)
    board = board_for(session, planner)
    assert [line.code for line in board.sites] == [site.code]
    assert only_cell(board).unknown


def test_the_latest_day_counts_and_of_one_day_the_last_record(session, planner):
    with writing(session):
        site, blanket = make_place(session), make_item(session)
        make_standard(session, blanket)
        make_count(session, site, people=300, counted_on=TODAY)
        make_count(session, site, people=310, counted_on=TODAY)
        make_count(session, site, people=999, counted_on=TODAY - timedelta(days=3))
    assert only_cell(board_for(session, planner)).need == 310
    before = needs_board(session, planner, START, END, today=TODAY - timedelta(days=1))
    assert only_cell(before).need == 999


def test_an_old_count_is_flagged(session, planner):
    with writing(session):
        site = make_place(session)
        make_standard(session, make_item(session))
        make_count(session, site, counted_on=TODAY - timedelta(days=48))
    (line,) = board_for(session, planner).sites
    assert (line.stale, line.age_days) == (True, 48)


def test_a_standard_holds_from_its_day_on(session, planner):
    with writing(session):
        site, blanket = make_place(session), make_item(session)
        make_count(session, site, people=10, households=2)
        make_standard(session, blanket, quantity=1)
        make_standard(session, blanket, quantity=3, valid_from=START + timedelta(days=1))
    assert only_cell(board_for(session, planner)).need == 10
    later = needs_board(session, planner, START + timedelta(days=1), END, today=TODAY)
    assert only_cell(later).need == 30


def test_a_protected_site_is_shown_by_its_code(session, planner):
    with writing(session):
        make_standard(session, make_item(session))
        make_place(session, code="S07", name="Secret Valley")
        make_place(session, code="S08", name="Kivuli", protected=False)
    assert [line.shown_as for line in board_for(session, planner).sites] == ["S07", "Kivuli"]


def test_another_organisations_site_is_not_on_the_board(session, planner):
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other")
        make_place(session, organisation=other)
        make_standard(session, make_item(session))
    assert board_for(session, planner).sites == []


def test_someone_allowed_at_one_site_sees_that_site_only(session):
    with writing(session):
        here, _there = make_place(session), make_place(session)
        make_standard(session, make_item(session))
        watcher = make_actor(session, Role.PROTECTION, place=here)
    board = board_for(session, watcher)
    assert [line.id for line in board.sites] == [here.id]
    assert board.items[0].free is None, "who may see no stock is not told what is free"


def test_a_donor_may_not_see_the_board(session):
    with writing(session):
        donor = make_actor(session, Role.DONOR)
    with pytest.raises(NotAllowed):
        board_for(session, donor)


def test_goods_of_another_organisation_are_not_free_but_count_where_they_arrive(session, planner):
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other")
        theirs, site = make_warehouse(session, organisation=other), make_place(session)
        blanket = make_item(session)
        make_count(session, site, people=100)
        make_standard(session, blanket)
        lot = make_lot(session, warehouse=theirs, item=blanket, quantity=90)
        send(session, lot, theirs, site, arrived=40)
    board = board_for(session, planner)
    assert only_cell(board).at_site == 40
    assert board.items[0].free == 0


def test_the_view_narrows_sites_areas_and_items(session, planner):
    with writing(session):
        make_place(session, code="A1", area="North")
        make_place(session, code="A2", area="South")
        for code in ("BLANKET", "SOAP"):
            make_standard(session, make_item(session, code=code))

    def codes(**view):
        board = board_for(session, planner, view=View(**view))
        return [line.code for line in board.sites], [line.code for line in board.items]

    assert codes(areas=["South"]) == (["A2"], ["BLANKET", "SOAP"])
    assert codes(sites=["A1"], items=["SOAP"]) == (["A1"], ["SOAP"])
    assert codes(items=["NONE"]) == ([], [])


def test_the_board_is_one_statement_however_many_movements(session, planner):
    with writing(session):
        warehouse, blanket = make_warehouse(session), make_item(session)
        make_standard(session, blanket)
        lot = make_lot(session, warehouse=warehouse, item=blanket, quantity=1_000)
        for _ in range(8):
            site = make_place(session)
            make_count(session, site)
            send(session, lot, warehouse, site, arrived=3, on_the_road=2, handed_out=1)
    statements = []
    session.rollback()
    session.connection()
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    board = board_for(session, planner)
    assert len(board.cells) == 8
    assert board.headline.known_cells == 8
    assert len(statements) == 1


def test_plenty_of_one_item_does_not_hide_the_lack_of_another(session, planner):
    with writing(session):
        warehouse, site = make_warehouse(session), make_place(session)
        blanket, soap = make_item(session), make_item(session, name="Soap")
        make_count(session, site, people=10, households=2)
        for item in (blanket, soap):
            make_standard(session, item)
        lot = make_lot(session, warehouse=warehouse, item=blanket, quantity=100)
        send(session, lot, warehouse, site, arrived=30)
    board = board_for(session, planner)
    assert board.cells[site.id, blanket.id].coverage == 3000
    assert board.baskets[site.id] == 500
    assert board.headline.lowest_basket == 500
    assert board.headline.wide_gaps == 1


def test_short_of_one_is_not_covered():
    cell = Cell(site_id=1, item_id=1, need=1_000_000, at_site=999_999, on_the_way=0, given=0)
    assert cell.coverage == 999
    assert cell.gap == 1
