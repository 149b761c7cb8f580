"""What runs out, what expires unused, what is past its date, what is overdue: on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from aidlog.core.errors import NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.registry.models import Access, Item, Place
from aidlog.registry.roles import Role
from aidlog.reports.alerts.limits import SetAlertLimit, WrongLimit, limits, set_alert_limit
from aidlog.reports.alerts.models import AlertKind, StockPace
from aidlog.reports.alerts.pace import work_out
from aidlog.reports.alerts.rows import alerts, counts
from aidlog.reports.alerts.setting_aside import (
    BringBack,
    Named,
    SetAside,
    WrongAside,
    bring_back,
    set_aside,
)
from tests.factories import (
    command_id,
    make_actor,
    make_count,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_route,
    make_standard,
    make_warehouse,
)

NOW = datetime.now(UTC)
TODAY = NOW.date()


def low(session, actor):
    return alerts(session, actor, AlertKind.LOW, now=NOW)


@pytest.fixture
def soap(session):
    """1,000 people who need 1 piece of soap a day each from one warehouse that holds 5,000."""
    with writing(session):
        warehouse, site = make_warehouse(session), make_place(session)
        item = make_item(session)
        make_count(session, site, people=1000, households=200)
        make_standard(session, item, quantity=1, recurs_days=1)
        make_route(session, warehouse, site)
        make_lot(session, warehouse=warehouse, item=item, quantity=5_000)
        planner = make_actor(session, Role.PLANNER)
        work_out(session, now=NOW)
        return warehouse.id, item.id, site.id, planner


def pace_of(session, warehouse, item):
    organisation = make_organisation(session).id
    return session.get(StockPace, (organisation, warehouse, item))


def test_stock_for_fewer_days_than_the_limit_is_low(session, soap):
    warehouse, item, _site, planner = soap
    (row,) = low(session, planner)
    assert (row.place_id, row.subject_id, row.stock, row.needed) == (warehouse, item, 5000, 30_000)
    assert (row.days_left, row.sites, row.limit) == (5, 1, 14)
    assert counts(session, planner, now=NOW)[AlertKind.LOW] == 1


def test_a_limit_of_its_own_decides_for_an_item(session, soap):
    _warehouse, item, _site, planner = soap
    organisation = make_organisation(session).id
    for days, rows in ((5, 0), (6, 1)):
        with writing(session):
            command = SetAlertLimit(
                command_id=command_id(), organisation_id=organisation, item_id=item, days=days
            )
            once(session, planner, command, set_alert_limit)
        assert len(low(session, planner)) == rows


def test_the_operations_limit_holds_where_an_item_has_none(session, soap):
    planner = soap[3]
    organisation = make_organisation(session).id
    with writing(session):
        command = SetAlertLimit(
            command_id=command_id(), organisation_id=organisation, item_id=None, days=4
        )
        once(session, planner, command, set_alert_limit)
    assert low(session, planner) == []
    (row,) = limits(session, planner)
    assert (row.item, row.days) == (None, 4)


def test_a_least_quantity_holds_without_any_need(session):
    with writing(session):
        item = make_item(session)
        make_lot(session, warehouse=make_warehouse(session), item=item, quantity=40)
        planner = make_actor(session, Role.PLANNER)
        command = SetAlertLimit(
            command_id=command_id(),
            organisation_id=make_organisation(session).id,
            item_id=item.id,
            days=None,
            least=50,
        )
        once(session, planner, command, set_alert_limit)
    (row,) = low(session, planner)
    assert (row.stock, row.least, row.days_left) == (40, 50, None)


def test_a_least_quantity_of_no_item_is_refused(session):
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
        organisation = make_organisation(session).id
    command = SetAlertLimit(
        command_id=command_id(), organisation_id=organisation, item_id=None, days=3, least=5
    )
    with pytest.raises(WrongLimit), writing(session):
        once(session, planner, command, set_alert_limit)


def test_what_is_past_its_date_is_no_stock(session, soap):
    warehouse, item, _site, planner = soap
    with writing(session):
        make_lot(
            session,
            warehouse=session.get_one(Place, warehouse),
            item=session.get_one(Item, item),
            quantity=90_000,
            expires_on=TODAY - timedelta(days=1),
        )
    assert low(session, planner)[0].stock == 5_000
    (row,) = alerts(session, planner, AlertKind.EXPIRED, now=NOW)
    assert (row.stock, row.day) == (90_000, TODAY - timedelta(days=1))


def test_a_site_counts_at_the_nearest_warehouse_that_keeps_the_item(session, soap):
    warehouse, item, site, _planner = soap
    with writing(session):
        place, thing = session.get_one(Place, site), session.get_one(Item, item)
        bare, near = make_warehouse(session), make_warehouse(session)
        shut = make_warehouse(session)
        for store, minutes in ((bare, 10), (near, 60)):
            make_route(session, store, place, minutes=minutes)
        make_route(session, shut, place, minutes=5, access=Access.CLOSED)
        for store in (near, shut):
            make_lot(session, warehouse=store, item=thing, quantity=10)
        work_out(session, now=NOW)
        needs = [getattr(pace_of(session, w, item), "needed", 0) for w in
                 (warehouse, bare.id, near.id, shut.id)]  # fmt: skip
    assert needs == [0, 0, 30_000, 0]


def test_people_who_were_not_counted_are_said_to_be_unknown(session):
    with writing(session):
        warehouse, site, item = make_warehouse(session), make_place(session), make_item(session)
        make_standard(session, item, quantity=1, recurs_days=1)
        make_route(session, warehouse, site)
        make_lot(session, warehouse=warehouse, item=item)
        work_out(session, now=NOW)
        pace = pace_of(session, warehouse.id, item.id)
    assert (pace.needed, pace.sites, pace.unknown) == (0, 1, 1)


def lost_by_simulation(lots, left):
    """Give out first expiry first, never more than could have left by then; return the losses."""
    out, losses = 0, []
    for days, quantity in lots:
        used = min(quantity, max(0, left * days // 90 - out))
        out += used
        losses.append(quantity - used)
    return losses


@pytest.mark.parametrize("left", [0, 90, 180, 450, 9_000])
def test_what_will_not_be_used_before_its_date_is_what_a_simulation_loses(session, left):
    lots = [(5, 30), (20, 10), (20, 25), (60, 200), (90, 10), (170, 400)]
    with writing(session):
        warehouse, item = make_warehouse(session), make_item(session)
        ids = [
            make_lot(
                session,
                warehouse=warehouse,
                item=item,
                quantity=quantity,
                expires_on=TODAY + timedelta(days=days),
            ).id
            for days, quantity in lots
        ]
        session.add(
            StockPace(
                organisation_id=warehouse.organisation_id, warehouse_id=warehouse.id,
                item_id=item.id, needed=0, sites=0, unknown=0, left=left, worked_out_at=NOW,
            )
        )  # fmt: skip
        planner = make_actor(session, Role.PLANNER)
    found = {
        a.subject_id: a.quantity for a in alerts(session, planner, AlertKind.EXPIRING, now=NOW)
    }
    assert [found.get(lot, 0) for lot in ids] == lost_by_simulation(lots, left)
    assert counts(session, planner, now=NOW)[AlertKind.EXPIRING] == len(found)


def test_alerts_stay_within_ones_places_and_organisations(session, soap):
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other hands")
        elsewhere = make_warehouse(session)
        strangers = make_actor(session, Role.PLANNER, organisation=other)
        keeper = make_actor(session, Role.STOREKEEPER, place=elsewhere)
        donor = make_actor(session, Role.DONOR)
    for actor in (strangers, keeper, donor):
        assert low(session, actor) == []
        assert set(counts(session, actor, now=NOW).values()) == {0}


def aside_of(row, **more):
    values = {"until": TODAY + timedelta(days=7), "reason": "A truck comes on Friday"} | more
    return SetAside(
        command_id=command_id(),
        alert=Named(
            kind=row.kind,
            organisation_id=row.organisation_id,
            place_id=row.place_id,
            subject_id=row.subject_id,
        ),
        **values,
    )


def test_an_alert_set_aside_is_not_counted_until_its_day(session, soap):
    planner = soap[3]
    with writing(session):
        once(session, planner, aside_of(low(session, planner)[0]), set_aside)
    (row,) = low(session, planner)
    assert row.aside is not None
    assert row.aside.reason == "A truck comes on Friday"
    assert counts(session, planner, now=NOW)[AlertKind.LOW] == 0
    assert counts(session, planner, now=NOW + timedelta(days=8))[AlertKind.LOW] == 1


def test_an_alert_is_set_aside_anew_and_brought_back(session, soap):
    planner = soap[3]
    for reason in ("First reason", "Second reason"):
        with writing(session):
            once(session, planner, aside_of(low(session, planner)[0], reason=reason), set_aside)
    (row,) = low(session, planner)
    assert row.aside.reason == "Second reason"
    with writing(session):
        command = BringBack(command_id=command_id(), alert=aside_of(row).alert)
        once(session, planner, command, bring_back)
    assert low(session, planner)[0].aside is None


@pytest.mark.parametrize(
    "more",
    [
        {"until": TODAY},
        {"until": TODAY + timedelta(days=91)},
        {"reason": "  "},
        {"until": date(1990, 1, 1)},
    ],
)
def test_an_alert_is_not_set_aside_for_nothing_or_for_ever(session, soap, more):
    planner = soap[3]
    row = low(session, planner)[0]
    with pytest.raises(WrongAside), writing(session):
        once(session, planner, aside_of(row, **more), set_aside)


def test_what_is_no_alert_or_anothers_cannot_be_set_aside(session, soap):
    planner = soap[3]
    row = low(session, planner)[0]
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other hands")
        stranger = make_actor(session, Role.PLANNER, organisation=other)
    with pytest.raises(NotFound), writing(session):
        once(session, stranger, aside_of(row), set_aside)
    missing = SetAside(
        command_id=command_id(),
        alert=Named(
            kind=AlertKind.EXPIRED,
            organisation_id=row.organisation_id,
            place_id=row.place_id,
            subject_id=999,
        ),
        until=TODAY + timedelta(days=2),
        reason="Not there",
    )
    with pytest.raises(NotFound), writing(session):
        once(session, planner, missing, set_aside)
