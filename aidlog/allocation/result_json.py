"""The result as JSON (``aidlog-result/1``): written for people and machines, read back whole.

``result.schema.json`` beside this file says what every field means, and in which unit. Every
sentence stands twice: in English, and as data that can be said in any language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from aidlog.allocation.problem import Rule, Sense
from aidlog.allocation.result import (
    Act,
    Change,
    Cut,
    Elsewhere,
    HandOut,
    Harm,
    Limit,
    Measures,
    NeedResult,
    NextStop,
    PackProof,
    PackStop,
    Price,
    PriceKind,
    Reason,
    ReasonCode,
    Result,
    Shipment,
    Status,
    TierReport,
)
from aidlog.core.text import Message

RESULT_SCHEMA = "aidlog-result/1"

#: The plans of the simple rules among the measures: name in the document → rule.
COMPARED = {
    "pro_rata": Rule.EQUAL_SHARE,
    "first_come": Rule.FIRST_COME,
    "cheapest_first": Rule.CHEAPEST,
}
#: The long lists of the document: one entry a need, a shipment, a cut.
_LONG = frozenset({"needs", "shipments", "certificate", "pack_certificate"})


def result_to_json(result: Result) -> dict[str, Any]:
    """Return the ``aidlog-result/1`` document of ``result``."""
    return {
        "schema": RESULT_SCHEMA,
        "problem_id": result.problem_id,
        "status": result.status.value,
        "rule": result.rule.value,
        "bound": result.bound,
        "gap": result.gap,
        "levels_proven": result.levels_proven,
        "tiers": [asdict(tier) for tier in result.tiers],
        "measures": _measures_data(result),
        "before": asdict(result.before),
        "limits": [_limit_data(limit) for limit in result.limits],
        "prices": [_price_data(price) for price in result.prices],
        "elsewhere": [_elsewhere_data(other) for other in result.elsewhere],
        "clashing_locks": [_said(lock) for lock in result.clashing_locks],
        "needs": [_need_data(need) for need in result.needs],
        "shipments": [_shipment_data(shipment) for shipment in result.shipments],
        "certificate": [_cut_data(cut) for cut in result.certificate],
        "pack_certificate": [_cut_data(cut) for cut in result.pack_certificate],
        "problem_sha256": result.problem_sha256,
        "engine_version": result.engine_version,
        "ortools_version": result.ortools_version,
        "options": dict(result.options),
        "timings": dict(result.timings),
    }


def result_text(result: Result) -> Iterator[str]:
    """Yield the document of ``result`` as text, piece by piece: a line for each row of a list."""
    document = result_to_json(result)
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    yield "{\n"
    last = len(document) - 1
    for number, (name, part) in enumerate(document.items()):
        yield f"{write(name)}:"
        if isinstance(part, list) and part:
            yield "[\n"
            yield write(part[0])
            for row in part[1:]:
                yield ",\n"
                yield write(row)
            yield "\n]"
        else:
            yield write(part)
        yield ",\n" if number < last else "\n"
    yield "}\n"


def summary_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result document without its long lists: measures, limits, how it was found."""
    return {name: part for name, part in document.items() if name not in _LONG}


def result_from_json(data: Mapping[str, Any]) -> Result:
    """Return the result that :func:`result_to_json` wrote; numbers come back exactly.

    Raises:
        KeyError, ValueError: the document is not one of ours; only our own are ever read.
    """
    if data["schema"] != RESULT_SCHEMA:
        raise ValueError(f"not {RESULT_SCHEMA}")
    rule = Rule(data["rule"])
    return Result(
        problem_id=data["problem_id"],
        status=Status(data["status"]),
        rule=rule,
        needs=tuple(_need(need) for need in data["needs"]),
        shipments=tuple(Shipment(**shipment) for shipment in data["shipments"]),
        limits=tuple(_limit(limit) for limit in data["limits"]),
        measures=_measures(data["measures"]),
        before=_measures(data["before"]),
        compared={
            other.value: _measures(data["measures"][name])
            for name, other in COMPARED.items()
            if other is not rule and name in data["measures"]
        },
        bound=data["bound"],
        gap=data["gap"],
        levels_proven=data["levels_proven"],
        certificate=tuple(_cut(cut) for cut in data["certificate"]),
        pack_certificate=tuple(_cut(cut) for cut in data.get("pack_certificate", ())),
        clashing_locks=tuple(_message(lock) for lock in data["clashing_locks"]),
        problem_sha256=data["problem_sha256"],
        engine_version=data["engine_version"],
        ortools_version=data["ortools_version"],
        options=dict(data["options"]),
        timings=dict(data["timings"]),
        tiers=tuple(TierReport(**tier) for tier in data["tiers"]),
        prices=tuple(_price(price) for price in data["prices"]),
        elsewhere=tuple(_elsewhere(other) for other in data["elsewhere"]),
    )


