"""The reasons that a result tells, held against its own figures.

Part of the check of a finished plan; nothing is shared with the solver. A cell below its
need must name what stopped it, and a limit that it names must stand in the certificate.
"""

from __future__ import annotations

from aidlog.allocation.claim import Claim
from aidlog.allocation.problem import Rule
from aidlog.allocation.result import NeedResult, ReasonCode

_CLOSE = 1e-6
#: Reasons that blame limits of the fractional optimum.
_BLAMED = {
    ReasonCode.STOCK_USED_UP,
    ReasonCode.ROUTE_FULL,
    ReasonCode.SHARED_LIMIT_FULL,
    ReasonCode.SEVERAL_LIMITS,
    ReasonCode.LESS_THAN_A_PACK,
}
#: Reasons why a need is not compared with others.
_OUTSIDE = {
    ReasonCode.NO_STOCK,
    ReasonCode.NO_ROAD,
    ReasonCode.EARMARKED_ELSEWHERE,
    ReasonCode.EXPIRES_BEFORE_ARRIVAL,
}


def wrong_reasons(claim: Claim) -> list[str]:
    """Return every reason that contradicts the figures or the proof beside it."""
    proven = claim.result.rule is Rule.LOWEST_FIRST and claim.result.levels_proven
    stopped = {pair for cut in claim.result.certificate for pair in cut.stops}
    sharing: dict[tuple[str, str], int] = {}
    for cut in claim.result.certificate:
        for pair in cut.stops:
            sharing[pair] = max(sharing.get(pair, 0), len(cut.stops))
    locked = {(k.site, k.item or claim.lots[k.lot or ""].item) for k in claim.locks}
    wrong = []
    for row in claim.result.needs:
        name = f"need of {row.site} for {row.item}: the reason"
        pair = row.site, row.item
        fault = _contradiction(claim, row)
        if fault:
            wrong.append(f"{name} {row.reason.code.value} {fault}")
        elif row.reason.code in _BLAMED and proven:
            if pair not in stopped:
                wrong.append(f"{name} blames a limit, and no cut stops it")
            elif not row.reason.limit:
                wrong.append(f"{name} names no limit")
            elif row.reason.shared_by > sharing[pair]:
                wrong.append(f"{name} counts {row.reason.shared_by}, its cut {sharing[pair]}")
        elif row.reason.code is ReasonCode.LOCKED and pair not in locked:
            wrong.append(f"{name} blames a decision that nobody took")
    return wrong


def _contradiction(claim: Claim, row: NeedResult) -> str:
    """Return how a reason contradicts its row, nothing where it does not."""
    need, code = claim.needs[row.site, row.item], row.reason.code
    short = need.held_units < need.need_units
    contradictions = (
        (code is ReasonCode.NO_NEED and need.need_units > 0, "stands where something is needed"),
        (code is ReasonCode.HELD_ENOUGH and short, "stands where too little is held"),
        (code is ReasonCode.COVERED and row.covered_after < 1 - _CLOSE, "stands below the need"),
        (code in _BLAMED and row.covered_after >= 1, "stands where all is covered"),
        (code in _OUTSIDE and row.level is not None, "stands where goods can come"),
        (code in _OUTSIDE and row.packs > 0, "stands where goods came"),
    )
    return next((words for found, words in contradictions if found), "")
