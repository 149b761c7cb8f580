"""The pipeline: each good counted once, of one's own, and the same on the screen and in Excel."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import openpyxl
import pytest

from aidlog.db.transaction import writing
from aidlog.donations.purchasing import Bought, RecordPurchase, record_purchase
from aidlog.extensions import db
from aidlog.planning.choices import Certainty
from aidlog.registry.roles import Role, actor_for
from aidlog.reports.expected_goods import expected_goods
from aidlog.reports.pipeline import Sight, pipeline, spans_of
from tests.factories import command_id, make_organisation, make_person, make_pledge, make_standard
from tests.planning.cases import actor, make_case
from tests.planning.test_coming import order, pledge
from tests.signing import sign_in

TODAY = datetime.now(UTC).date()


def sight(**more):
    return Sight(today=TODAY, **more)


def row_of(session, case, **more):
    found = pipeline(session, actor(session, case.planner), sight(**more))
    return next(row for row in found.rows if row.item.code == case.item.code)


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session)


def test_stock_pledges_and_orders_are_counted_once_each(session, case):
    pledge(session, case, quantity=100, on=TODAY + timedelta(days=9), came=40)
    order(session, case, quantity=70, on=TODAY + timedelta(days=2))
    row = row_of(session, case)
    # 300 stood there and 40 of the pledge came; 60 of it and the order are to come
    assert (row.free, row.set_aside) == (340, 0)
    assert [sum(span.coming.values()) for span in row.projection.spans][:2] == [70, 60]
    assert row.projection.spans[-1].balance == 340 + 130 - 500
    assert row_of(session, case, counted=[Certainty.ORDERED]).projection.spans[-1].came == 0
    assert row_of(session, case, counted=[Certainty.ORDERED]).projection.spans[0].came == 70


def test_goods_that_are_late_or_have_no_day_are_shown_and_not_counted(session, case):
    pledge(session, case, quantity=100, on=None)
    order(session, case, quantity=70, on=TODAY - timedelta(days=1))
    row = row_of(session, case)
    assert (row.without_day, sum(span.came for span in row.projection.spans)) == (170, 0)
    assert (row.projection.breaks, row.projection.runs_out) == (True, 0)


def test_what_other_organisations_expect_is_not_shown(session, case):
    with writing(session):
        others = make_organisation(session, code="ZZZ", name="Others")
        stranger = make_person(session, Role.PLANNER, organisation=others)
        make_pledge(session, organisation=others, item=case.item, quantity=900)
    order(session, case)
    assert [one.certainty for one in expected_goods(session, actor(session, case.planner))] == [
        "ordered"
    ]
    assert [one.certainty for one in expected_goods(session, actor_for(session, stranger.id))] == [
        "pledged"
    ]


def test_months_follow_the_calendar_and_weeks_start_today():
    weeks = spans_of(sight())
    months = spans_of(sight(by_month=True))
    assert (weeks[0], len(weeks)) == ((TODAY, TODAY + timedelta(days=6)), 12)
    assert all(b == a + timedelta(days=1) for (_, a), (b, _) in pairwise(months))
    assert {first.day for first, _ in months[1:]} == {1}


def test_the_page_and_the_workbook_say_the_same(app):
    with app.app_context():
        with writing(db.session()) as session:
            made = make_case(session)
            make_standard(session, item=made.item)
            store = make_person(session, Role.STOREKEEPER, organisation=made.organisation)
            bought = RecordPurchase(
                command_id=command_id(),
                warehouse_id=made.warehouse.id,
                supplier="Market",
                lines=(Bought(item_id=made.item.id, quantity=70),),
                expected_on=TODAY + timedelta(days=8),
            )
            record_purchase(session, actor_for(session, store.id), bought)
            planner, keeper, code = made.planner.id, store.id, made.item.code
        db.session.remove()
    client = sign_in(app.test_client(), planner)
    page = client.get(f"/pipeline?item={code}").text
    assert 'href="/pipeline"' in client.get("/plans").text
    assert 'href="/pipeline"' in client.get("/needs").text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/pipeline.xlsx").data))
    row = [cell.value for cell in book.worksheets[0][5]]
    # free, set aside, expected, without a day, needed, left: 300 + 70 − 500
    assert row[3:9] == [300, 0, 70, 0, 500, -130]
    assert row[10].date() == TODAY
    for figure in ("300 pc", "70 pc", "500 pc", "−130 pc"):
        assert figure in page, figure
    weeks = [[cell.value for cell in line] for line in book.worksheets[1].iter_rows(min_row=5)]
    assert len(weeks) == 12
    shown = re.findall(r'<td class="n b"[^>]*>([^<]*)</td>', page)
    assert shown == [f"−{-line[-1]} pc" for line in weeks]
    assert (
        client.get("/pipeline?only=breaks&by=month&count=pledged&category=None").status_code == 200
    )
    assert sign_in(app.test_client(), keeper).get("/pipeline").status_code == 404
