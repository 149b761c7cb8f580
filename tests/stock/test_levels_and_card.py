"""The stock list and the stock card: right, scoped, and as cheap with much stock as with little."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.card import balance_on, balances, card, card_page
from aidlog.stock.history import document_lines, journal_lines
from aidlog.stock.levels import LevelFilter, levels, warehouses
from aidlog.stock.models import Correcting, Reason
from aidlog.stock.naming import names_of
from aidlog.stock.wording import sentence
from tests.booking import arrive, promise, send
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)

TODAY = datetime.now(UTC).date()
NEAR = TODAY + timedelta(days=90)


@pytest.fixture
def statements(session):
    """The statements sent to the database, as they are sent."""
    sent = []
    engine = session.get_bind()

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def hold(session, actor, warehouse, lot, quantity):
    once(
        session,
        actor,
        CorrectStock(
            command_id=command_id(),
            warehouse_id=warehouse.id,
            lot_id=lot.id,
            what=Correcting.HOLD,
            quantity=quantity,
            reason=Reason.QUALITY_CHECK,
        ),
        correct_stock,
    )


def test_another_organisations_lot_in_a_shared_store_shows_no_date(session):
    other_soon, own_late = TODAY + timedelta(days=5), TODAY + timedelta(days=60)
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        store, item = make_warehouse(session), make_item(session)
        make_lot(session, warehouse=store, item=item, quantity=7, expires_on=own_late)
        other = make_organisation(session, code="OTH")
        make_lot(
            session,
            warehouse=store,
            item=item,
            quantity=3,
            expires_on=other_soon,
            organisation=other,
        )
    (level,) = levels(session, actor, LevelFilter(), near=NEAR)
    assert (level.on_hand, level.first_expiry) == (7, own_late)
    soon = TODAY + timedelta(days=10)
    assert levels(session, actor, LevelFilter(expires_by=soon), near=NEAR) == []


def test_free_is_on_hand_less_held_and_promised(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        promise(session, actor, lot, 30, warehouse, make_place(session))
        hold(session, actor, warehouse, lot, 10)
    (level,) = levels(session, actor, LevelFilter(), near=NEAR)
    assert (level.on_hand, level.reserved, level.held, level.free) == (100, 30, 10, 60)
    shown = card(session, actor, warehouse.code, level.item.code)
    assert (shown.on_hand, shown.reserved, shown.held, shown.free) == (100, 30, 10, 60)


def test_levels_add_up_over_warehouses_and_are_told_apart(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        one, two = make_warehouse(session), make_warehouse(session)
        item = make_item(session)
        make_lot(session, warehouse=one, item=item, quantity=7)
        make_lot(session, warehouse=two, item=item, quantity=5)
    assert [level.on_hand for level in levels(session, actor, LevelFilter(), near=NEAR)] == [12]
    only = levels(session, actor, LevelFilter(warehouse_id=two.id), near=NEAR)
    assert [level.on_hand for level in only] == [5]
    assert {place.id for place in warehouses(session, actor)} == {one.id, two.id}


def test_a_storekeeper_sees_their_own_warehouse(session):
    with writing(session):
        one, two = make_warehouse(session), make_warehouse(session)
        item = make_item(session)
        make_lot(session, warehouse=one, item=item, quantity=7)
        make_lot(session, warehouse=two, item=item, quantity=5)
        keeper = make_actor(session, Role.STOREKEEPER, place=one)
    assert [level.on_hand for level in levels(session, keeper, LevelFilter(), near=NEAR)] == [7]
    assert [place.id for place in warehouses(session, keeper)] == [one.id]
    with pytest.raises(NotAllowed):
        levels(session, keeper, LevelFilter(warehouse_id=two.id), near=NEAR)
    with pytest.raises(NotFound):
        card(session, keeper, two.code, item.code)


def test_another_organisations_stock_is_not_there(session):
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=7)
        stranger = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
        keeper = make_actor(session, Role.STOREKEEPER)
    assert levels(session, stranger, LevelFilter(), near=NEAR) == []
    ours = card(session, keeper, warehouse.code, _code(session, lot))
    # not even an empty card: that the warehouse exists would already be told
    with pytest.raises(NotFound):
        card(session, stranger, warehouse.code, ours.item.code)
    assert card_page(session, stranger, ours).lines == []
    assert journal_lines(session, stranger.organisation_ids, limit=10) == []


def _code(session, lot):
    return session.get_one(Item, lot.item_id).code


def test_search_category_and_near_expiry_narrow_the_list(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse = make_warehouse(session)
        oil = make_item(session, code="FOIL1", name="Vegetable oil")
        oil.category, oil.name_fr = "food", "Huile végétale"
        soap = make_item(session, code="HSOAP", name="Soap 100% pure")
        make_lot(
            session,
            warehouse=warehouse,
            item=oil,
            quantity=7,
            expires_on=TODAY + timedelta(days=40),
        )
        make_lot(session, warehouse=warehouse, item=soap, quantity=5)

    def codes(**which):
        return [
            level.item.code for level in levels(session, actor, LevelFilter(**which), near=NEAR)
        ]

    assert codes() == ["FOIL1", "HSOAP"]
    assert codes(search="huile") == ["FOIL1"]
    assert codes(search="hsoap") == ["HSOAP"]
    assert codes(search="100% p") == ["HSOAP"]
    assert codes(search="%") == ["HSOAP"]
    assert codes(category="food") == ["FOIL1"]
    assert codes(expires_by=NEAR) == ["FOIL1"]
    assert codes(expires_by=TODAY + timedelta(days=39)) == []
    (first, second) = levels(session, actor, LevelFilter(), near=NEAR)
    assert first.first_expiry == TODAY + timedelta(days=40)
    assert second.first_expiry is None


def test_pages_of_the_list_follow_each_other_without_gap_or_repeat(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse = make_warehouse(session)
        for number in range(7):
            make_lot(
                session, warehouse=warehouse, item=make_item(session, code=f"I{number}"), quantity=1
            )
    seen, after = [], ""
    while page := levels(session, actor, LevelFilter(), near=NEAR, after=after, limit=3):
        seen += [level.item.code for level in page]
        after = seen[-1]
    assert seen == [f"I{number}" for number in range(7)]


def test_the_list_costs_two_statements_however_much_there_is(session, statements):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse = make_warehouse(session)
        for number in range(30):
            item = make_item(session, code=f"I{number:02d}")
            make_lot(session, warehouse=warehouse, item=item, quantity=5, expires_on=NEAR)
    session.expunge_all()
    session.rollback()
    statements.clear()
    assert len(levels(session, actor, LevelFilter(), near=NEAR)) == 25
    assert len(statements) == 2


def test_the_card_runs_back_from_what_there_is(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse, site = make_warehouse(session), make_place(session)
        item = make_item(session)
        lot = make_lot(session, warehouse=warehouse, item=item, quantity=100, number="A")
        send(session, actor, lot, 30, warehouse, site)
        make_lot(session, warehouse=warehouse, item=item, quantity=50, number="B")
        hold(session, actor, warehouse, lot, 10)
        send(session, actor, lot, 5, warehouse, site)
    shown = card(session, actor, warehouse.code, item.code)
    page = card_page(session, actor, shown)
    assert [(line.change, line.balance) for line in page.lines] == [
        (-5, 115),
        (0, 120),
        (50, 120),
        (-30, 70),
        (100, 100),
    ]
    assert (page.older, page.brought_forward) == (None, 0)
    assert str(page.lines[0].what) == f"Sent to {site.code}"
    assert site.name not in str(page.lines[0].what)


def test_the_cards_pages_continue_the_balance(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        for quantity in range(1, 8):
            send(session, actor, lot, quantity, warehouse, site)
    shown = card(session, actor, warehouse.code, _code(session, lot))
    whole = card_page(session, actor, shown)
    pieces, before = [], None
    while True:
        page = card_page(session, actor, shown, before=before, limit=3)
        pieces += page.lines
        if page.older is None:
            break
        before = page.older
    assert [(line.move.id, line.balance) for line in pieces] == [
        (line.move.id, line.balance) for line in whole.lines
    ]
    assert page.brought_forward == 0


def test_the_card_costs_the_same_however_long_it_is(session, statements):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        for _ in range(20):
            send(session, actor, lot, 1, warehouse, site)
        code, at = _code(session, lot), warehouse.code
    session.expunge_all()
    session.rollback()
    statements.clear()
    shown = card(session, actor, at, code)
    page = card_page(session, actor, shown, limit=10)
    balances(session, actor, shown, today=TODAY)
    assert len(page.lines) == 10
    assert len(statements) == 8, statements


def test_stock_as_of_a_day_goes_by_when_things_happened(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)  # arrived on NOW
        send(session, actor, lot, 30, warehouse, site, at=NOW + timedelta(days=2))
        send(session, actor, lot, 20, warehouse, site, at=NOW + timedelta(days=1))
    shown = card(session, actor, warehouse.code, _code(session, lot))
    day = NOW.date()
    expected = {-1: 0, 0: 100, 1: 80, 2: 50, 3: 50}
    for offset, quantity in expected.items():
        on = day + timedelta(days=offset)
        assert balance_on(session, actor, warehouse, shown.item, on) == quantity
    line = dict(balances(session, actor, shown, today=day + timedelta(days=3), days=5))
    assert line == {day + timedelta(days=offset): q for offset, q in expected.items()}


def test_a_document_tells_what_it_did(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        road = send(session, actor, lot, 30, warehouse, site)
        code = arrive(session, actor, lot, 28, road)
    document = session.query(Document).filter_by(code=code).one()
    (line,) = document_lines(session, document.id, actor.organisation_ids)
    names = names_of(session, [line.source, line.target])
    assert (line.quantity, line.document) == (28, code)
    assert str(sentence(line, names)) == f"Arrived at {site.code}"


def test_the_journal_is_narrowed_to_a_keepers_warehouses(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        one, two = make_warehouse(session), make_warehouse(session)
        first = make_lot(session, warehouse=one, quantity=7)
        make_lot(session, warehouse=two, quantity=5)
    lines = journal_lines(session, actor.organisation_ids, places=[one.id], limit=10)
    assert [line.lot_id for line in lines] == [first.id]
    everything = journal_lines(session, actor.organisation_ids, limit=10)
    assert len(everything) == 2
    older = journal_lines(session, actor.organisation_ids, before=everything[0].id, limit=10)
    assert [line.id for line in older] == [everything[1].id]
