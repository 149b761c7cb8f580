"""The needs board as a workbook: every cell says what the cell of the screen says."""

from __future__ import annotations

import io
import random
import re
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import openpyxl
import pytest

from aidlog.core.quantity import BaseUnit
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.models import Basis
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
from tests.planning.test_board import send
from tests.signing import sign_in

SITES, ITEMS = 6, 18
UNITS = (BaseUnit.PIECE, BaseUnit.GRAM, BaseUnit.MILLILITRE)


@pytest.fixture
def planner(app):
    """An operation of amounts from half a kilogram to tonnes, some sites not fully counted."""
    draw = random.Random(5)
    with app.app_context():
        with writing(db.session()) as session:
            hub = make_warehouse(session, code="HUB")
            sites = [
                make_place(session, code=f"S{n:02}", area=("North", "South")[n % 2])
                for n in range(SITES)
            ]
            for number, site in enumerate(sites[1:]):
                households = None if number == 2 else draw.randint(5, 300)
                make_count(session, site, people=draw.randint(300, 1500), households=households)
            for number in range(ITEMS):
                unit = UNITS[number % 3]
                item = make_item(
                    session, code=f"ITEM{number:02}", name=f"Item {number}", base_unit=unit
                )
                basis = Basis.HOUSEHOLD if number % 5 == 4 else Basis.PERSON
                make_standard(session, item, basis=basis, quantity=draw.choice((1, 3, 250, 13_337)))
                if number % 4:
                    lot = make_lot(session, warehouse=hub, item=item, quantity=4_000_000)
                    here = draw.sample(sites, 3)
                    send(session, lot, hub, here[0], arrived=draw.randint(1, 900))
                    send(session, lot, hub, here[1], on_the_road=draw.randint(1, 90_000))
                    send(session, lot, hub, here[2], arrived=draw.randint(1, 1_400_000))
            person = make_person(session, Role.PLANNER).id
        db.session.remove()
    return sign_in(app.test_client(), person)


def screen(planner, view, show):
    """Yield (row, column, figure) of the whole table, leaf by leaf: texts as they are read."""
    for column in (0, 9):
        page = planner.get("/needs?" + urlencode([*view, ("show", show), ("column", column)])).text
        table = page.partition('id="board"')[2].partition("</table>")[0]
        heads = re.findall(r'title="([^"]+)"', table.partition("</thead>")[0])
        for row in re.findall(r"<tr>.*?</tr>", table.partition("</thead>")[2], re.DOTALL):
            name = re.sub(r"<[^>]+>", "", re.search(r"<a [^>]*>([^<]+)|<th[^>]*>([^<]+)", row)[0])
            name = name.rpartition(">")[2]
            cells = re.findall(r"<td.*?</td>", row, re.DOTALL)
            for head, cell in zip([*heads, "Basket"], cells, strict=True):
                chief = re.search(r"<b[^>]*>(.*?)</b>", cell) or re.search(
                    r"<td[^>]*>([^<]*)", cell
                )
                text = unescape(re.sub(r"<[^>]+>", "", chief[1])).strip()
                yield name, head, "?" if '"q">not known</span></td>' in cell else text


def shown(cell):
    """Return what a spreadsheet program writes into ``cell``, from its value and its format."""
    form = cell.number_format
    if cell.value is None or isinstance(cell.value, str):
        return cell.value or ""
    if form.endswith("%"):
        return f"{Decimal(str(cell.value)) * 100:,.0f}%"
    sign, digits, unit = re.fullmatch(r'(?:"(−)")?(#,##0(?:\.0+)?)"( \w+)"', form).groups()
    decimals = len(digits.partition(".")[2])
    return f"{sign or ''}{Decimal(str(cell.value)):,.{decimals}f}{unit}"


def in_large_units(text):
    """Say small amounts as the workbook does, whose columns have one unit: 500 g is 0.5 kg."""
    found = re.fullmatch(r"(−?)([\d,]+) (g|ml)", text)
    if found is None:
        return text
    value = Decimal(found[2].replace(",", "")) / 1000
    return f"{found[1]}{value.normalize():f} {'kg' if found[3] == 'g' else 'L'}"


@pytest.mark.parametrize("show", ["coverage", "gap", "need"])
@pytest.mark.parametrize(
    "view",
    [
        [],
        [("area", "South"), ("sort", "name")],
        [("site", "S03"), ("site", "S05"), *(("item", f"ITEM{n:02}") for n in range(1, 18))],
    ],
    ids=["all", "zone", "chosen"],
)
def test_every_cell_of_the_workbook_says_what_the_screen_says(planner, view, show):
    answer = planner.get("/needs.xlsx?" + urlencode([*view, ("show", show)]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert sheet.title == show.title()
    heads = {str(cell.value): cell.column for cell in sheet[4]}
    rows = {str(row[0].value): row[0].row for row in sheet.iter_rows(min_row=5)}
    seen = 0
    order = []
    for name, head, text in screen(planner, view, show):
        order.append(name)
        seen += 1
        assert shown(sheet.cell(rows[name], heads[head])) == in_large_units(text), (name, head)
    items = 17 if len(view) > 2 else ITEMS
    shown_rows = [name for name in rows if name != "Sites whose need is not known"]
    assert seen == len(shown_rows) * (items + 2)  # baskets stand on both leaves
    assert list(dict.fromkeys(order)) == shown_rows, "the rows stand in the order of the screen"
