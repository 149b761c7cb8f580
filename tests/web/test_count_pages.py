"""A stock take as people do it in the pages: open, count blind, from paper, explain, approve."""

from __future__ import annotations

import re

import pytest

from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.stock.soundness import faults
from tests.booking import send
from tests.factories import (
    make_actor,
    make_item,
    make_lot,
    make_person,
    make_place,
    make_warehouse,
)
from tests.signing import sign_in

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'([a-z_-]+)="([^"]*)"')


@pytest.fixture
def desk(app):
    """Two storekeepers and a planner at their browsers; 100 blankets in ten bales, 40 nets."""
    with app.app_context():
        with writing(db.session()) as session:
            warehouse = make_warehouse(session, code="HUB", name="Lake hub")
            blankets = make_item(session, code="BLANKET", name="Blanket")
            nets = make_item(session, code="NET", name="Net", pack=(PackKind.BOX, 20))
            lots = [
                make_lot(session, warehouse=warehouse, item=blankets, quantity=100, number="B-1"),
                make_lot(
                    session,
                    warehouse=warehouse,
                    item=nets,
                    quantity=40,
                    number="N-1",
                    pack=(PackKind.BOX, 20),
                ),
            ]
            ids = {
                "keeper": make_person(session, Role.STOREKEEPER).id,
                "other": make_person(session, Role.STOREKEEPER).id,
                "planner": make_person(session, Role.PLANNER).id,
            }
            known = {
                "app": app,
                "warehouse": warehouse.id,
                "organisation": warehouse.organisation_id,
                "lots": [lot.id for lot in lots],
            }
        db.session.remove()
    return known | {name: sign_in(app.test_client(), id_) for name, id_ in ids.items()}


def hidden(page, action=""):
    """Return the hidden fields of the first form of a page, or of the one with ``action``."""
    form = next(part for part in page.text.split("<form")[1:] if action in part.split(">")[0])
    fields = [dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(form.split("</form>")[0])]
    return {one["name"]: one.get("value", "") for one in fields if "name" in one}


def main(page):
    return page.text.partition("<main")[2]


def opened(desk, **fields):
    page = desk["keeper"].get("/counts/new?warehouse=HUB")
    assert page.status_code == 200
    sent = {f["name"]: f.get("value", "") for f in _fields(page)}
    answer = desk["keeper"].post(
        "/counts/new", data=sent | {"warehouse": desk["warehouse"], "scope": "all"} | fields
    )
    assert answer.status_code == 303, main(answer)
    return answer.location.rsplit("/", 1)[1]


def _fields(page):
    return [dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(page.text) if 'name="' in tag]


def sheet(desk, code, counts, who="keeper", act="save", view=""):
    """Type ``counts`` (lot number: packs, loose) into the sheet and send it."""
    path = f"/counts/{code}/sheet{view}"
    page = desk[who].get(path)
    assert page.status_code == 200
    fields = {f["name"]: f.get("value", "") for f in _fields(page)}
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", page.text, re.S):
        number = re.search(r'name="lines-(\d+)-line"', row)[1]
        for lot, (packs, loose) in counts.items():
            if f">{lot}<" in row:
                fields |= {f"lines-{number}-packs": packs, f"lines-{number}-loose": loose}
    return desk[who].post(path, data=fields | {"act": act})


def press(desk, who, code, what, **fields):
    page = desk[who].get(f"/counts/{code}")
    return desk[who].post(
        f"/counts/{code}/{what}", data=hidden(page, f"/counts/{code}/{what}") | fields
    )


def explained(desk, code, reason="lost"):
    page = desk["keeper"].get(f"/counts/{code}")
    fields = hidden(page, "/explain")
    for name in [name for name in fields if name.endswith("-line")]:
        fields[name.replace("-line", "-reason")] = reason
    return desk["keeper"].post(f"/counts/{code}/explain", data=fields)


def on_card(desk, item):
    return desk["planner"].get(f"/stock/HUB/{item}?unit=units").text


def sound(desk):
    with desk["app"].app_context():
        assert list(faults(db.session())) == []
        db.session.remove()


def test_a_stock_take_from_the_sheet_to_the_corrected_books(desk):
    code = opened(desk)
    blind = desk["keeper"].get(f"/counts/{code}/sheet")
    assert "100 pc" not in main(blind)
    assert "40 pc" not in main(blind)
    assert sheet(desk, code, {"B-1": ("9", "5"), "N-1": ("2", "")}).status_code == 303
    before = main(desk["keeper"].get(f"/counts/{code}"))
    assert "95 pc" not in before, "no figure before the count is closed"
    assert press(desk, "keeper", code, "finish").status_code == 303
    shown = main(desk["planner"].get(f"/counts/{code}"))
    assert "−5 pc" in shown.replace("<b>", "").replace("</b>", "")
    assert "Differences without a reason: 1" in shown
    assert explained(desk, code).status_code == 303
    done = press(desk, "planner", code, "approve", remark="Seen")
    assert done.status_code == 303
    again = desk["planner"].post(f"/counts/{code}/approve", data={"command_id": new_id()})
    assert again.status_code == 409
    assert "was approved already" in again.text
    card = on_card(desk, "BLANKET")
    assert code in card
    assert "counted 95 pc, the card said 100 pc" in card
    sound(desk)


