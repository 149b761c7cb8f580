"""The picture of a plan's flows gives no position away."""

from __future__ import annotations

from aidlog.web.logistics.plan_flows import MOST_SITES, draw
from tests.planning.test_outcome import line, need, outcome


def test_a_site_that_gets_nothing_is_not_drawn():
    picture = draw(outcome([need(sent=10), need(site=2)], [line()]))
    assert [box.label for box in picture.sites] == ["S1"]


def test_the_heaviest_flow_is_the_widest():
    lines = [line(quantity=100), line(site=2, quantity=10)]
    picture = draw(outcome([need(sent=100), need(site=2, sent=10)], lines))
    assert [band.width for band in picture.bands] == ["15.0", "1.5"]


def test_only_the_heaviest_of_many_sites_are_drawn():
    many = range(1, MOST_SITES + 6)
    needs = [need(site=number, sent=10) for number in many]
    lines = [line(site=number, quantity=number * 10) for number in many]
    picture = draw(outcome(needs, lines, people=[100] * len(many)))
    assert len(picture.sites) == MOST_SITES
    assert picture.left_out == 5
    assert "S1" not in [box.label for box in picture.sites]


def test_a_plan_that_moves_nothing_draws_nothing():
    assert draw(outcome([need()])).bands == []


def test_heights_follow_the_list_and_nothing_else():
    lines = [line(), line(site=2)]
    near = draw(outcome([need(sent=10), need(site=2, sent=10)], lines))
    assert [box.y for box in near.sites] == sorted(box.y for box in near.sites)
