"""Two plans side by side: what one gives and the other does not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aidlog.planning.outcome import ItemColumn, Outcome, SiteRow
from aidlog.planning.queries import NeedRow


@dataclass(frozen=True, slots=True)
class Change:
    """One need in two plans; None where a plan does not have it. Base units."""

    site: SiteRow
    item: ItemColumn
    this: NeedRow | None
    other: NeedRow | None

    @property
    def gained(self) -> int:
        """What this plan sends more than the other; below zero it sends less."""
        return (self.this.sent if self.this else 0) - (self.other.sent if self.other else 0)


def changes(this: Outcome, other: Outcome) -> Sequence[Change]:
    """Return the needs that the two plans serve differently: who gets less comes first."""
    sites = {site.id: site for site in (*other.sites, *this.sites)}
    items = {item.id: item for item in (*other.items, *this.items)}
    mine = {(need.site_id, need.item_id): need for need in this.needs}
    theirs = {(need.site_id, need.item_id): need for need in other.needs}
    found = [
        Change(sites[key[0]], items[key[1]], mine.get(key), theirs.get(key))
        for key in sorted({*mine, *theirs})
    ]
    return sorted(
        (change for change in found if change.gained),
        key=lambda change: (change.gained, change.site.code, change.item.code),
    )
