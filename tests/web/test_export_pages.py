"""A list as a file, from its button to the download, and who gets it."""

from __future__ import annotations

import html
import io

import openpyxl
import pytest
from sqlalchemy import select
from waitress.buffers import ReadOnlyFileBasedBuffer

from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from tests.factories import (
    make_count,
    make_item,
    make_lot,
    make_person,
    make_place,
    make_standard,
    make_warehouse,
)
from tests.signing import sign_in


@pytest.fixture
def people(app):
    with app.app_context():
        with writing(db.session()) as session:
            store = make_warehouse(session, code="HUB", name="Lake hub")
            for name in ("Blanket", "Soap"):
                make_lot(
                    session, warehouse=store, item=make_item(session, code=name.upper(), name=name)
                )
            ids = {
                who: make_person(session, role).id
                for who, role in (
                    ("planner", Role.PLANNER), ("other", Role.PLANNER), ("lead", Role.SITE_LEAD),
                )
            }  # fmt: skip
        db.session.remove()
    return {who: sign_in(app.test_client(), person) for who, person in ids.items()}


def asked(client, path, **fields):
    sent = {"command_id": new_id(), "ending": "xlsx"} | fields
    answer = client.post(path, data=sent)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_list_is_asked_for_on_its_page_and_fetched_as_it_was_shown(people):
    planner = people["planner"]
    page = planner.get("/stock/HUB?q=blank").text
    assert "/exports/new/stock?q=blank&amp;warehouse=HUB" in page
    address = asked(planner, "/exports/new/stock?q=blank&warehouse=HUB", hxl="y")
    assert f"{address}/file" in planner.get(address).text
    answer = planner.get(f"{address}/file")
    assert "aidlog-stock-high-" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    answer.close()
    rows = list(sheet.iter_rows(values_only=True))
    assert "Class: high" in rows[0][0]
    assert rows[2][0] == "#item+code"
    assert [row[0] for row in rows[3:]] == ["BLANKET"]


def test_a_text_file_is_sent_by_the_server_that_runs_in_the_field(people):
    address = asked(people["planner"], "/exports/new/stock", ending="csv")
    answer = people["planner"].get(
        f"{address}/file",
        headers={"Accept-Encoding": "gzip"},
        environ_overrides={"wsgi.file_wrapper": ReadOnlyFileBasedBuffer},
    )
    text = answer.get_data().decode("utf-8-sig")
    answer.close()
    assert answer.status_code == 200
    assert "BLANKET" in text


def test_only_its_maker_fetches_a_file(people):
    address = asked(people["planner"], "/exports/new/stock")
    for path in (address, f"{address}/file"):
        answer = people["planner"].get(path)
        assert answer.status_code == 200
        answer.close()
        assert people["other"].get(path).status_code == 404


def test_who_does_not_see_a_list_does_not_take_it_out(people):
    assert people["lead"].get("/exports/new/stock").status_code == 404
    assert people["planner"].get("/exports/new/secrets").status_code == 404


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("/setup/items?q=soap&category=x&all=1", "items?q=soap&category=x&all=1"),
        ("/setup/places?kind=site&q=s0", "sites?q=s0"),
        ("/needs?starts_on=2026-12-01&ends_on=2026-12-02&area=North&area=South&item=SOAP",
         "needs?starts_on=2026-12-01&ends_on=2026-12-02&area=North&area=South&item=SOAP"),
        ("/pledges?q=soap&state=open", "pledges?q=soap&state=open"),
        ("/waybills?state=late", "waybills?state=late"),
        ("/movements?at=HUB&what=in", "movements?warehouse=HUB&what=in"),
    ],
)  # fmt: skip
def test_the_filters_of_a_page_go_into_its_file(people, page, address):
    planner = people["planner"]
    if page.startswith("/needs"):
        with planner.application.app_context():
            with writing(db.session()) as session:
                make_count(session, make_place(session))
                item = session.scalars(select(Item).where(Item.code == "SOAP")).one()
                make_standard(session, item)
            db.session.remove()
    href = html.escape(f"/exports/new/{address}")
    assert f'href="{href}"' in planner.get(page).text
    assert "with its filters" in planner.get(f"/exports/new/{address}").text
    where = asked(planner, f"/exports/new/{address}")
    answer = planner.get(f"{where}/file")
    answer.close()
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("/stock", "stock"), ("/movements", "movements"), ("/waybills", "waybills"),
        ("/pledges", "pledges"), ("/needs", "needs"), ("/setup/items", "items"),
        ("/sites", "population"), ("/setup/places", "sites"),
    ],
)  # fmt: skip
def test_every_list_has_its_button(people, page, kind):
    shown = people["planner"].get(page).text
    assert f"/exports/new/{kind}" in shown
    assert people["planner"].get(f"/exports/new/{kind}").status_code == 200