_MEASURES = tuple(field.name for field in fields(Measures))


def _measures_data(result: Result) -> dict[str, Any]:
    """Return the plan's measures, and those of the simple rules' plans among them."""
    others = {}
    for name, rule in COMPARED.items():
        if rule.value in result.compared:
            others[name] = asdict(result.compared[rule.value])
        elif rule is result.rule:
            others[name] = asdict(result.measures)
    return asdict(result.measures) | others


def _measures(data: Mapping[str, Any]) -> Measures:
    return Measures(**{name: data[name] for name in _MEASURES})


def _said(message: Message) -> dict[str, Any]:
    """Return a sentence in English and as data; what is null stays out."""
    data = {name: part for name, part in message.as_data().items() if part is not None}
    return {"sentence": str(message), "message": data}


def _message(data: Mapping[str, Any]) -> Message:
    return Message.from_data({"plural": None, "count": None} | data["message"])


def _shipment_data(shipment: Shipment) -> dict[str, Any]:
    return {
        "lot": shipment.lot,
        "warehouse": shipment.warehouse,
        "site": shipment.site,
        "item": shipment.item,
        "period": shipment.period,
        "packs": shipment.packs,
        "units": shipment.units,
        "kg": shipment.kg,
        "m3": shipment.m3,
    }


def _need_data(need: NeedResult) -> dict[str, Any]:
    reason = need.reason
    next_stop = reason.next
    hand_out = need.hand_out
    return {
        "site": need.site,
        "item": need.item,
        "level": need.level,
        "pack_level": need.pack_level,
        "packs": need.packs,
        "units": need.units,
        "covered_before": need.covered_before,
        "covered_after": need.covered_after,
        "fraction_packs": need.fraction_packs,
        "rounding_packs": need.rounding_packs,
        "packs_stopped": None
        if need.packs_stopped is None
        else {
            "code": need.packs_stopped.code.value,
            "limit": need.packs_stopped.limit,
            "proof": need.packs_stopped.proof.value,
            **_said(need.packs_stopped.message),
        },
        "hand_out": None
        if hand_out is None
        else {
            "households": hand_out.households,
            "each": hand_out.each,
            "one_more": hand_out.one_more,
        },
        "reason": {
            "code": reason.code.value,
            "limit": reason.limit,
            "shared_by": reason.shared_by,
            "next": None
            if next_stop is None
            else {
                "code": next_stop.code.value,
                "limit": next_stop.limit,
                "level": next_stop.level,
            },
            **_said(reason.message),
        },
    }


def _need(data: Mapping[str, Any]) -> NeedResult:
    reason = data["reason"]
    following, shared_out = reason["next"], data["hand_out"]
    return NeedResult(
        site=data["site"],
        item=data["item"],
        level=data["level"],
        pack_level=data["pack_level"],
        packs=data["packs"],
        units=data["units"],
        covered_before=data["covered_before"],
        covered_after=data["covered_after"],
        fraction_packs=data["fraction_packs"],
        rounding_packs=data["rounding_packs"],
        packs_stopped=_pack_stop(data.get("packs_stopped")),
        hand_out=None if shared_out is None else HandOut(**shared_out),
        reason=Reason(
            code=ReasonCode(reason["code"]),
            message=_message(reason),
            limit=reason["limit"],
            shared_by=reason["shared_by"],
            next=None
            if following is None
            else NextStop(
                code=ReasonCode(following["code"]),
                limit=following["limit"],
                level=following["level"],
            ),
        ),
    )


