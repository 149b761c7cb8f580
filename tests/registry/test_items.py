"""Items: exact weights, exactly one pack to issue, history that keeps its packs."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from aidlog.core.errors import NotAllowed
from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.registry.items import (
    AddItem,
    EditItem,
    Facts,
    Names,
    Pack,
    SetPacks,
    add_item,
    edit_item,
    set_packs,
)
from aidlog.registry.models import Item, ItemPack, PackKind
from aidlog.registry.queries import packs_of
from aidlog.registry.roles import Role
from aidlog.registry.scope import WrongEntry
from tests.factories import command_id, make_actor, make_item, make_place

BALE = Pack(kind=PackKind.BALE, size=30, issue=True)


def blanket(**changes):
    values = {
        "command_id": command_id(),
        "code": "HSHEBLANPMT1",
        "base_unit": BaseUnit.PIECE,
        "names": Names(en="Blanket", fr="Couverture"),
        "facts": Facts(weight_mg=1_600_000),
        "packs": (BALE,),
    }
    return AddItem(**(values | changes))


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def add(session, actor, command):
    with writing(session):
        return once(session, actor, command, add_item)["item_id"]


def test_what_is_not_known_of_an_item_stays_unknown(session, planner):
    item = session.get_one(Item, add(session, planner, blanket()))
    assert item.weight_mg == 1_600_000
    assert item.volume_mm3 is None


def test_a_gram_weighs_a_gram_and_a_millilitre_fills_one(session, planner):
    flour = add(session, planner, blanket(code="FLOUR", base_unit=BaseUnit.GRAM, facts=Facts()))
    oil = add(session, planner, blanket(code="OIL", base_unit=BaseUnit.MILLILITRE, facts=Facts()))
    assert session.get_one(Item, flour).weight_mg == 1_000
    assert session.get_one(Item, oil).volume_mm3 == 1_000
    assert session.get_one(Item, oil).weight_mg is None


@pytest.mark.parametrize(
    "packs",
    [
        (),
        (Pack(kind=PackKind.BALE, size=30),),
        (BALE, Pack(kind=PackKind.BALE, size=20, issue=True)),
        (BALE, Pack(kind=PackKind.BALE, size=30)),
        (Pack(kind=PackKind.BALE, size=0, issue=True),),
    ],
)
def test_an_item_has_exactly_one_pack_to_issue(session, planner, packs):
    with pytest.raises(WrongEntry) as refused:
        add(session, planner, blanket(packs=packs))
    assert refused.value.field == "packs"
    assert session.scalars(select(Item)).all() == []


def test_a_changed_pack_size_is_a_new_row_and_the_old_one_stays(session, planner):
    item_id = add(session, planner, blanket())
    smaller = Pack(kind=PackKind.BALE, size=25, issue=True)
    with writing(session):
        once(
            session,
            planner,
            SetPacks(command_id=command_id(), item_id=item_id, packs=(smaller,)),
            set_packs,
        )
    assert [(pack.size, pack.issue) for pack in packs_of(session, item_id)] == [(25, True)]
    rows = session.execute(
        select(ItemPack.size, ItemPack.active, ItemPack.issue).order_by(ItemPack.size)
    ).all()
    assert [tuple(row) for row in rows] == [(25, True, True), (30, False, False)]


def test_a_pack_that_comes_back_is_its_old_row(session, planner):
    item_id = add(session, planner, blanket())
    for packs in ((Pack(kind=PackKind.BALE, size=25, issue=True),), (BALE,)):
        with writing(session):
            once(
                session,
                planner,
                SetPacks(command_id=command_id(), item_id=item_id, packs=packs),
                set_packs,
            )
    assert [pack.size for pack in packs_of(session, item_id)] == [30]
    assert len(session.scalars(select(ItemPack)).all()) == 2


def test_the_database_itself_keeps_a_second_pack_to_issue_out(session):
    with writing(session):
        item = make_item(session)
    second = insert(ItemPack).values(
        item_id=item.id, kind=PackKind.BOX, size=1, issue=True, active=True
    )
    with pytest.raises(IntegrityError), writing(session):
        session.execute(second)


def test_a_code_is_used_once(session, planner):
    add(session, planner, blanket())
    with pytest.raises(WrongEntry) as refused:
        add(session, planner, blanket(code=" hsheblanpmt1 "))
    assert refused.value.field == "code"


def test_codes_of_any_catalogue_are_taken_as_they_are(session, planner):
    item = session.get_one(Item, add(session, planner, blanket(code="ht0114-01.b")))
    assert item.code == "HT0114-01.B"


def test_a_weight_of_nothing_is_refused(session, planner):
    with pytest.raises(WrongEntry) as refused:
        add(session, planner, blanket(facts=Facts(weight_mg=0)))
    assert refused.value.field == "weight"


def test_names_and_figures_can_be_corrected_and_the_unit_stays(session, planner):
    item_id = add(session, planner, blanket())
    with writing(session):
        once(
            session,
            planner,
            EditItem(
                command_id=command_id(),
                item_id=item_id,
                names=Names(en="Blanket, medium", sw="Blanketi"),
                facts=Facts(tier=1, weight_mg=None),
            ),
            edit_item,
        )
    item = session.get_one(Item, item_id)
    assert (item.name_in("sw"), item.name_in("fr")) == ("Blanketi", "Blanket, medium")
    assert (item.weight_mg, item.base_unit) == (None, BaseUnit.PIECE)


def test_someone_in_charge_of_one_place_changes_nothing_that_all_share(session):
    with writing(session):
        keeper = make_actor(session, Role.PLANNER, place=make_place(session))
    with pytest.raises(NotAllowed):
        add(session, keeper, blanket())
