"""Who may do what where: closed unless granted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed, NotFound

permissions = st.sampled_from(Permission)
scopes = st.none() | st.frozensets(st.integers(1, 5))
actors = st.builds(
    Actor,
    user_id=st.just(1),
    organisation_ids=st.frozensets(st.integers(1, 5)),
    grants=st.dictionaries(permissions, scopes),
)


def test_who_holds_nothing_may_do_nothing():
    nobody = Actor(user_id=1, organisation_ids=frozenset(), grants={})
    assert not any(nobody.may(permission) for permission in Permission)


@given(actors, permissions, st.integers(1, 5))
def test_a_permission_holds_at_a_place_only_where_it_was_granted(actor, permission, place):
    granted = permission in actor.grants
    everywhere = granted and actor.grants[permission] is None
    there = granted and not everywhere and place in actor.grants[permission]
    assert actor.may(permission, at=place) == (everywhere or there)
    assert actor.may(permission) == granted


@given(actors, permissions, st.none() | st.integers(1, 5))
def test_must_raises_exactly_where_may_says_no(actor, permission, place):
    if actor.may(permission, at=place):
        actor.must(permission, at=place)
    else:
        with pytest.raises(NotAllowed):
            actor.must(permission, at=place)


@given(actors, st.integers(1, 5))
def test_a_thing_of_another_organisation_is_not_there(actor, organisation):
    if organisation in actor.organisation_ids:
        actor.must_own(organisation)
    else:
        with pytest.raises(NotFound):
            actor.must_own(organisation)


@given(actors, permissions)
def test_places_are_those_of_the_grant_and_asking_without_one_is_refused(actor, permission):
    if permission in actor.grants:
        assert actor.places(permission) == actor.grants[permission]
    else:
        with pytest.raises(NotAllowed):
            actor.places(permission)