def _pack_stop(data: Mapping[str, Any] | None) -> PackStop | None:
    if data is None:
        return None
    return PackStop(
        code=ReasonCode(data["code"]),
        limit=data["limit"],
        proof=PackProof(data["proof"]),
        message=_message(data),
    )


def _change_data(change: Change) -> dict[str, Any]:
    """Return a change; the fields that it does not use stay out."""
    data = {name: value for name, value in asdict(change).items() if value is not None}
    for name in ("act", "sense"):
        if name in data:
            data[name] = data[name].value
    return data


def change_from_json(data: Mapping[str, Any]) -> Change:
    """Return one change of an advice as the document holds it."""
    sense = data.get("sense")
    return Change(
        **(dict(data) | {"act": Act(data["act"]), "sense": None if sense is None else Sense(sense)})
    )


def _limit_data(limit: Limit) -> dict[str, Any]:
    return {
        "kind": limit.kind,
        "id": limit.id,
        "used": limit.used,
        "capacity": limit.capacity,
        "unit": limit.unit,
        "needs_held_back": limit.needs_held_back,
        "lowest_level": limit.lowest_level,
        "step": limit.step,
        "advice": [_change_data(change) for change in limit.advice],
        "worth": dict(limit.worth),
        "in_packs": dict(limit.in_packs),
        **_said(limit.message),
    }


def _limit(data: Mapping[str, Any]) -> Limit:
    return Limit(
        kind=data["kind"],
        id=data["id"],
        message=_message(data),
        used=data["used"],
        capacity=data["capacity"],
        unit=data["unit"],
        needs_held_back=data["needs_held_back"],
        lowest_level=data["lowest_level"],
        step=data["step"],
        worth=dict(data["worth"]),
        in_packs=dict(data["in_packs"]),
        advice=tuple(change_from_json(change) for change in data["advice"]),
    )


def _price_data(price: Price) -> dict[str, Any]:
    return {
        "kind": price.kind.value,
        "change": _change_data(price.change),
        "worth": dict(price.worth),
        "harmed": [asdict(harm) for harm in price.harmed],
        "needs_harmed": price.needs_harmed,
        "needs_helped": price.needs_helped,
        **_said(price.message),
    }


def _price(data: Mapping[str, Any]) -> Price:
    return Price(
        kind=PriceKind(data["kind"]),
        change=change_from_json(data["change"]),
        message=_message(data),
        worth=dict(data["worth"]),
        harmed=tuple(Harm(**harm) for harm in data["harmed"]),
        needs_harmed=data["needs_harmed"],
        needs_helped=data["needs_helped"],
    )


def _elsewhere_data(other: Elsewhere) -> dict[str, Any]:
    return {
        "rule": other.rule.value,
        "site": other.site,
        "item": other.item,
        "level": other.level,
        "here": other.here,
        "zeros": other.zeros,
        **_said(other.message),
    }


def _elsewhere(data: Mapping[str, Any]) -> Elsewhere:
    return Elsewhere(
        rule=Rule(data["rule"]),
        site=data["site"],
        item=data["item"],
        level=data["level"],
        here=data["here"],
        zeros=data["zeros"],
        message=_message(data),
    )


def _cut_data(cut: Cut) -> dict[str, Any]:
    return {
        "prices": dict(cut.prices),
        "right_hand_side": cut.right_hand_side,
        "stops": [list(need) for need in cut.stops],
        "members": [list(member) for member in cut.members],
    }


def _cut(data: Mapping[str, Any]) -> Cut:
    return Cut(
        prices=dict(data["prices"]),
        right_hand_side=data["right_hand_side"],
        stops=tuple(_pair(need) for need in data["stops"]),
        members=tuple((site, item, float(weight)) for site, item, weight in data["members"]),
    )


def _pair(names: Sequence[str]) -> tuple[str, str]:
    site, item = names
    return site, item
