"""The flows of a plan as a picture: warehouses left, sites right. Pure geometry.

A schematic, not a map: the order is that of the lists, so that no position can be read out of
it, and a protected site stands there by its code like in every list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from aidlog.planning.outcome import Flow, Outcome, SiteRow

#: With more sites the picture would be a wall of lines: the heaviest are drawn.
MOST_SITES = 40
#: Pixels of the drawing: where warehouses end and sites begin, the height of a row.
LEFT, RIGHT, ROW, TOP = 138, 350, 40, 8
#: The widest band, in pixels, and the narrowest that is still seen.
WIDEST, NARROWEST = 15.0, 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """A warehouse or a site at its height; ``grams`` it sends or gets."""

    label: str
    protected: bool
    y: float
    grams: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """A flow as the path of an SVG with its width."""

    path: str
    width: str
    words: tuple[str, str]
    grams: int


@dataclass(frozen=True, slots=True)
class Picture:
    height: int
    warehouses: Sequence[Box]
    sites: Sequence[Box]
    bands: Sequence[Band]
    left_out: int


def draw(outcome: Outcome) -> Picture:
    """Return where everything stands; sites that get nothing are left out."""
    weight: dict[int, int] = defaultdict(int)
    for flow in outcome.flows:
        weight[flow.site_id] += flow.grams
    getting = [site for site in outcome.sites if site.id in weight]
    heaviest = {site.id for site in sorted(getting, key=lambda s: -weight[s.id])[:MOST_SITES]}
    shown = [site for site in getting if site.id in heaviest]
    flows = [flow for flow in outcome.flows if flow.site_id in heaviest]
    senders = dict.fromkeys(sorted(outcome.warehouses), 0)
    for flow in flows:
        senders[flow.warehouse] += flow.grams
    height = TOP * 2 + ROW * max(len(shown), len(senders), 1)
    site_y = _spread(len(shown), height)
    store_y = _spread(len(senders), height)
    at_site = {site.id: y for site, y in zip(shown, site_y, strict=True)}
    at_store = dict(zip(senders, store_y, strict=True))
    names = {site.id: site.shown_as for site in shown}
    most = max((flow.grams for flow in flows), default=0)
    return Picture(
        height=height,
        warehouses=[
            Box(outcome.warehouses[code], False, at_store[code], grams)
            for code, grams in senders.items()
        ],
        sites=[_site_box(site, at_site[site.id], weight[site.id]) for site in shown],
        bands=[
            Band(
                path=_curve(at_store[flow.warehouse], at_site[flow.site_id]),
                width=_width(flow, most),
                words=(outcome.warehouses[flow.warehouse], names[flow.site_id]),
                grams=flow.grams,
            )
            for flow in flows
        ],
        left_out=len(getting) - len(shown),
    )


def _spread(number: int, height: int) -> list[float]:
    """Return ``number`` heights, evenly spaced."""
    return [round(height * (place + 0.5) / number, 1) for place in range(number)]


def _site_box(site: SiteRow, y: float, grams: int) -> Box:
    return Box(site.shown_as, site.protected, y, grams, site.before, site.after)


def _curve(start: float, end: float) -> str:
    middle = (LEFT + RIGHT) / 2
    return f"M{LEFT} {start}C{middle:g} {start} {middle:g} {end} {RIGHT} {end}"


def _width(flow: Flow, most: int) -> str:
    share = flow.grams / most if most else 0.0
    return f"{max(NARROWEST, WIDEST * share):.1f}"
