"""The result as JSON (``aidlog-result/1``): written for people and machines, read back whole.

Every sentence stands twice: in English, and as data that can be said in any language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from aidlog.allocation.problem import Rule
from aidlog.allocation.result import (
    Cut,
    Limit,
    Measures,
    NeedResult,
    Reason,
    ReasonCode,
    Result,
    Shipment,
    Status,
)
from aidlog.core.text import Message

RESULT_SCHEMA = "aidlog-result/1"


def result_to_json(result: Result) -> dict[str, Any]:
    """Return the ``aidlog-result/1`` document of ``result``."""
    return {
        "schema": RESULT_SCHEMA,
        "problem_id": result.problem_id,
        "status": result.status.value,
        "rule": result.rule.value,
        "needs": [_need_data(need) for need in result.needs],
        "shipments": [asdict(shipment) for shipment in result.shipments],
        "limits": [_limit_data(limit) for limit in result.limits],
        "measures": asdict(result.measures),
        "before": asdict(result.before),
        "compared": {name: asdict(measures) for name, measures in result.compared.items()},
        "bound": result.bound,
        "gap": result.gap,
        "levels_proven": result.levels_proven,
        "certificate": [_cut_data(cut) for cut in result.certificate],
        "clashing_locks": [_said(lock) for lock in result.clashing_locks],
        "problem_sha256": result.problem_sha256,
        "engine_version": result.engine_version,
        "ortools_version": result.ortools_version,
        "options": dict(result.options),
        "timings": dict(result.timings),
    }


#: The long lists of the document: one entry a need, a shipment, a cut.
_LONG = frozenset({"needs", "shipments", "certificate"})


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
    return Result(
        problem_id=data["problem_id"],
        status=Status(data["status"]),
        rule=Rule(data["rule"]),
        needs=tuple(_need(need) for need in data["needs"]),
        shipments=tuple(Shipment(**shipment) for shipment in data["shipments"]),
        limits=tuple(_limit(limit) for limit in data["limits"]),
        measures=Measures(**data["measures"]),
        before=Measures(**data["before"]),
        compared={name: Measures(**values) for name, values in data["compared"].items()},
        bound=data["bound"],
        gap=data["gap"],
        levels_proven=data["levels_proven"],
        certificate=tuple(_cut(cut) for cut in data["certificate"]),
        clashing_locks=tuple(_message(lock) for lock in data["clashing_locks"]),
        problem_sha256=data["problem_sha256"],
        engine_version=data["engine_version"],
        ortools_version=data["ortools_version"],
        options=dict(data["options"]),
        timings=dict(data["timings"]),
    )


def _said(message: Message) -> dict[str, Any]:
    return {"sentence": str(message), "message": message.as_data()}


def _message(data: Mapping[str, Any]) -> Message:
    return Message.from_data(data["message"])


def _need_data(need: NeedResult) -> dict[str, Any]:
    reason = need.reason
    return {
        "site": need.site,
        "item": need.item,
        "level": need.level,
        "pack_level": need.pack_level,
        "packs": need.packs,
        "units": need.units,
        "covered_before": need.covered_before,
        "covered_after": need.covered_after,
        "reason": {
            "code": reason.code.value,
            "limit": reason.limit,
            "shared_by": reason.shared_by,
            **_said(reason.message),
        },
    }


def _need(data: Mapping[str, Any]) -> NeedResult:
    reason = data["reason"]
    return NeedResult(
        site=data["site"],
        item=data["item"],
        level=data["level"],
        pack_level=data["pack_level"],
        packs=data["packs"],
        units=data["units"],
        covered_before=data["covered_before"],
        covered_after=data["covered_after"],
        reason=Reason(
            code=ReasonCode(reason["code"]),
            message=_message(reason),
            limit=reason["limit"],
            shared_by=reason["shared_by"],
        ),
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
        "worth": dict(limit.worth),
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
