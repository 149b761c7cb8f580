"""What to buy or ask for, through the client: from the plan to the appeal."""

from __future__ import annotations

import html
import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from aidlog.donations.models import Appeal, AppealItem, PurchaseLine
from aidlog.extensions import db
from aidlog.registry.models import Place
from tests.factories import command_id
from tests.signing import sign_in
from tests.web.test_plans import asked, case, planner, second  # noqa: F401 - fixtures


def typed(case, **more):  # noqa: F811
    return {
        "command_id": command_id(),
        "way": "buy",
        "budget": "200.00",
        "step": "",
        "currency": "usd",
        "target": "",
        "warehouse": case.warehouse.code,
        "deliver_on": "2026-12-01",
        "lines-0-code": case.item.code,
        "lines-0-chosen": "y",
        "lines-0-price": "20",
    } | more


def test_from_the_plan_to_the_appeal_and_the_same_figures_in_excel(app, case, planner):  # noqa: F811
    plan = asked(planner, case)
    assert f'href="/plans/{plan}/buy"' in planner.get(f"/plans/{plan}").text
    assert case.item.code in planner.get(f"/plans/{plan}/buy").text
    answer = planner.post(f"/plans/{plan}/buy", data=typed(case))
    assert answer.status_code == 303, answer.text
    page = planner.get(answer.location).text
    assert "10 bales" in page or "10 pieces" in page
    assert "200.00 USD" in page
    assert "60%" in page
    assert "80%" in page
    book = openpyxl.load_workbook(io.BytesIO(planner.get(f"{answer.location}/list.xlsx").data))
    row = [cell.value for cell in book.worksheets[0][5]]
    assert row[0:2] == [1, case.item.code]
    assert row[3:5] == [10, 200]
    assert row[8:10] == [0.6, 0.8]
    sent = {"command_id": command_id(), "appeal": "0", "title": "Warm nights", "text": "Cold."}
    assert planner.post(f"{answer.location}/send", data=sent).status_code == 303
    with app.app_context():
        assert db.session().scalars(select(Appeal.title)).all() == ["Warm nights"]
        assert db.session().scalars(select(AppealItem.wanted)).all() == [100]
    again = sent | {"command_id": command_id()}
    assert planner.post(f"{answer.location}/send", data=again).status_code in {409, 422}
    with app.app_context():
        assert db.session().scalars(select(AppealItem.wanted)).all() == [100]


def test_a_missing_price_is_said_at_its_field_and_nothing_typed_is_lost(case, planner):  # noqa: F811
    plan = asked(planner, case)
    answer = planner.post(f"/plans/{plan}/buy", data=typed(case, **{"lines-0-price": ""}))
    assert answer.status_code == 422
    assert "what a pack costs" in answer.text
    assert 'value="200.00"' in answer.text
    assert 'href="#lines-0-price"' in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"budget": ""}, "Write the budget"),
        ({"budget": "a lot"}, "is not a figure"),
        ({"deliver_on": "2031-01-01"}, "too late"),
        ({"lines-0-price": "2.555"}, "can be read in two ways"),
    ],
)
def test_bad_figures_are_sentences(case, planner, change, words):  # noqa: F811
    answer = planner.post(f"/plans/{asked(planner, case)}/buy", data=typed(case, **change))
    assert (answer.status_code, words in answer.text) == (422, True)


def test_another_organisations_list_is_not_there(app, case, planner):  # noqa: F811
    plan = asked(planner, case)
    there = planner.post(f"/plans/{plan}/buy", data=typed(case)).location
    stranger = sign_in(app.test_client(), case.stranger.id)
    for path in (there, f"{there}/list.xlsx", f"/plans/{plan}/buy"):
        assert stranger.get(path).status_code == 404
    auditor = sign_in(app.test_client(), case.auditor.id)
    assert auditor.get(there).status_code == 200
    assert "Send to the appeal" not in auditor.get(there).text


def test_a_list_that_is_worked_out_no_more_is_not_stopped_and_the_page_says_so(case, planner):  # noqa: F811
    there = planner.post(f"/plans/{asked(planner, case)}/buy", data=typed(case)).location
    answer = planner.post(f"{there}/stop", data={"command_id": command_id()})
    assert answer.status_code == 303
    page = planner.get(there).text
    assert "has ended" in page
    assert "200.00 USD" in page


def test_the_planner_orders_from_the_list_and_receives_nothing(app, case, planner):  # noqa: F811
    there = planner.post(f"/plans/{asked(planner, case)}/buy", data=typed(case)).location
    link = re.search(r'href="(/purchases/new[^"]+)"', planner.get(there).text)
    draft = html.unescape(link[1])
    page = planner.get(draft).text
    for known in ('value="10"', 'value="200"', 'value="USD"', 'value="2026-12-01"'):
        assert known in page, known
    with app.app_context():
        store = db.session().scalars(select(Place).where(Place.code == case.warehouse.code)).one()
        order = {
            "command_id": command_id(),
            "supplier": "Market",
            "warehouse": store.id,
            "currency": "USD",
            "expected_on": "2026-12-01",
            "rows-0-item": case.item.code,
            "rows-0-packs": "10",
            "rows-0-price": "200.00",
            "rows-0-known": re.search(r'name="rows-0-known"[^>]*value="([^"]+)"', page)[1],
        }
    answer = planner.post(draft, data=order)
    assert answer.status_code == 303, answer.text
    with app.app_context():
        bought = db.session().scalars(select(PurchaseLine)).one()
        assert (bought.quantity, bought.price) == (100, 20_000)
    shown = planner.get(answer.location).text
    assert "/receive" not in shown
    assert "Close the order" not in shown
    stranger = sign_in(app.test_client(), case.stranger.id)
    assert stranger.get(draft).status_code == 404
    auditor = sign_in(app.test_client(), case.auditor.id)
    assert auditor.get(draft).status_code == 404
    assert "purchases/new" not in auditor.get(there).text
