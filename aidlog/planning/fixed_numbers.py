"""The numbers of a plan that persons fixed, and which of them cannot all be kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Exactly so many packs of an item go to a site, and why; names are those of the question.

    ``clashes``: it is one of those that cannot all be kept.
    """

    site: str
    item: str
    site_name: str
    item_name: str
    packs: int
    reason: str
    clashes: bool


def fixed_numbers(problem: Mapping[str, Any], summary: str | None) -> list[Fixed]:
    """Return what is fixed in a stored question, what clashes in its answer first."""
    sites = {site["id"]: site["name"] or site["id"] for site in problem["sites"]}
    items = {item["id"]: item["name"] or item["id"] for item in problem["items"]}
    said = [
        clash["message"]["values"]
        for clash in (json.loads(summary)["clashing_locks"] if summary else [])
    ]
    clashing = {(values["site"], values["thing"], values["count"]) for values in said}
    found = [
        Fixed(
            site=lock["site"],
            item=lock["item"],
            site_name=sites[lock["site"]],
            item_name=items[lock["item"]],
            packs=lock["packs"],
            reason=lock["reason"],
            clashes=(sites[lock["site"]], items[lock["item"]], lock["packs"]) in clashing,
        )
        for lock in problem["locks"]
        if lock["item"] is not None
    ]
    return sorted(found, key=lambda fixed: (not fixed.clashes, fixed.site, fixed.item))
