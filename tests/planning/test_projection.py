"""How long stock lasts: by hand, and laws that hold for any stock, needs and arrivals."""

from __future__ import annotations

import random

import pytest

from aidlog.needs.arithmetic import Due
from aidlog.needs.models import Basis
from aidlog.planning.choices import Certainty
from aidlog.planning.projection import Arrival, Curve, Outlook

WEEKS = [(7 * n, 7 * n + 6) for n in range(4)]
DAILY = Due(Basis.PERSON, 2, 1)


def comes(day, quantity, certainty=Certainty.ORDERED):
    return Arrival(day=day, quantity=quantity, certainty=certainty)


def test_stock_runs_out_on_the_first_day_on_which_something_is_missing():
    eaten = Curve(held=0, units=10, due=DAILY)  # 20 a day
    found = Outlook(100, [eaten], []).projection(WEEKS)
    assert (found.runs_out, found.breaks, found.missing) == (5, True, 460)
    assert [span.need for span in found.spans] == [140] * 4


def test_goods_that_come_before_the_end_of_stock_carry_it_on():
    eaten = Curve(held=0, units=10, due=DAILY)
    found = Outlook(100, [eaten], [comes(5, 40)]).projection(WEEKS)
    assert (found.runs_out, found.next_arrival, found.breaks) == (7, 5, False)


def test_goods_that_come_a_day_too_late_do_not_hide_the_break():
    eaten = Curve(held=0, units=10, due=DAILY)
    found = Outlook(100, [eaten], [comes(6, 1_000)]).projection(WEEKS)
    assert (found.runs_out, found.next_arrival, found.breaks, found.missing) == (5, 6, True, 0)


def test_what_a_site_has_is_used_there_before_anything_is_sent():
    has = Curve(held=60, units=10, due=DAILY)
    assert [has.through(day) for day in (0, 2, 3)] == [0, 0, 20]


def test_plenty_at_one_site_does_not_feed_another():
    rich, poor = Curve(held=10_000, units=10, due=DAILY), Curve(held=0, units=10, due=DAILY)
    assert Outlook(0, [rich, poor], []).balance(0) == -20


def test_what_is_given_once_is_needed_on_the_first_day_and_never_again():
    blankets = Curve(held=5, units=10, due=Due(Basis.PERSON, 2, None))
    assert [blankets.through(day) for day in (0, 100)] == [15, 15]


@pytest.mark.parametrize("seed", range(60))
def test_the_books_add_up_and_nothing_is_counted_twice(seed):
    r = random.Random(seed)
    curves = [
        Curve(
            held=r.choice([0, 0, r.randint(0, 200)]),
            units=r.randint(0, 9),
            due=r.choice([DAILY, Due(Basis.PERSON, 7, 30), Due(Basis.HOUSEHOLD, 3, None), None]),
            once=r.randint(0, 50),
        )
        for _ in range(r.randint(0, 4))
    ]
    arrivals = [
        comes(r.randint(0, 40), r.randint(1, 300), r.choice(list(Certainty)))
        for _ in range(r.randint(0, 5))
    ]
    outlook = Outlook(r.randint(0, 400), curves, arrivals)
    found = outlook.projection(WEEKS)
    end = WEEKS[-1][1]
    came = sum(one.quantity for one in arrivals if one.day <= end)
    assert sum(sum(span.coming.values()) for span in found.spans) == came
    assert sum(span.need for span in found.spans) == outlook.need(end)
    left = found.opening
    for span in found.spans:
        left += sum(span.coming.values()) - span.need
        assert span.balance == left
    days = range(end + 1)
    assert found.runs_out == next((day for day in days if outlook.balance(day) < 0), None)
    assert all(outlook.need(day) <= outlook.need(day + 1) for day in days)
