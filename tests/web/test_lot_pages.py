"""A storekeeper opens a lot, repacks it, builds kits and holds goods back; others decide."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import select

from aidlog.core.quantity import BaseUnit
from aidlog.db.outbox import OutboxEntry
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import KitVersion, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot, Recall
from tests.booking import arrive, hand_out, send
from tests.factories import (
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_warehouse,
)
from tests.signing import sign_in

LATER = date(2031, 5, 31)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture
def house(app):
    """Codes and ids of a small warehouse with soap, rice, an expired lot and a site."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        session = db.session()
        with writing(session):
            warehouse = make_warehouse(session, code="W-ONE")
            soap = make_item(session, code="SOAP", name="Soap")
            rice = make_item(session, code="RICE", name="Rice", base_unit=BaseUnit.GRAM)
            kit = make_item(session, code="KIT", name="Kit")
            site = make_place(session, code="S-ONE", name="Hidden valley")
            lot = make_lot(
                session,
                warehouse=warehouse,
                item=soap,
                quantity=100,
                expires_on=LATER,
                number="SO-1",
            )
            grain = make_lot(session, warehouse=warehouse, item=rice, quantity=9_000)
            old = make_lot(
                session,
                warehouse=warehouse,
                item=soap,
                quantity=0,
                damaged=7,
                expires_on=YESTERDAY,
                number="OLD",
            )
            keeper = make_person(session, Role.STOREKEEPER, place=warehouse)
            planner = make_person(session, Role.PLANNER)
            lead = make_person(session, Role.SITE_LEAD, place=site, login="lead@example.org")
            other = make_person(
                session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
            )
            found = {
                "warehouse": warehouse.id, "site": site.id, "lot": lot.id, "grain": grain.id,
                "old": old.id, "keeper": keeper.id, "planner": planner.id, "lead": lead.id,
                "other": other.id, "kit": kit.id,
            }  # fmt: skip
        db.session.remove()
    return found


@pytest.fixture
def keeper(app, house):
    return sign_in(app.test_client(), house["keeper"])


@pytest.fixture
def planner(app, house):
    return sign_in(app.test_client(), house["planner"])


def post(client, path, **fields):
    return client.post(path, data={"command_id": command_id()} | fields)


def text(answer):
    return answer.get_data(as_text=True)


def test_a_lot_tells_where_it_stands(keeper, house):
    page = keeper.get(f"/lots/{house['lot']}")
    assert page.status_code == 200
    assert "100 pc" in text(page)


def test_the_lot_of_another_organisation_is_not_there(app, house):
    other = sign_in(app.test_client(), house["other"])
    assert other.get(f"/lots/{house['lot']}").status_code == 404


def test_a_lot_is_repacked_from_its_page(keeper, house):
    path = f"/lots/{house['lot']}/repack"
    assert keeper.get(path).status_code == 200
    wrong = post(keeper, path, place=house["warehouse"], quantity="200", pack="piece-1")
    assert (wrong.status_code, re.search(r"only [^;]*100 pc\)? free", text(wrong)) is not None) == (
        409,
        True,
    )
    done = post(keeper, path, place=house["warehouse"], quantity="30", pack="piece-1")
    assert done.status_code == 303
    assert "SO-1" in text(keeper.get(done.headers["Location"]))


def test_a_part_of_a_lot_is_held_and_a_planner_lets_it_go(keeper, planner, house):
    path = f"/lots/{house['lot']}/hold"
    assert keeper.get(path).status_code == 200
    done = post(keeper, path, place=house["warehouse"], quantity="30", reason="quality_check")
    assert done.status_code == 303
    key = f"{house['warehouse']}-{house['lot']}"
    row = {"row": key, f"n-{key}": "30", "reason": "quality_check"}
    assert post(keeper, "/held", act="release", **row).status_code == 404
    assert key in text(planner.get("/held"))
    assert post(planner, "/held", act="release", **row).status_code == 303


def test_nothing_ticked_is_said(planner, house):
    answer = post(planner, "/held", act="release", reason="quality_check")
    assert (answer.status_code, "Tick at least one lot." in text(answer)) == (422, True)


def test_expired_goods_are_listed_by_place_and_destroyed_with_a_remark(planner, house):
    page = text(planner.get("/expiry?within=0"))
    assert "OLD" in page
    assert "SO-1" not in page
    key = f"{house['warehouse']}-{house['old']}"
    row = {"row": key, f"n-{key}": "7", "reason": "expired"}
    assert post(planner, "/held", act="destroy", **row).status_code == 422
    assert post(planner, "/held", act="destroy", remark="Burnt", **row).status_code == 303


