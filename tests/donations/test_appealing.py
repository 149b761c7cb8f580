"""What is missing of an appeal is worked out: asked for, less what came and what is promised."""

from datetime import UTC, datetime, timedelta

import pytest

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.appealing import (
    OpenAppeal,
    Wanted,
    WrongAppeal,
    appeals,
    gaps,
    open_appeal,
    open_appeals,
)
from aidlog.donations.models import Pledge
from aidlog.donations.pledging import EndPledge, RecordPledge, end_pledge, record_pledge
from aidlog.donations.tracking_links import token_hash
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_actor,
    make_gift,
    make_item,
    make_organisation,
    make_warehouse,
)

TODAY = datetime.now(UTC).date()


@pytest.fixture
def scene(session):
    """A storekeeper and an item."""
    with writing(session):
        return make_actor(session, Role.STOREKEEPER), make_item(session)


def appeal(session, actor, *wanted, **more):
    values = {"title": "Warm nights", "opens_on": TODAY}
    (organisation_id,) = actor.organisation_ids
    command = OpenAppeal(
        command_id=command_id(), organisation_id=organisation_id, wanted=wanted, **values | more
    )
    with writing(session):
        return once(session, actor, command, open_appeal)["appeal_id"]


def give(session, actor, appeal_id, item, quantity):
    (organisation_id,) = actor.organisation_ids
    command = RecordPledge(
        command_id=command_id(),
        organisation_id=organisation_id,
        item_id=item.id,
        quantity=quantity,
        token_hash=token_hash(command_id()),
        appeal_id=appeal_id,
    )
    with writing(session):
        reference = once(session, actor, command, record_pledge)["reference"]
        return session.query(Pledge).filter_by(reference=reference).one()


def end(session, actor, pledge):
    command = EndPledge(command_id=command_id(), reference=pledge.reference, why="No more")
    with writing(session):
        once(session, actor, command, end_pledge)


def test_the_gap_follows_promises_arrivals_and_endings(session, scene):
    actor, item = scene
    id_ = appeal(session, actor, Wanted(item_id=item.id, quantity=1000))

    def gap():
        (line,) = gaps(session, [id_])
        return line.promised, line.received, line.missing

    assert gap() == (0, 0, 1000)
    begun = give(session, actor, id_, item, 300)
    dropped = give(session, actor, id_, item, 200)
    assert gap() == (500, 0, 500)
    with writing(session):
        make_gift(session, begun, warehouse=make_warehouse(session), good=120)
    assert gap() == (380, 120, 500)
    end(session, actor, dropped)
    assert gap() == (180, 120, 700)
    end(session, actor, begun)
    assert gap() == (0, 120, 880)


def test_more_than_was_asked_for_leaves_no_gap_below_zero(session, scene):
    actor, item = scene
    id_ = appeal(session, actor, Wanted(item_id=item.id, quantity=10))
    give(session, actor, id_, item, 30)
    assert [line.missing for line in gaps(session, [id_])] == [0]


def test_a_pledge_of_another_item_fills_no_gap(session, scene):
    actor, item = scene
    id_ = appeal(session, actor, Wanted(item_id=item.id, quantity=10))
    with writing(session):
        other = make_item(session)
    give(session, actor, id_, other, 30)
    assert [line.missing for line in gaps(session, [id_])] == [10]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "  "}, "title"),
        ({"closes_on": TODAY - timedelta(days=1)}, "closes_on"),
    ],
)
def test_an_appeal_that_cannot_be_names_its_field(session, scene, change, field):
    actor, item = scene
    wanted = (Wanted(item_id=item.id, quantity=10),)
    with pytest.raises(WrongAppeal) as refused:
        appeal(session, actor, *wanted, **change)
    assert refused.value.field == field
    assert appeals(session, actor) == []


@pytest.mark.parametrize("quantities", [(), (0,), (-1,), (5, 5)])
def test_an_appeal_asks_for_each_item_once_and_for_something(session, scene, quantities):
    actor, item = scene
    lines = [Wanted(item_id=item.id, quantity=quantity) for quantity in quantities]
    with pytest.raises(WrongAppeal):
        appeal(session, actor, *lines)


def test_a_pledge_is_given_to_an_open_appeal_of_ones_own(session, scene):
    actor, item = scene
    line = Wanted(item_id=item.id, quantity=10)
    now = appeal(session, actor, line, title="Now")
    appeal(session, actor, line, title="Later", opens_on=TODAY + timedelta(days=1))
    assert [one.id for one in open_appeals(session, actor)] == [now]
    with writing(session):
        stranger = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
        donor = make_actor(session, Role.DONOR)
    assert appeals(session, stranger) == []
    with pytest.raises(NotFound):
        give(session, stranger, now, item, 5)
    with pytest.raises(NotAllowed):
        appeals(session, donor)
