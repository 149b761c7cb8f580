"""From people to needs: the rounding belongs to the unit that is handed over."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidlog.needs.arithmetic import Counted, Due, coverage, gap, horizon, is_stale, need, units_of
from aidlog.needs.models import Basis, Group

sizes = st.lists(st.integers(1, 15), min_size=1, max_size=60)
counts = st.builds(
    lambda households: Counted(
        people=sum(households),
        households=len(households),
        groups=dict.fromkeys(Group, sum(households) // len(Group)),
    ),
    sizes,
)
dues = st.builds(
    Due,
    basis=st.sampled_from(Basis),
    quantity=st.integers(1, 5_000),
    recurs_days=st.one_of(st.none(), st.integers(1, 400)),
)


@pytest.mark.parametrize(
    ("people", "nets"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4)]
)
def test_one_household_gets_a_net_for_every_two_persons_rounded_up(people, nets):
    assert need(Due(Basis.TWO_PERSONS, 1), Counted(people, 1), 30) == nets


@given(sizes)
def test_nets_suffice_whatever_the_sizes_of_the_households(households):
    counted = Counted(sum(households), len(households))
    assert units_of(Basis.TWO_PERSONS, counted) >= sum(-(-size // 2) for size in households)


@given(st.integers(1, 60), st.integers(0, 300))
def test_no_more_nets_are_asked_for_than_some_sizes_need(households, more):
    people = households + more
    even = (people - households) % 2  # as many odd households as the sum allows
    worst = [1] * households
    worst[0] += people - households - even
    if even:
        worst[-1 if households > 1 else 0] += 1
    assert sum(worst) == people
    needed = sum(-(-size // 2) for size in worst)
    assert units_of(Basis.TWO_PERSONS, Counted(people, households)) == needed


def test_a_kitchen_set_per_household_is_unknown_where_households_were_not_counted():
    assert need(Due(Basis.HOUSEHOLD, 1), Counted(people=500), 30) is None
    assert need(Due(Basis.TWO_PERSONS, 1), Counted(people=500), 30) is None
    assert need(Due(Basis.PERSON, 1), Counted(people=500), 30) == 500


def test_nothing_is_known_of_a_site_that_was_never_counted_but_what_each_site_gets():
    assert need(Due(Basis.PERSON, 1), Counted(), 30) is None
    assert need(Due(Basis.SITE, 2), Counted(), 30) == 2


def test_a_group_that_was_not_counted_is_unknown_however_many_people_there_are():
    girls_only = Counted(500, 100, {Group.GIRLS_0_4: 40})
    assert units_of(Basis.CHILD_UNDER_5, girls_only) is None
    both = Counted(500, 100, {Group.GIRLS_0_4: 40, Group.BOYS_0_4: 0})
    assert units_of(Basis.CHILD_UNDER_5, both) == 40
    assert units_of(Basis.MENSTRUATING, both) is None


@pytest.mark.parametrize(("people", "latrines"), [(0, 0), (1, 1), (20, 1), (21, 2), (500, 25)])
def test_a_facility_stands_for_every_started_number_of_people(people, latrines):
    assert need(Due(Basis.FACILITY, 1, per=20), Counted(people), 30) == latrines


def test_an_empty_site_needs_nothing_and_that_is_known():
    assert need(Due(Basis.HOUSEHOLD, 1), Counted(people=0), 30) == 0


def test_a_month_of_the_general_ration_for_a_thousand_people_weighs_as_published():
    """400 / 60 / 25 / 50 / 15 / 5 g a person and day come to 16.65 t in 30 days."""
    grams = [
        need(Due(Basis.PERSON, daily, 1), Counted(1_000), 30) for daily in (400, 60, 25, 50, 15, 5)
    ]
    assert sum(grams) == 16_650_000


def test_what_recurs_is_rounded_up_once_for_the_site():
    parcels = Due(Basis.HOUSEHOLD, 1, recurs_days=30)
    assert need(parcels, Counted(2_000, 390), 30) == 390
    assert need(parcels, Counted(2_000, 390), 31) == 403
    assert need(parcels, Counted(2_000, 390), 15) == 195


@given(dues, counts, st.integers(1, 400))
def test_a_need_is_exact_or_less_than_one_unit_above(due, counted, days):
    units = units_of(due.basis, counted)
    needed = need(due, counted, days)
    if due.once:
        assert needed == units * due.quantity
    else:
        exact = units * due.quantity * days
        assert 0 <= needed * due.recurs_days - exact < due.recurs_days


@given(dues, counts, st.integers(1, 200), st.integers(0, 200))
def test_more_days_never_need_less(due, counted, days, more):
    assert need(due, counted, days + more) >= need(due, counted, days)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_gap_of_one_unit_is_never_shown_as_covered(needed, held):
    assert gap(needed, held) == max(0, needed - held)
    share = coverage(needed, held)
    if needed == 0:
        assert share is None
    else:
        assert (share >= 1000) == (gap(needed, held) == 0)


def test_unknown_is_not_zero():
    assert gap(None, 40) is None
    assert coverage(None, 40) is None


def test_both_days_of_a_horizon_count():
    assert horizon(date(2026, 12, 1), date(2026, 12, 31)) == 31


def test_a_count_is_stale_after_thirty_days():
    assert not is_stale(date(2026, 11, 1), date(2026, 12, 1))
    assert is_stale(date(2026, 11, 1), date(2026, 12, 2))
