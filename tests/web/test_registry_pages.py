"""The setup of items, places, roads, trucks, standards and organisations, through the client."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.models import Standard
from aidlog.registry.models import (
    Access,
    Carrier,
    Item,
    ItemPack,
    Organisation,
    Place,
    Route,
    Vehicle,
)
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_route,
    make_warehouse,
)
from tests.signing import sign_in

TODAY = datetime.now(UTC).date()


@pytest.fixture
def world(app):
    with app.app_context():
        with writing(db.session()) as session:
            hub = make_warehouse(session, code="HUB", name="Lake hub")
            site = make_place(session, code="S07", name="Hidden Valley")
            make_item(session, code="BLANKET", name="Blanket, medium")
            route = make_route(session, hub, site)
            ids = {
                "hub": hub.id,
                "site": site.id,
                "route": route.id,
                "organisation": hub.organisation_id,
            }
            ids |= {
                role: make_person(session, role).id
                for role in (Role.PLANNER, Role.STOREKEEPER, Role.ADMINISTRATOR)
            }
        db.session.remove()
    return ids


@pytest.fixture
def planner(app, world):
    return sign_in(app.test_client(), world[Role.PLANNER])


@pytest.fixture
def keeper(app, world):
    return sign_in(app.test_client(), world[Role.STOREKEEPER])


def rows(app, table):
    with app.app_context():
        found = list(db.session.scalars(select(table).order_by(table.id)))
        db.session.expunge_all()
        db.session.remove()
    return found


def post(client, path, **fields):
    return client.post(path, data={"command_id": command_id()} | fields)


ITEM = {
    "code": "FLOUR",
    "base_unit": "gram",
    "name_en": "Maize flour",
    "name_fr": "Farine de maïs",
    "category": "Food",
    "tier": "1",
    "volume": "2,1",
    "packs-0-kind": "bag",
    "packs-0-size": "25000",
    "issue": "0",
}


def test_an_item_is_added_with_its_figures_exact(app, planner):
    answer = post(planner, "/setup/items/new", **ITEM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/items/FLOUR")
    item = rows(app, Item)[-1]
    assert (item.code, item.category, item.tier) == ("FLOUR", "food", 1)
    assert (item.weight_mg, item.volume_mm3) == (1_000, 2_100)
    assert [(pack.kind, pack.size, pack.issue) for pack in rows(app, ItemPack)][-1] == (
        "bag", 25_000, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "BLANKET"}, "is in use"),
        ({"code": ""}, "Write the code."),
        ({"name_en": ""}, "Write the English name."),
        ({"volume": "1.600"}, "can be read in two ways"),
        ({"volume": "heavy"}, "is not a figure"),
        ({"issue": ""}, "Mark exactly one pack"),
        ({"issue": "3"}, "Mark exactly one pack"),
        ({"packs-0-size": ""}, "A pack holds from 1"),
        ({"packs-0-size": "2.5"}, "is not a whole number"),
        ({"packs-0-kind": "sack"}, "Choose one from the list."),
    ],
)
def test_a_wrong_item_comes_back_with_what_was_typed(app, planner, changes, words):
    answer = post(planner, "/setup/items/new", **(ITEM | changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert "Farine de maïs" in answer.text
    assert len(rows(app, Item)) == 1


def test_names_and_figures_of_an_item_are_corrected(app, planner):
    page = planner.get("/setup/items/BLANKET").text
    assert 'value="1.6"' in page
    answer = post(
        planner, "/setup/items/BLANKET",
        name_en="Blanket", name_sw="Blanketi", tier="1", weight="", volume="11.2", active="y",
    )  # fmt: skip
    assert answer.status_code == 303
    item = rows(app, Item)[0]
    assert (item.name_sw, item.weight_mg, item.volume_mm3) == ("Blanketi", None, 11_200_000)


def test_the_packs_of_an_item_are_set_anew_and_the_old_ones_stay(app, planner):
    answer = post(
        planner, "/setup/items/BLANKET/packs",
        **{"packs-0-kind": "bale", "packs-0-size": "25", "packs-1-kind": "pallet",
           "packs-1-size": "750", "issue": "0"},
    )  # fmt: skip
    assert answer.status_code == 303
    packs = {(pack.size, pack.active, pack.issue) for pack in rows(app, ItemPack)}
    assert packs == {(10, False, False), (25, True, True), (750, True, False)}


def test_an_item_is_found_by_a_misspelt_name(planner):
    page = planner.get("/setup/items?q=blankte").text
    assert "BLANKET" in page
    assert "These look alike." in page
    assert "No item is called that" in planner.get("/setup/items?q=zzzzzz").text


def test_the_starter_catalogue_and_standards_load_from_the_pages(app, planner):
    assert post(planner, "/setup/items/starter").status_code == 303
    assert len(rows(app, Item)) > 40
    assert post(planner, "/setup/standards/starter").status_code == 303
    assert len(rows(app, Standard)) > 10
    page = planner.get("/setup/standards").text
    assert "400 g/person a day" in page
    assert "WFP food basket" in page


def test_a_site_is_added_and_stays_protected_unless_chosen_otherwise(app, world, planner):
    answer = post(
        planner, "/setup/places/new",
        organisation_id=world["organisation"], kind="site", code="s08", name="Open Field",
        area="North", access="open",
    )  # fmt: skip
    assert answer.status_code == 303
    place = rows(app, Place)[-1]
    assert (place.code, place.protected) == ("S08", True)


def test_an_edit_that_says_nothing_of_it_keeps_a_site_protected(app, planner):
    assert post(planner, "/setup/places/S07", area="South").status_code == 303
    site = rows(app, Place)[1]
    assert (site.area, site.protected, site.name) == ("South", True, "Hidden Valley")
    assert post(planner, "/setup/places/S07", shown="name", access="closed").status_code == 303
    site = rows(app, Place)[1]
    assert (site.protected, site.access) == (False, Access.CLOSED)


def test_a_place_is_closed_and_opened_again_and_shown_only_when_asked_for(app, planner):
    assert post(planner, "/setup/places/S07/close").status_code == 303
    assert "/setup/places/S07" not in planner.get("/setup/places").text
    assert "closed for good" in planner.get("/setup/places?all=1").text
    assert "Open place again" in planner.get("/setup/places/S07").text
    assert post(planner, "/setup/places/S07/reopen").status_code == 303
    assert rows(app, Place)[1].active


def test_a_warehouse_with_goods_does_not_close(app, planner):
    with app.app_context():
        with writing(db.session()) as session:
            make_lot(session, warehouse=session.scalars(select(Place)).first(), quantity=1)
        db.session.remove()
    answer = post(planner, "/setup/places/HUB/close")
    assert answer.status_code == 422
    assert "Lake hub still holds goods." in answer.text
    assert rows(app, Place)[0].active


def test_a_place_without_a_zone_is_refused_at_its_field(app, world, planner):
    answer = post(
        planner, "/setup/places/new",
        organisation_id=world["organisation"], kind="site", code="S09", area="", access="open",
    )  # fmt: skip
    assert answer.status_code == 422
    assert 'href="#area"' in answer.text
    assert len(rows(app, Place)) == 2


def test_a_place_is_not_given_to_another_organisation(app, planner):
    with app.app_context():
        with writing(db.session()) as session:
            other = make_organisation(session, code="OTH", name="Other hands").id
        db.session.remove()
    answer = post(
        planner, "/setup/places/new",
        organisation_id=other, kind="site", code="S09", name="X", area="North", access="open",
    )  # fmt: skip
    assert answer.status_code == 422
    assert len(rows(app, Place)) == 2


ROAD = {
    "km": "64",
    "hours": "2",
    "minutes": "30",
    "cost_per_tonne": "50.5",
    "currency": "usd",
    "access": "difficult",
    "max_grams": "8000",
}


def test_a_road_is_changed_and_money_is_kept_in_its_smallest_unit(app, world, planner):
    answer = post(planner, f"/setup/routes/{world['route']}", **ROAD, closed_from="2026-12-01")
    assert answer.status_code == 303
    road = rows(app, Route)[0]
    assert (road.km, road.minutes, road.cost_per_tonne) == (64, 150, 5_050)
    assert (road.currency, road.max_grams, road.max_litres) == ("USD", 8_000_000, None)
    assert "50.5 USD" in planner.get("/setup/routes").text


def test_money_without_cents_has_none(app, world, planner):
    francs = ROAD | {"currency": "RWF", "cost_per_tonne": "50 000"}
    assert post(planner, f"/setup/routes/{world['route']}", **francs).status_code == 303
    assert rows(app, Route)[0].cost_per_tonne == 50_000
    wrong = post(
        planner, f"/setup/routes/{world['route']}", **(francs | {"cost_per_tonne": "50.5"})
    )
    assert wrong.status_code == 422
    assert "is too fine" in wrong.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"km": ""}, "Write the distance in km."),
        ({"km": "0"}, "The distance is from 1"),
        ({"minutes": "75"}, "is too large"),
        ({"closed_from": "2026-12-09", "closed_until": "2026-12-01"}, "open before it closes"),
        ({"currency": "dollars"}, "Write at most 3 characters."),
        ({"max_grams": "0"}, "A limit is above zero."),
    ],
)
def test_a_road_that_cannot_be_comes_back(app, world, planner, changes, words):
    answer = post(planner, f"/setup/routes/{world['route']}", **(ROAD | changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert rows(app, Route)[0].km == 60


def test_a_second_road_between_the_same_two_places_is_refused(app, world, planner):
    ends = {"origin_id": world["hub"], "destination_id": world["site"]}
    answer = post(planner, "/setup/routes/new", **(ROAD | ends))
    assert answer.status_code == 422
    assert "There is a road from Lake hub to S07 already." in answer.text
    assert "Hidden" not in answer.text


def test_a_truck_is_added_changed_and_parked(app, world, planner):
    truck = {
        "plate": "rab 12", "carrier": "Lake Transport", "max_grams": "8000",
        "max_litres": "30 000", "base_id": world["hub"], "vehicle_class": "",
    }  # fmt: skip
    own = {"organisation_id": world["organisation"]}
    assert post(planner, "/setup/vehicles/new", **truck, **own).status_code == 303
    kept = rows(app, Vehicle)[0]
    assert (kept.plate, kept.max_grams, kept.max_litres) == ("RAB 12", 8_000_000, 30_000)
    assert "RAB 12" in planner.get("/setup/vehicles").text
    assert post(planner, f"/setup/vehicles/{kept.id}", **truck).status_code == 303
    assert "RAB 12" not in planner.get("/setup/vehicles").text
    assert "RAB 12" in planner.get("/setup/vehicles?all=1").text


def test_a_carrier_is_in_use_from_the_start_until_it_is_taken_out_of_use(app, world, planner):
    said = {"name": "Lake Transport", "contact": "Market street 4", "contract": "C-12"}
    own = {"organisation_id": world["organisation"]}
    assert post(planner, "/setup/carriers/new", **said, **own).status_code == 303
    kept = rows(app, Carrier)[0]
    assert "Lake Transport" in planner.get("/setup/carriers").text
    assert 'value="Market street 4"' in planner.get(f"/setup/carriers/{kept.id}").text
    assert post(planner, f"/setup/carriers/{kept.id}", **said).status_code == 303
    assert "Lake Transport" not in planner.get("/setup/carriers").text
    assert "Lake Transport" in planner.get("/setup/carriers?all=1").text


def test_a_truck_without_a_load_comes_back(app, world, planner):
    answer = post(
        planner, "/setup/vehicles/new", organisation_id=world["organisation"], plate="RAB 12"
    )
    assert answer.status_code == 422
    assert "Write how many kg it carries." in answer.text
    assert rows(app, Vehicle) == []


def test_a_standard_is_typed_in_pieces_or_kilograms(app, planner):
    answer = post(
        planner, "/setup/standards/new",
        item="BLANKET", basis="person", quantity="1", source="Ration committee",
        valid_from=TODAY.isoformat(),
    )  # fmt: skip
    assert answer.status_code == 303
    post(planner, "/setup/items/new", **ITEM)
    answer = post(
        planner, "/setup/standards/new",
        item="maize flour", basis="household", quantity="0,45", recurs_days="1",
        source="Ration committee", valid_from=TODAY.isoformat(),
    )  # fmt: skip
    assert answer.status_code == 303
    found = [(row.basis, row.quantity, row.recurs_days) for row in rows(app, Standard)]
    assert found == [("person", 1, None), ("household", 450, 1)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"item": "nothing like it"}, "No item is called"),
        ({"item": ""}, "Write the item&#39;s code or its name."),
        ({"quantity": "1.5"}, "is too fine"),
        ({"quantity": "0"}, "Write how much."),
        ({"quantity": "1" + 9 * "0"}, "is too large."),
        ({"source": ""}, "Write the source"),
        ({"valid_from": ""}, "Write the first day on which it holds."),
        ({"basis": "family"}, "Choose one from the list."),
    ],
)
def test_a_standard_that_cannot_be_comes_back(app, planner, changes, words):
    fields = {
        "item": "BLANKET", "basis": "person", "quantity": "1", "source": "Committee",
        "valid_from": TODAY.isoformat(), "edition": "second of three",
    }  # fmt: skip
    answer = post(planner, "/setup/standards/new", **(fields | changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert "second of three" in answer.text
    assert rows(app, Standard) == []


def test_a_standard_is_changed_from_what_holds(app, planner):
    post(
        planner, "/setup/standards/new",
        item="BLANKET", basis="person", quantity="2", source="Committee",
        valid_from=TODAY.isoformat(),
    )  # fmt: skip
    page = planner.get(f"/setup/standards/new?from={rows(app, Standard)[0].id}").text
    assert 'value="2"' in page
    assert "BLANKET" in page


def test_an_administrator_adds_an_organisation_and_renames_it(app, world):
    admin = sign_in(app.test_client(), world[Role.ADMINISTRATOR])
    assert post(admin, "/setup/organisations/new", code="abc", name="Able").status_code == 303
    assert "Able" in admin.get("/setup/organisations").text
    assert post(admin, "/setup/organisations/ABC", name="Able Care").status_code == 303
    assert rows(app, Organisation)[-1].name == "Able Care"


def test_a_code_in_use_is_told_at_its_field(app, world):
    admin = sign_in(app.test_client(), world[Role.ADMINISTRATOR])
    answer = post(admin, "/setup/organisations/new", code="KRB", name="Able Care")
    assert answer.status_code == 422
    assert 'href="#code"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/setup/items/new", "/setup/items/BLANKET/packs",
        "/setup/places/new", "/setup/places/S07", "/setup/places/S07/point",
        "/setup/routes/new", "/setup/routes/1", "/setup/vehicles/new",
        "/setup/standards/new", "/setup/standards", "/setup/organisations/new", "/needs", "/sites",
    ],
)  # fmt: skip
def test_a_storekeeper_reads_the_registry_and_changes_nothing(keeper, path):
    assert keeper.get(path).status_code == 404
    assert post(keeper, path).status_code in {404, 405}


def test_a_storekeeper_sees_where_an_items_figures_come_from_and_changes_nothing(keeper):
    page = keeper.get("/setup/items/BLANKET")
    assert page.status_code == 200
    assert 'name="command_id"' not in page.text
    assert post(keeper, "/setup/items/BLANKET").status_code == 404


def test_a_storekeeper_sees_lists_without_ways_to_change_them(keeper):
    for path in ("/setup/items", "/setup/places", "/setup/routes", "/setup/vehicles"):
        page = keeper.get(path)
        assert page.status_code == 200
        assert f"{path}/new" not in page.text


def test_the_checklist_says_what_is_missing(planner):
    page = planner.get("/setup/").text
    assert "1 site has not been counted." in page
    assert 'href="/setup/routes"' in page


def test_another_organisations_road_truck_and_organisation_are_not_there(app, world):
    with app.app_context():
        with writing(db.session()) as session:
            other = make_organisation(session, code="OTH", name="Other hands")
            stranger = make_person(session, Role.PLANNER, organisation=other).id
        db.session.remove()
    client = sign_in(app.test_client(), stranger)
    for path in (f"/setup/routes/{world['route']}", "/setup/places/S07", "/setup/vehicles/1"):
        assert client.get(path).status_code == 404
        assert post(client, path).status_code == 404
    assert "S07" not in client.get("/setup/places").text
    assert "S07" not in client.get("/setup/routes").text


def test_a_standard_that_stands_by_is_adopted_once(app, world, planner):
    beside = {
        "item": "BLANKET", "basis": "person", "quantity": "2", "source": "Another handbook",
        "valid_from": "2026-01-01", "phase": "any", "climate": "any", "standing": "beside",
    }  # fmt: skip
    assert post(planner, "/setup/standards/new", **beside).status_code == 303
    page = planner.get("/setup/standards").text
    address = re.search(r'action="(/setup/standards/[0-9]+/adopt)"', page)[1]
    assert post(planner, address).status_code == 303
    page = planner.get("/setup/standards").text
    assert address not in page
    assert "2 pc/person" in page