def test_kits_are_listed_built_and_taken_apart(app, keeper, planner, house):
    lines = {
        "lines-0-item": "SOAP", "lines-0-quantity": "2",
        "lines-1-item": "RICE", "lines-1-quantity": "500",
    }  # fmt: skip
    assert planner.get("/setup/kits/new").status_code == 200
    assert post(planner, "/setup/kits/new", kit="KIT", **lines).status_code == 303
    assert "500 g" in text(planner.get("/setup/kits"))
    assert planner.get("/setup/kits/KIT").status_code == 200
    path = "/stock/W-ONE/KIT/build"
    assert keeper.get(path).status_code == 200
    proposed = text(post(keeper, path, kits="10", version="1", act="propose"))
    assert 'value="20"' in proposed
    assert "In grams." in proposed
    picks = {f"lot-{house['lot']}": "20", f"lot-{house['grain']}": "5000"}
    wrong = post(keeper, path, kits="11", version="1", act="build", **picks)
    assert (wrong.status_code, "Pick exactly 5,500 g." in text(wrong)) == (422, True)
    built = post(keeper, path, kits="10", version="1", act="build", **picks)
    assert built.status_code == 303
    card = built.headers["Location"]
    with app.app_context():
        number = db.session().get_one(Lot, int(card.rsplit("/", 1)[1])).number
    labels = text(keeper.get(f"/documents/{number}/labels"))
    assert (number in labels, "SO-1" in labels) == (True, False)
    assert keeper.get(f"{card}/apart").status_code == 200
    done = post(keeper, f"{card}/apart", place=house["warehouse"], kits="4")
    assert done.status_code == 303
    with app.app_context():
        assert len(db.session().scalars(select(KitVersion)).all()) == 1


def test_a_kit_of_nothing_is_refused_with_a_sentence(planner, house):
    answer = post(planner, "/setup/kits/new", kit="KIT")
    assert (answer.status_code, "A kit holds from 1" in text(answer)) == (422, True)


def test_a_kit_that_is_one_already_keeps_what_was_typed_for_it(planner, house):
    lines = {"lines-0-item": "SOAP", "lines-0-quantity": "2"}
    assert post(planner, "/setup/kits/new", kit="KIT", **lines).status_code == 303
    again = post(planner, "/setup/kits/new", kit="KIT", **lines | {"lines-0-quantity": "731"})
    assert (again.status_code, "KIT is a kit already" in text(again)) == (409, True)
    assert 'value="731"' in text(again)


def test_labels_are_printed_and_their_code_opens_the_lot(keeper, house):
    path = f"/lots/{house['lot']}/labels"
    assert keeper.get(path).status_code == 200
    for size in ("small", "medium", "large", "single"):
        pdf = keeper.get(f"{path}?size={size}&copies=3")
        assert pdf.data.startswith(b"%PDF")
    assert keeper.get(f"{path}?size=medium&copies=0").status_code == 422
    found = keeper.get("/find?lot=SO-1&item=SOAP")
    assert found.headers["Location"].endswith(f"/lots/{house['lot']}")


def recalled(app, planner, house):
    """Recall the soap after 40 left, 30 arrived and 10 were given out; return its code."""
    with app.app_context():
        session = db.session()
        with writing(session):
            actor = make_actor(session, Role.STOREKEEPER)
            lot = session.get_one(Lot, house["lot"])
            warehouse, site = (
                session.get_one(Place, house[name]) for name in ("warehouse", "site")
            )
            road = send(session, actor, lot, 40, warehouse, site)
            arrive(session, actor, lot, 30, road)
            hand_out(session, actor, lot, 10, site)
        db.session.remove()
    done = post(planner, "/recalls/new", lot=str(house["lot"]), why="Skin burns")
    assert done.status_code == 303
    return done.headers["Location"]


def test_a_recall_lists_who_has_any_and_names_no_protected_site(app, planner, house):
    assert "SO-1" in text(planner.get("/recalls/new?number=SO-1"))
    path = recalled(app, planner, house)
    page = text(planner.get(path))
    assert "S-ONE" in page
    assert "Hidden valley" not in page
    sheet = openpyxl.load_workbook(BytesIO(planner.get(f"{path}/list.xlsx").data)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "S-ONE" in cells
    assert any("Restricted" in cell for cell in cells)
    assert "Hidden valley" not in cells


def test_a_recall_lists_what_went_back_to_its_giver(app, planner, house):
    key = f"{house['warehouse']}-{house['lot']}"
    path = recalled(app, planner, house)
    row = {"row": key, f"n-{key}": "25", "reason": "recalled"}
    assert post(planner, "/held", act="back", receiver="Lake Traders", **row).status_code == 303
    page = text(planner.get(path))
    assert "Sent back to the giver" in page
    assert "RT-" in page


def test_a_recall_is_lifted_from_its_page(app, planner, house):
    path = recalled(app, planner, house)
    assert post(planner, f"{path}/hold").status_code == 303
    assert post(planner, f"{path}/lift").status_code == 422
    assert post(planner, f"{path}/lift", note="Nothing found").status_code == 303
    with app.app_context():
        assert db.session().scalars(select(Recall)).one().closed_at


def test_no_mail_is_asked_for_where_no_server_is_set(app, planner, house):
    recalled(app, planner, house)
    with app.app_context():
        assert db.session().scalars(select(OutboxEntry)).all() == []


def test_a_storekeeper_opens_no_recall(keeper, house):
    assert keeper.get("/recalls").status_code == 404
    assert keeper.get("/recalls/new").status_code == 404
