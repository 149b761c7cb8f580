"""Why whole packs leave a need more than a pack below its fraction, in the words of the field."""

from __future__ import annotations

from aidlog.allocation.explain import Names, meaning
from aidlog.allocation.model import Model
from aidlog.allocation.result import PackProof, PackStop, ReasonCode
from aidlog.allocation.whole_stops import Stops
from aidlog.core.text import N_, Message


def pack_stops(model: Model, stops: Stops) -> dict[int, PackStop]:
    """Return need → why it stands more than a pack below its fraction, where that is proved."""
    names = Names(model)
    of_cut = [meaning(model, names, cut) for cut in stops.cuts]
    told = {}
    for need, at in stops.by_cut.items():
        code, limit = of_cut[at]
        told[need] = _told(model, names, need, code, limit)
    for need in stops.by_search:
        words = _words(model, names, need)
        told[need] = PackStop(
            code=ReasonCode.SEVERAL_LIMITS,
            limit="",
            proof=PackProof.SEARCH,
            message=Message(
                N_(
                    "However the trucks are loaded, one pack more of {item} for {site} would take "
                    "another need down to where it stands, or lower."
                ),
                words,
            ),
        )
    return told


def _told(model: Model, names: Names, need: int, code: ReasonCode, limit: str) -> PackStop:
    """Return what one cut says of one need."""
    if code is ReasonCode.LOCKED:
        held = N_("A decision holds {item} for {site} at this number.")
        words = Message(held, _words(model, names, need))
        return PackStop(code=code, limit=limit, proof=PackProof.CUT, message=words)
    return PackStop(
        code=code,
        limit=limit,
        proof=PackProof.CUT,
        message=Message(
            N_(
                "All of {limit} is in whole packs: one more of {item} for {site} would take "
                "another need down to where it stands, or lower."
            ),
            {**_words(model, names, need), "limit": limit},
        ),
    )


def _words(model: Model, names: Names, need: int) -> dict[str, str]:
    needs = model.needs
    return {"site": names.sites[needs.site[need]], "item": names.items[needs.item[need]]}
