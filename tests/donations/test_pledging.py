"""A pledge is a promise, never stock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.db.commands import CommandRecord, IdReused, once
from aidlog.db.transaction import writing
from aidlog.donations.models import Pledge, PledgeEarmark, PledgeState
from aidlog.donations.pledging import (
    ConfirmPledge,
    EndPledge,
    PledgeClosed,
    RecordPledge,
    WrongPledge,
    confirm_pledge,
    end_pledge,
    record_pledge,
)
from aidlog.donations.queries import expected, own_gift, own_gifts, pledge, pledges
from aidlog.donations.tracking_links import ALPHABET, make_token, new_reference, token_hash
from aidlog.registry.models import PlaceKind
from aidlog.registry.roles import Role, actor_for
from aidlog.stock.models import StockTotal
from tests.factories import (
    command_id,
    make_actor,
    make_gift,
    make_item,
    make_organisation,
    make_person,
    make_place,
    make_pledge,
    make_warehouse,
)


def asking(organisation, item, **more):
    values = {"quantity": 50, "token_hash": token_hash("a link"), "donor_name": "A. Friend"}
    return RecordPledge(
        command_id=command_id(), organisation_id=organisation.id, item_id=item.id, **values | more
    )


def test_a_promise_moves_no_stock(session):
    with writing(session):
        make_pledge(session, quantity=500)
    assert session.scalar(select(func.count()).select_from(StockTotal)) == 0


def test_a_pledge_sent_twice_is_one_pledge_with_one_reference(session):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        command = asking(make_organisation(session), make_item(session))
    with writing(session):
        first = once(session, actor, command, record_pledge)
    with writing(session):
        again = once(session, actor, command, record_pledge)
    assert first == again
    assert session.scalar(select(func.count()).select_from(Pledge)) == 1


def test_an_id_used_for_another_pledge_is_refused(session):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        command = asking(make_organisation(session), make_item(session))
    with writing(session):
        once(session, actor, command, record_pledge)
    other = RecordPledge(
        command_id=command.command_id,
        organisation_id=command.organisation_id,
        item_id=command.item_id,
        quantity=51,
        token_hash=command.token_hash,
    )
    with pytest.raises(IdReused), writing(session):
        once(session, actor, other, record_pledge)
    assert session.scalars(select(Pledge.quantity)).all() == [50]


def test_no_table_holds_the_private_link(session):
    token = make_token(b"a key outside the database", command_id())
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        command = asking(
            make_organisation(session), make_item(session), token_hash=token_hash(token)
        )
    with writing(session):
        once(session, actor, command, record_pledge)
    kept = session.scalars(select(Pledge)).one()
    record = session.get_one(CommandRecord, command.command_id)
    plain = token.replace("-", "")
    for text in (kept.token_hash, kept.reference, record.answer, record.request_hash):
        assert token not in text
        assert plain not in text


def test_a_private_link_has_at_least_eighty_bits():
    letters = make_token(b"key", command_id()).replace("-", "")
    assert len(ALPHABET) ** len(letters) > 2**80
    assert set(letters.upper()) <= set(ALPHABET)


def test_the_same_command_gives_the_same_link_and_another_key_another_one():
    id_ = command_id()
    assert make_token(b"one", id_) == make_token(b"one", id_)
    assert make_token(b"one", id_) != make_token(b"two", id_)


def test_a_reference_has_no_letters_that_look_alike():
    for _ in range(200):
        assert not set(new_reference().removeprefix("PL-")) & set("01OILZSGBUQ")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -5}, "quantity"),
        ({"item_id": 999}, "item"),
        ({"expected_on": date(2020, 1, 1)}, "expected_on"),
    ],
)
def test_a_promise_that_cannot_be_names_its_field(session, change, field):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        organisation, item = make_organisation(session), make_item(session)
    values = {
        "command_id": command_id(),
        "organisation_id": organisation.id,
        "item_id": item.id,
        "quantity": 50,
        "token_hash": token_hash("a link"),
    }
    with pytest.raises(WrongPledge) as refused, writing(session):
        once(session, actor, RecordPledge(**values | change), record_pledge)
    assert refused.value.field == field


def test_the_donors_wish_is_kept_as_sites_only(session):
    with writing(session):
        site, warehouse = make_place(session), make_warehouse(session)
        gift = make_pledge(session, earmarks=[site])
    assert session.scalars(select(PledgeEarmark.place_id)).all() == [site.id]
    with pytest.raises(NotFound), writing(session):
        make_pledge(session, earmarks=[warehouse])
    assert gift.state is PledgeState.PROMISED


def test_another_organisations_pledge_is_not_there(session):
    with writing(session):
        theirs = make_pledge(session, organisation=make_organisation(session, code="OTH"))
        actor = make_actor(session, Role.PLANNER)
    with pytest.raises(NotFound):
        pledge(session, actor, theirs.reference)
    with pytest.raises(NotFound), writing(session):
        once(
            session,
            actor,
            EndPledge(command_id=command_id(), reference=theirs.reference, why="x"),
            end_pledge,
        )
    assert pledges(session, actor) == []
    assert expected(session, actor) == []


def test_a_donor_sees_their_own_gifts_and_no_others(session):
    with writing(session):
        organisation = make_organisation(session)
        one = make_person(session, Role.DONOR, organisation=organisation)
        other = make_person(session, Role.DONOR, organisation=organisation)
        mine = make_pledge(session, donor=one)
        theirs = make_pledge(session, donor=other)
        actor = actor_for(session, one.id)
    assert [row.reference for row in own_gifts(session, actor)] == [mine.reference]
    assert own_gift(session, actor, mine.reference).id == mine.id
    with pytest.raises(NotFound):
        own_gift(session, actor, theirs.reference)
    with pytest.raises(NotAllowed):
        pledges(session, actor)


def test_a_pledge_for_someone_without_a_donors_account_is_refused(session):
    with writing(session):
        stranger = make_person(session, Role.STOREKEEPER)
    with pytest.raises(NotFound), writing(session):
        make_pledge(session, donor=stranger)


def test_ending_a_pledge_keeps_what_came(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        empty = make_pledge(session)
        begun = make_pledge(session, quantity=100)
        make_gift(session, begun, warehouse=make_warehouse(session), good=60)
    for gift in (empty, begun):
        with writing(session):
            once(
                session,
                actor,
                EndPledge(
                    command_id=command_id(), reference=gift.reference, why="The donor moved away"
                ),
                end_pledge,
            )
    states = {row.reference: (row.state, row.received) for row in pledges(session, actor)}
    assert states[empty.reference] == (PledgeState.CANCELLED, 0)
    assert states[begun.reference] == (PledgeState.RECEIVED, 60)
    with pytest.raises(PledgeClosed), writing(session):
        once(
            session,
            actor,
            EndPledge(command_id=command_id(), reference=begun.reference, why="Again"),
            end_pledge,
        )


def test_a_refusal_is_remembered_with_its_sentence(session):
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        gift = make_pledge(session)
    command = EndPledge(command_id=command_id(), reference=gift.reference, why="  ")
    sentences = []
    for _ in range(2):
        with pytest.raises(Refusal) as refused, writing(session):
            once(session, actor, command, end_pledge)
        sentences.append(str(refused.value.message))
    assert sentences[0] == sentences[1] == "Write why nothing more is expected."


def test_goods_are_expected_by_day_and_the_undated_last(session):
    today = datetime.now(UTC).date()
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        undated = make_pledge(session)
        late = make_pledge(session, expected_on=today + timedelta(days=9))
        soon = make_pledge(session, expected_on=today + timedelta(days=2))
    assert [row.reference for row in expected(session, actor)] == [
        soon.reference,
        late.reference,
        undated.reference,
    ]
    near = expected(session, actor, until=today + timedelta(days=5))
    assert [row.reference for row in near] == [soon.reference]


def test_a_confirmed_pledge_is_not_confirmed_again(session):
    day = datetime.now(UTC).date() + timedelta(days=3)
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        gift = make_pledge(session)
    with writing(session):
        once(
            session,
            actor,
            ConfirmPledge(command_id=command_id(), reference=gift.reference, expected_on=day),
            confirm_pledge,
        )
    kept = pledge(session, actor, gift.reference.lower().replace("-", " "))
    assert (kept.state, kept.expected_on) == (PledgeState.CONFIRMED, day)
    with pytest.raises(PledgeClosed), writing(session):
        once(
            session,
            actor,
            ConfirmPledge(command_id=command_id(), reference=gift.reference),
            confirm_pledge,
        )


def test_a_collection_point_can_be_named_a_site_cannot(session):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        organisation, item = make_organisation(session), make_item(session)
        point = make_place(session, PlaceKind.COLLECTION_POINT)
        site = make_place(session)
    with writing(session):
        once(session, actor, asking(organisation, item, collection_id=point.id), record_pledge)
    with pytest.raises(NotFound), writing(session):
        once(session, actor, asking(organisation, item, collection_id=site.id), record_pledge)