def test_what_is_typed_wrong_is_named_and_nothing_is_lost(desk):
    code = opened(desk)
    answer = sheet(desk, code, {"B-1": ("9.5", ""), "N-1": ("2", "")})
    assert answer.status_code == 422
    assert "“9.5” is not a whole number" in answer.text
    assert 'value="9.5"' in answer.text
    assert 'value="2"' in answer.text
    assert "Still to count" in desk["keeper"].get(f"/counts/{code}").text


@pytest.mark.parametrize("line", ["", "²", "one", "-1", "9" * 40, "9" * 5000])
def test_a_line_that_is_none_of_the_sheet_is_not_there(desk, line):
    code = opened(desk)
    page = desk["keeper"].get(f"/counts/{code}/sheet")
    fields = {f["name"]: f.get("value", "") for f in _fields(page)} | {"lines-0-line": line}
    assert desk["keeper"].post(f"/counts/{code}/sheet", data=fields).status_code == 404
    sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    press(desk, "keeper", code, "finish")
    assert press(desk, "planner", code, "recount", again=line).status_code == 404
    page = desk["keeper"].get(f"/counts/{code}")
    fields = hidden(page, "/explain") | {"lines-0-line": line, "lines-0-reason": "lost"}
    assert desk["keeper"].post(f"/counts/{code}/explain", data=fields).status_code == 404


def test_what_is_too_long_is_told_and_stays_where_it_was_typed(desk):
    code = opened(desk)
    sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    press(desk, "keeper", code, "finish")
    long = press(desk, "keeper", code, "cancel", why="x" * 401)
    assert long.status_code == 422
    assert "at most 400 characters" in long.text
    fields = hidden(long, "/explain") | {"lines-0-reason": "lost", "lines-0-remark": "y" * 201}
    long = desk["keeper"].post(f"/counts/{code}/explain", data=fields)
    assert long.status_code == 422
    assert "y" * 201 in long.text
    assert explained(desk, code).status_code == 303
    long = press(desk, "planner", code, "approve", remark="z" * 401)
    assert long.status_code == 422
    assert "z" * 401 in long.text
    assert "waits for approval" in long.text


def test_a_draft_is_kept_as_typed_for_oneself_alone(desk):
    code = opened(desk)
    assert sheet(desk, code, {"B-1": ("9x", "1")}, act="draft").status_code == 303
    assert 'value="9x"' in desk["keeper"].get(f"/counts/{code}/sheet").text
    assert 'value="9x"' not in desk["other"].get(f"/counts/{code}/sheet").text


def test_a_line_that_moved_is_marked_and_counted_again(desk):
    code = opened(desk)
    with desk["app"].app_context():
        with writing(db.session()) as session:
            from aidlog.registry.models import Place
            from aidlog.stock.models import Lot

            actor = make_actor(session, Role.STOREKEEPER)
            warehouse = session.get_one(Place, desk["warehouse"])
            lot = session.get_one(Lot, desk["lots"][0])
            send(session, actor, lot, 10, warehouse, make_place(session))
        db.session.remove()
    answer = sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    page = desk["keeper"].get(answer.location)
    assert "goods moved while it was counted" in page.text
    assert "moved meanwhile: count again" in page.text
    assert sheet(desk, code, {"B-1": ("9", "")}, view="?paper=1").status_code == 303
    assert press(desk, "keeper", code, "finish").status_code == 303
    assert "Everything stands there as the books say" in desk["planner"].get(f"/counts/{code}").text


def test_two_who_count_differently_count_again(desk):
    code = opened(desk)
    sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    answer = sheet(desk, code, {"B-1": ("8", "")}, who="other", view="?all=1")
    assert "two people counted, and not the same" in desk["other"].get(answer.location).text


def test_a_found_lot_is_added_and_counted(desk):
    code = opened(desk)
    page = desk["keeper"].get(f"/counts/{code}/found")
    form = hidden(page) | {"item": "BLANKET", "number": "B-9"}
    asked = desk["keeper"].post(f"/counts/{code}/found", data=form)
    assert asked.status_code == 422
    assert "Write the expiry date printed on it" in asked.text
    form = hidden(asked) | {"item": "BLANKET", "number": "B-9", "no_expiry": "y"}
    assert desk["keeper"].post(f"/counts/{code}/found", data=form).status_code == 303
    assert "B-9" in desk["keeper"].get(f"/counts/{code}/sheet").text
    sheet(desk, code, {"B-1": ("10", ""), "N-1": ("2", ""), "B-9": ("", "3")})
    press(desk, "keeper", code, "finish")
    assert explained(desk, code, "found").status_code == 303
    assert press(desk, "planner", code, "approve").status_code == 303
    assert "B-9" in on_card(desk, "BLANKET")
    sound(desk)


