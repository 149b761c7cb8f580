"""Lists from files, through the client: sent, looked at, decided, imported, or given up."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from aidlog.db import imports
from aidlog.db.imports import ImportFile
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Item, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from aidlog.web.logistics import importing
from tests.factories import command_id, make_item, make_organisation, make_person, make_warehouse
from tests.signing import sign_in

ITEMS = b"code,name,unit\nMUG,Mug,piece\nCUP,Cup,piece\n"
STOCK = (
    b"Ghala;Bidhaa;Idadi;Kipimo;Tarehe ya kuisha muda;Phone\n"
    b"Lakeside store;Mats;1.200;pcs;03/04/2030;+243 811 22 33 44\n"
    b"Lakeside store;Plastic mat;7;piece;;+243 811 22 33 45\n"
)


@pytest.fixture
def people(app):
    with app.app_context():
        with writing(db.session()) as session:
            make_organisation(session)
            store = make_warehouse(session, code="W01", name="Lakeside store")
            make_item(session, code="MAT", name="Plastic mat")
            ids: dict[object, int] = {
                role: make_person(session, role).id
                for role in (Role.PLANNER, Role.AUDITOR, Role.COORDINATOR)
            }
            ids[Role.STOREKEEPER] = make_person(session, Role.STOREKEEPER, place=store).id
            ids["other"] = make_person(session, Role.PLANNER).id
        db.session.remove()
    return ids


@pytest.fixture
def planner(client, people):
    return sign_in(client, people[Role.PLANNER])


@pytest.fixture
def keeper(client, people):
    return sign_in(client, people[Role.STOREKEEPER])


def send(client, kind, data, name="list.csv"):
    organisation = re.search(
        r'name="organisation_id" value="(\d+)"', client.get("/setup/import").text
    )
    assert organisation
    return client.post(
        "/setup/import",
        data={"kind": kind, "organisation_id": organisation[1], "file": (io.BytesIO(data), name)},
    )


def sent(client, kind, data):
    answer = send(client, kind, data)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def decide(client, path, wish, **fields):
    return client.post(path.split("#")[0], data={"command_id": command_id(), "do": wish, **fields})


def count(app, model):
    with app.app_context():
        number = db.session().scalar(select(func.count()).select_from(model))
        db.session.remove()
    return number


def test_a_list_is_looked_at_before_anything_is_written(app, planner):
    page = planner.get(sent(planner, "items", ITEMS))
    assert "2 rows can be imported" in page.text
    assert "MUG · CUP" in page.text
    assert count(app, Item) == 1


def test_a_list_that_holds_is_imported_and_its_content_forgotten(app, planner):
    path = sent(planner, "items", ITEMS)
    answer = decide(planner, path, "import")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/items")
    assert "2 rows added, 0 changed" in planner.get("/setup/items").text
    with app.app_context():
        kept = db.session().scalars(select(ImportFile)).one()
        assert (kept.content, kept.name, kept.rows) == ("", "", 2)
        db.session.remove()


def test_what_is_open_is_asked_settled_once_and_then_imported(app, keeper):
    path = sent(keeper, "stock", STOCK)
    page = keeper.get(path).text
    assert "1.200 → 1200" in page
    assert "1.200 → 1.2" in page
    assert "03/04/2030" in page
    assert "looks personal" in page
    assert "+243" not in page
    assert "Import 2 rows" not in page
    words = dict(re.findall(r'name="m-(\d)-word" value="([^"]+)"', page))
    numbers = {word: number for number, word in words.items()}
    settled = {
        f"m-{numbers['pcs']}-field": "unit", f"m-{numbers['pcs']}-word": "pcs",
        f"m-{numbers['pcs']}-value": "piece",
        f"m-{numbers['Mats']}-field": "item_name", f"m-{numbers['Mats']}-word": "Mats",
        f"m-{numbers['Mats']}-other": "MAT",
    }  # fmt: skip
    answer = decide(keeper, path, "check", numbers="rw", dates="dmy",
                    **{"given-counted_on": "2026-11-02"}, **settled)  # fmt: skip
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}#stand")
    assert "Import 2 rows" in keeper.get(path).text
    assert decide(keeper, path, "import").status_code == 303
    assert count(app, Lot) == 2
    assert "GRN-KRB-26-0001" in keeper.get("/stock").text


def test_a_column_is_read_as_the_person_says(app, planner):
    path = sent(planner, "items", b"code,name,unit,Libelle\nMUG,x,piece,Tasse\n")
    decide(planner, path, "check", **{"column-0": "code", "column-1": "name_en",
                                      "column-2": "base_unit", "column-3": "name_fr"})  # fmt: skip
    decide(planner, path, "import")
    with app.app_context():
        mug = db.session().scalars(select(Item).where(Item.code == "MUG")).one()
        assert mug.name_fr == "Tasse"
        db.session.remove()


def test_a_list_that_does_not_hold_is_not_imported_by_a_forged_button(app, planner):
    path = sent(planner, "items", ITEMS + b"JUG,,piece\n")
    answer = decide(planner, path, "import")
    assert answer.status_code == 422
    assert "The file was not used" in answer.text
    assert count(app, Item) == 1


def test_the_rows_with_what_to_correct_are_a_workbook(planner):
    path = sent(planner, "items", ITEMS + b"JUG,,piece\n")
    assert "to-correct.xlsx" in planner.get(path).text
    answer = planner.get(f"{path}/to-correct.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    assert rows[3][-1].startswith("name: The cell is empty")
    assert "items-to-correct.xlsx" in answer.headers["Content-Disposition"]


def test_sent_twice_the_import_counts_once(app, keeper):
    path = sent(
        keeper, "stock", b"warehouse,item,quantity,unit,counted on\nW01,MAT,5,piece,2026-11-02\n"
    )
    command = command_id()
    for _ in range(2):
        keeper.post(path, data={"command_id": command, "do": "import"})
    assert count(app, Lot) == 1


def test_the_same_file_again_is_noticed_and_imported_only_where_it_is_meant(app, keeper):
    data = b"warehouse,item,quantity,unit,counted on\nW01,MAT,5,piece,2026-11-02\n"
    decide(keeper, sent(keeper, "stock", data), "import")
    path = sent(keeper, "stock", data)
    assert "This very file was imported on" in keeper.get(path).text
    assert decide(keeper, path, "import").status_code in {409, 422}
    assert count(app, Lot) == 1
    assert decide(keeper, path, "import", again="1").status_code == 303
    assert count(app, Lot) == 2


def test_a_file_that_is_given_up_is_gone(app, planner):
    path = sent(planner, "items", ITEMS)
    assert decide(planner, path, "discard").headers["Location"] == "/setup/import?kind=items"
    assert planner.get(path).status_code == 404
    assert count(app, ImportFile) == 0


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"%PDF-1.7", "PDF"), (b"\xd0\xcf\x11\xe0" + bytes(600), "password"),
     (b"PK\x03\x04 broken", "damaged")],
)  # fmt: skip
def test_a_file_from_which_nothing_can_be_read_is_refused_on_the_spot(app, planner, data, says):
    answer = send(planner, "items", data)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert count(app, ImportFile) == 0


def test_without_a_file_the_form_says_so(planner, people):
    answer = planner.post("/setup/import", data={"kind": "items", "organisation_id": "1"})
    assert (answer.status_code, "The file is empty" in answer.text) == (422, True)


def test_a_file_without_the_list_asks_where_its_headings_stand(planner):
    path = sent(planner, "population", b"2015-05-01,0\n2015-06-01,23984\n")
    page = planner.get(path).text
    assert "No headings were found" in page
    decide(planner, path, "check", header="0")
    page = planner.get(path).text
    assert "No headings" in page
    decide(planner, path, "check", header="0",
           **{"column-0": "counted_on", "column-1": "people"})  # fmt: skip
    assert "No row names a site" in planner.get(path).text


def test_nobody_sees_the_file_of_another_person(client, people, planner):
    path = sent(planner, "items", ITEMS)
    other = sign_in(client, people["other"])
    assert other.get(path).status_code == 404
    assert decide(other, path, "import").status_code == 404
    assert other.get(f"{path}/to-correct.xlsx").status_code == 404


def test_a_storekeeper_is_offered_stock_only(keeper):
    page = keeper.get("/setup/import").text
    assert 'value="stock"' in page
    assert 'value="items"' not in page
    assert keeper.get("/setup/import/template/items.xlsx").status_code == 404
    assert send(keeper, "items", ITEMS).status_code == 422


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COORDINATOR])
def test_who_may_import_nothing_finds_nothing(client, people, role):
    assert sign_in(client, people[role]).get("/setup/import").status_code == 404


@pytest.mark.parametrize(
    ("page", "kind"),
    [("/setup/items", "items"), ("/setup/places", "warehouses"), ("/sites", "population"),
     ("/setup/routes", "routes"), ("/setup/vehicles", "vehicles"),
     ("/setup/standards", "standards"), ("/setup/", "")],
)  # fmt: skip
def test_the_import_is_reached_from_the_page_of_each_list(planner, page, kind):
    assert f'href="/setup/import{f"?kind={kind}" if kind else ""}"' in planner.get(page).text


def test_the_storekeeper_reaches_it_from_the_stock(keeper):
    assert 'href="/setup/import?kind=stock"' in keeper.get("/stock").text


def test_a_template_is_sent_in_the_readers_language(client, people):
    french = sign_in(client, people[Role.PLANNER], language="fr")
    answer = french.get("/setup/import/template/sites.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].max_column == 5


def test_a_large_file_is_imported_by_a_worker(app, planner, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    path = sent(planner, "items", ITEMS)
    answer = decide(planner, path, "import")
    assert answer.headers["Location"] == path
    page = planner.get(path).text
    assert "2 rows are in the books." in page
    assert "2 rows added" in page
    assert count(app, Item) == 3


def test_what_a_worker_cannot_import_is_told_on_the_page(app, planner, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    path = sent(planner, "items", ITEMS + b"JUG,,piece\n")
    decide(planner, path, "import")
    page = planner.get(path).text
    assert "The file was not used" in page
    assert "Check again" in page
    assert count(app, Item) == 1


def test_a_file_that_nobody_decided_about_is_forgotten_after_a_day(app, planner):
    path = sent(planner, "items", ITEMS)
    with app.app_context():
        with writing(db.session()) as session:
            imports.forget_old(session, datetime.now(UTC) + timedelta(hours=25))
        kept = db.session().scalars(select(ImportFile)).one()
        assert (kept.content, kept.name) == ("", "")
        db.session.remove()
    assert planner.get(path).status_code == 404


def test_typed_nonsense_among_the_decisions_is_left_aside(app, planner):
    path = sent(planner, "items", ITEMS)
    answer = decide(planner, path, "check", numbers="xx", dates="9", header="²",
                    **{"column-0": "colour", "column-x": "code", "column-99999999999999": "code",
                       "given-colour": "red", "m-0-field": "colour", "m-0-value": "x"})  # fmt: skip
    assert answer.status_code == 303
    assert "2 rows can be imported" in planner.get(path).text


def test_a_name_in_a_file_is_shown_as_text(planner):
    path = sent(planner, "items", b"code,name,unit\nMUG,<script>alert(1)</script>,piece\n")
    assert "<script>alert" not in planner.get(path).text


def test_a_site_comes_in_protected(app, planner):
    path = sent(planner, "sites", b"code,site,zone\nS50,Quiet hill,North\n")
    decide(planner, path, "import")
    with app.app_context():
        site = db.session().scalars(select(Place).where(Place.code == "S50")).one()
        assert site.shown_as == "S50"
        db.session.remove()


def test_an_item_with_a_stroke_in_its_code_has_its_pages(planner):
    path = sent(planner, "items", b"code,name,unit\nWNEA11/4,Elbow,piece\n")
    decide(planner, path, "import")
    page = planner.get("/setup/items?q=elbow").text
    assert 'href="/setup/items/WNEA11/4"' in page
    assert "Elbow" in planner.get("/setup/items/WNEA11/4").text
    assert planner.get("/setup/items/WNEA11/4/packs").status_code == 200
