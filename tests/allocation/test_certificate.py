"""The checker finds every wrong plan and every wrong proof that is put before it."""

import dataclasses
import json

import pytest

from aidlog.allocation.certificate import verify
from aidlog.allocation.engine import Options, WrongAnswer, solve
from aidlog.allocation.snapshot import canonical
from tests.benchmarks.allocation_families import Shape, generate

PROBLEM = canonical(
    generate("checked", 8, 5, 2, 4, Shape(tight=0.5, divisible=True, earmarked=0.5))
)
WHOLE = dataclasses.replace(PROBLEM, divisible=False)
RESULT = solve(PROBLEM, Options(explain=False, compare=False))
PACKED = solve(WHOLE, Options(explain=False, compare=False))


def changed(result, **changes):
    return dataclasses.replace(result, **changes)


def with_first(rows, keep=lambda row: True, **changes):
    at = next(i for i, row in enumerate(rows) if keep(row))
    return (*rows[:at], dataclasses.replace(rows[at], **changes), *rows[at + 1 :])


def test_a_right_answer_has_no_fault():
    assert verify(PROBLEM, RESULT) == []
    assert verify(WHOLE, PACKED) == []


def test_the_certificate_is_needed_and_explains_every_need_below_its_cap():
    assert RESULT.certificate
    stopped = {pair for cut in RESULT.certificate for pair in cut.stops}
    below = {
        (r.site, r.item) for r in RESULT.needs if r.level is not None and r.covered_after < 1 - 1e-9
    }
    assert below <= stopped


@pytest.mark.parametrize("at", range(len(RESULT.certificate)))
def test_every_cut_is_missed_when_it_is_gone(at):
    rest = RESULT.certificate[:at] + RESULT.certificate[at + 1 :]
    assert verify(PROBLEM, changed(RESULT, certificate=rest))


@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_a_level_that_is_not_the_fairest_is_found(factor):
    low = lambda r: r.level is not None and 0.05 < r.level < 0.6  # noqa: E731
    row = next(r for r in RESULT.needs if low(r))
    needs = with_first(RESULT.needs, low, level=row.level * factor)
    assert verify(PROBLEM, changed(RESULT, needs=needs))


def test_a_price_that_is_not_the_certificates_is_found():
    cut = max(RESULT.certificate, key=lambda c: len(c.prices))
    name = next(iter(cut.prices))
    for price in (0.0, cut.prices[name] * 1.01, -cut.prices[name]):
        other = dataclasses.replace(cut, prices={**cut.prices, name: price})
        cuts = tuple(other if c is cut else c for c in RESULT.certificate)
        assert verify(PROBLEM, changed(RESULT, certificate=cuts))


def test_a_cut_that_stops_somebody_outside_it_is_found():
    inside = set(RESULT.certificate[0].stops)
    stranger = next(p for c in RESULT.certificate[1:] for p in c.stops if p not in inside)
    cuts = tuple(
        dataclasses.replace(c, stops=tuple(p for p in c.stops if p != stranger))
        for c in RESULT.certificate
    )
    cuts = (dataclasses.replace(cuts[0], stops=(*cuts[0].stops, stranger)), *cuts[1:])
    assert verify(PROBLEM, changed(RESULT, certificate=cuts))


def test_a_pack_more_than_a_lot_holds_is_found():
    first = PACKED.shipments[0]
    lot = next(x for x in WHOLE.lots if x.id == first.lot)
    sent = sum(s.packs for s in PACKED.shipments if s.lot == first.lot)
    more = first.packs + lot.packs - sent + 1
    shipments = with_first(PACKED.shipments, packs=more)
    assert any("are there" in w for w in verify(WHOLE, changed(PACKED, shipments=shipments)))


def test_a_shipment_that_goes_missing_is_found():
    assert verify(WHOLE, changed(PACKED, shipments=PACKED.shipments[1:]))


def test_half_a_pack_is_found_in_a_whole_pack_plan():
    first = PACKED.shipments[0]
    assert any(
        f"{first.packs - 0.5} packs" in w
        for w in verify(
            WHOLE,
            changed(PACKED, shipments=with_first(PACKED.shipments, packs=first.packs - 0.5)),
        )
    )


def test_a_closed_road_is_found():
    first = PACKED.shipments[0]
    routes = tuple(
        dataclasses.replace(r, open=(r.warehouse, r.site) != (first.warehouse, first.site))
        for r in WHOLE.routes
    )
    assert any("may not go" in w for w in verify(dataclasses.replace(WHOLE, routes=routes), PACKED))


def test_a_truck_that_is_too_full_is_found():
    used = {}
    for s in PACKED.shipments:
        used[s.warehouse, s.site] = used.get((s.warehouse, s.site), 0) + s.kg
    pair, kg = max(used.items(), key=lambda e: e[1])
    routes = tuple(
        dataclasses.replace(r, max_kg=kg * 0.999) if (r.warehouse, r.site) == pair else r
        for r in WHOLE.routes
    )
    wrong = verify(dataclasses.replace(WHOLE, routes=routes), PACKED)
    assert any(w.startswith("road") for w in wrong)


def test_an_earmark_that_is_broken_is_found():
    first = PACKED.shipments[0]
    elsewhere = frozenset(s.id for s in WHOLE.sites if s.id != first.site)
    lots = tuple(
        dataclasses.replace(x, sites=elsewhere) if x.id == first.lot else x for x in WHOLE.lots
    )
    assert verify(dataclasses.replace(WHOLE, lots=lots), PACKED)


def test_packs_that_are_promised_and_not_sent_are_found():
    needs = with_first(PACKED.needs, lambda r: r.packs > 0, packs=0)
    assert any("promised" in w for w in verify(WHOLE, changed(PACKED, needs=needs)))


def test_a_wrong_answer_never_leaves_the_engine(monkeypatch):
    from aidlog.allocation import engine

    monkeypatch.setattr(engine, "shipments", lambda model, flow: ())
    with pytest.raises(WrongAnswer):
        solve(WHOLE, Options(explain=False, compare=False))


def test_the_names_of_limits_are_lists_that_a_machine_can_read():
    kinds = {json.loads(name)[0] for cut in RESULT.certificate for name in cut.prices}
    assert kinds <= {"lot", "road", "shared", "lock"}
    assert {"lot", "road"} <= kinds