def test_chosen_lines_are_sent_back(desk):
    code = opened(desk)
    sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    press(desk, "keeper", code, "finish")
    page = desk["planner"].get(f"/counts/{code}")
    line = re.search(r'name="again" value="(\d+)"', page.text)[1]
    nothing = desk["planner"].post(f"/counts/{code}/recount", data=hidden(page, "/recount"))
    assert nothing.status_code == 422
    fields = hidden(nothing, "/recount") | {"again": line}
    assert desk["planner"].post(f"/counts/{code}/recount", data=fields).status_code == 303
    assert "to be counted again" in desk["keeper"].get(f"/counts/{code}/sheet").text


def test_a_zone_is_counted_by_itself(desk):
    page = desk["keeper"].get("/warehouses/HUB/zones")
    fields = hidden(page) | {f"zone_{desk['lots'][0]}": "Row C"}
    assert desk["keeper"].post("/warehouses/HUB/zones", data=fields).status_code == 303
    code = opened(desk, scope="zone", zone="Row C")
    text = main(desk["keeper"].get(f"/counts/{code}/sheet"))
    assert "B-1" in text
    assert "N-1" not in text
    assert "Row C" in text


def test_items_are_counted_by_themselves_and_an_unknown_one_is_named(desk):
    page = desk["keeper"].get("/counts/new?warehouse=HUB&item=NET")
    assert 'value="NET"' in page.text
    fields = {f["name"]: f.get("value", "") for f in _fields(page)} | {
        "warehouse": desk["warehouse"],
        "scope": "items",
        "items": "NET, nothing of the kind",
    }
    wrong = desk["keeper"].post("/counts/new", data=fields)
    assert wrong.status_code == 422
    assert "No item is called" in wrong.text
    code = opened(desk, scope="items", items="NET")
    assert "B-1" not in main(desk["keeper"].get(f"/counts/{code}/sheet"))


def test_a_stock_take_is_given_up_with_a_reason(desk):
    code = opened(desk)
    assert press(desk, "keeper", code, "cancel", why=" ").status_code == 422
    assert press(desk, "keeper", code, "cancel", why="Rain came in").status_code == 303
    assert "Rain came in" in desk["planner"].get(f"/counts/{code}").text
    assert desk["keeper"].get(f"/counts/{code}/sheet").status_code == 404


def test_a_reversed_stock_take_says_what_undid_it(desk):
    code = opened(desk)
    sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    press(desk, "keeper", code, "finish")
    explained(desk, code)
    press(desk, "planner", code, "approve")
    page = desk["planner"].get(f"/documents/{code}")
    fields = hidden(page, 'method="post"') | {"why": "Wrong shelf"}
    done = desk["planner"].post(f"/documents/{code}", data=fields)
    assert done.status_code == 303, main(done)
    reversal = done.location.rsplit("/", 1)[1]
    link = f'<a href="/documents/{reversal}">{reversal}</a>.'
    assert f"undone by {link}" in desk["keeper"].get(f"/counts/{code}").text
    assert f"undone by {link}" in desk["keeper"].get(f"/documents/{code}").text
    undoes = f'undoes <a href="/documents/{code}">{code}</a>. Wrong shelf'
    assert undoes in desk["keeper"].get(f"/documents/{reversal}").text
    sound(desk)


def test_the_papers_open_and_show_no_figure_before_the_count(desk):
    code = opened(desk)
    paper = desk["keeper"].get(f"/counts/{code}/paper.pdf")
    assert paper.status_code == 200
    assert paper.data.startswith(b"%PDF")
    assert desk["keeper"].get(f"/counts/{code}/report.pdf").status_code == 404
    sheet(desk, code, {"B-1": ("9", ""), "N-1": ("2", "")})
    press(desk, "keeper", code, "finish")
    assert desk["planner"].get(f"/counts/{code}/report.pdf").data.startswith(b"%PDF")


def test_a_stock_take_is_found_from_the_lists(desk):
    code = opened(desk)
    assert code in desk["planner"].get("/counts").text
    assert "/counts" in desk["keeper"].get("/stock/HUB").text
    assert "/counts/new?warehouse=HUB&amp;item=NET" in desk["keeper"].get("/stock/HUB/NET").text
    assert code in desk["planner"].get(f"/find?q={code}").text
