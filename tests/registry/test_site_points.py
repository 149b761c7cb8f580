"""Where a site is: read by few, written down each time, never in a text."""

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db import audit
from aidlog.db.audit import AuditEntry
from aidlog.db.commands import CommandRecord, IdReused, once
from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.registry.scope import WrongEntry
from aidlog.registry.site_points import (
    SetSitePoint,
    Why,
    read_site_point,
    set_site_point,
    typed_degrees,
)
from tests.factories import command_id, make_actor, make_organisation, make_place, make_warehouse

SALT = "0123456789abcdef"


def set_point(session, actor, place, latitude=1_234_567, longitude=-2_345_678, **more):
    command = SetSitePoint(
        command_id=more.get("id_") or command_id(),
        place_id=place.id,
        latitude=latitude,
        longitude=longitude,
        salt=SALT,
    )
    with writing(session):
        return once(session, actor, command, set_site_point)


@pytest.fixture
def site(session):
    with writing(session):
        return make_place(session)


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


@pytest.fixture
def guardian(session):
    with writing(session):
        return make_actor(session, Role.PROTECTION)


def test_who_read_a_position_and_why_is_chained_into_the_audit(session, site, planner, guardian):
    set_point(session, planner, site)
    with writing(session):
        point = read_site_point(session, guardian, site.id, why=Why.PROTECTION_VISIT)
    assert (point.latitude, point.longitude) == (1_234_567, -2_345_678)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.actor_id, entry.verb) == (guardian.user_id, "ReadSitePoint:done")
    assert entry.subject == f"place {site.id}: protection_visit"
    assert list(audit.breaks(session)) == []


def test_a_planner_sets_a_position_but_may_not_read_it(session, site, planner):
    set_point(session, planner, site)
    with pytest.raises(NotAllowed), writing(session):
        read_site_point(session, planner, site.id, why=Why.DELIVERY)


def test_neither_the_answer_nor_the_text_of_a_point_tells_where(session, site, planner, guardian):
    answer = set_point(session, planner, site)
    with writing(session):
        point = read_site_point(session, guardian, site.id, why=Why.CHECKING)
    assert "1234567" not in f"{answer} {point!r} {point}"
    record = session.scalars(select(CommandRecord)).all()
    assert all("1234567" not in line.answer for line in record)


def test_a_position_sent_again_with_other_figures_is_a_conflict(session, site, planner, guardian):
    same = command_id()
    set_point(session, planner, site, id_=same)
    with pytest.raises(IdReused):
        set_point(session, planner, site, latitude=7, id_=same)
    with writing(session):
        assert read_site_point(session, guardian, site.id, why=Why.CHECKING).latitude == 1_234_567


def test_another_organisations_site_a_warehouse_and_an_empty_point_are_not_there(
    session, planner, guardian, site
):
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other")
        theirs, store = make_place(session, organisation=other), make_warehouse(session)
    for place in (theirs, store):
        with pytest.raises(NotFound):
            set_point(session, planner, place)
    for place in (theirs, store, site):
        with pytest.raises(NotFound), writing(session):
            read_site_point(session, guardian, place.id, why=Why.EMERGENCY)


def test_figures_that_are_not_on_earth_are_refused(session, site, planner):
    with pytest.raises(WrongEntry) as refused:
        set_point(session, planner, site, latitude=90_000_001)
    assert refused.value.field == "latitude"
    with pytest.raises(WrongEntry) as refused:
        set_point(session, planner, site, longitude=-180_000_001)
    assert refused.value.field == "longitude"


@pytest.mark.parametrize(
    ("text", "millionths"),
    [("-1.5", -1_500_000), ("29,123456", 29_123_456), ("\u22120.000001", -1), ("30", 30_000_000)],
)
def test_degrees_are_kept_to_the_millionth(text, millionths):
    assert typed_degrees(text, field="latitude") == millionths


@pytest.mark.parametrize("text", ["", "1.1234567", "north", "1e1", "--1", "1.2.3", "1°30"])
def test_degrees_that_cannot_be_read_are_refused_without_repeating_them(text):
    with pytest.raises(WrongEntry) as refused:
        typed_degrees(text, field="latitude")
    assert not text or text not in str(refused.value)
