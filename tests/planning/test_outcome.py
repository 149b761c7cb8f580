"""The figures of a plan's page, worked out by hand."""

from __future__ import annotations

from datetime import date

from aidlog.core.quantity import BaseUnit
from aidlog.planning.comparing import changes
from aidlog.planning.outcome import SiteCount, put_together
from aidlog.planning.queries import LineRow, Names, NeedRow

BLANKET = Names("Blanket, thick", "Couverture", "", "")
SOAP = Names("Soap", "Savon", "", "")


def need(site=1, item=1, *, need=100, held=0, sent=0, code="stock_used_up"):
    return NeedRow(
        site_id=site,
        site=f"S{site}",
        shown_as=f"S{site}",
        protected=True,
        area="North",
        item_id=item,
        item=f"I{item}",
        names=BLANKET if item == 1 else SOAP,
        base_unit=BaseUnit.PIECE,
        tier=item,
        need=need,
        held=held,
        sent=sent,
        before=held * 1000 // need,
        after=(held + sent) * 1000 // need,
        reason=f'{{"code": "{code}"}}',
    )


def line(site=1, item=1, *, quantity=10, weight_mg=1_600_000, warehouse="W1"):
    return LineRow(
        warehouse=warehouse,
        warehouse_shown_as=f"Store {warehouse}",
        site_id=site,
        item_id=item,
        lot_id=item,
        lot=f"L{item}",
        expires_on=date(2027, 1, 1),
        packs=quantity // 10,
        pack_size=10,
        quantity=quantity,
        weight_mg=weight_mg,
    )


def outcome(needs, lines=(), people=(100, 300)):
    counts = {
        f"S{number}": SiteCount(people=count, households=count // 5)
        for number, count in enumerate(people, start=1)
    }
    return put_together(needs, list(lines), counts, {"I1": 10, "I2": 10}, {1: "bale", 2: "box"})


def test_plenty_of_one_item_does_not_hide_the_lack_of_another():
    found = outcome([need(held=200), need(item=2)])
    assert found.sites[0].before == 500


def test_the_basket_of_all_is_weighed_by_people():
    found = outcome([need(sent=100), need(site=2)])
    assert found.basket == (0, 250)


def test_sites_stand_with_the_lowest_first():
    found = outcome([need(held=50), need(site=2, held=10)])
    assert [site.code for site in found.sites] == ["S2", "S1"]
    assert found.lowest_before.code == "S2"


def test_the_weakest_item_is_the_one_least_covered_after():
    found = outcome([need(sent=90), need(item=2, sent=10)])
    assert found.sites[0].weakest.names == SOAP


def test_weights_are_added_by_site_and_by_road():
    found = outcome(
        [need(sent=20), need(site=2, sent=10)],
        [line(quantity=10), line(quantity=10, warehouse="W2"), line(site=2, quantity=10)],
    )
    assert found.grams == 48_000
    assert {site.code: site.grams for site in found.sites} == {"S1": 32_000, "S2": 16_000}
    assert len(found.flows) == 3


def test_an_unknown_weight_makes_the_sites_weight_unknown():
    found = outcome([need(sent=10)], [line(weight_mg=None)])
    assert found.sites[0].grams is None
    assert found.weight_unknown


def test_what_nothing_can_reach_is_gathered_by_reason():
    found = outcome([need(code="no_road"), need(site=2, code="no_road"), need(item=2)])
    (blocked,) = found.unreached
    assert (blocked.code, blocked.sites, blocked.needs) == ("no_road", ("S1", "S2"), 2)


def test_an_item_without_a_name_in_a_language_is_called_by_its_english_one():
    assert [BLANKET.name_in(language) for language in ("fr", "sw", "en")] == [
        "Couverture",
        "Blanket, thick",
        "Blanket, thick",
    ]


def test_who_gets_less_than_in_the_other_plan_comes_first():
    this = outcome([need(sent=10), need(site=2, sent=50), need(item=2, sent=20)])
    other = outcome([need(sent=40), need(site=2, sent=20), need(item=2, sent=20)])
    found = changes(this, other)
    assert [(change.site.code, change.gained) for change in found] == [("S1", -30), ("S2", 30)]


def test_a_need_that_one_plan_does_not_have_counts_as_nothing_there():
    (change,) = changes(outcome([need(sent=0)]), outcome([need(), need(site=2, sent=20)]))
    assert (change.site.code, change.this, change.gained) == ("S2", None, -20)
