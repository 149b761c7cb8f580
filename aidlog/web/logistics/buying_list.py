"""A shopping list of a plan as a draft of an order: the supplier is still to be written."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from aidlog.core.decimals import minor_digits, shown_decimal
from aidlog.extensions import db
from aidlog.planning.queries import plan_head
from aidlog.planning.shopping_queries import list_story
from aidlog.registry.models import Place
from aidlog.web.guards import actor
from aidlog.web.logistics.item_picking import as_typed


def from_list(given: MultiDict[str, str]) -> dict[str, Any]:
    """Return what an order form holds that was opened from ``?plan=…&list=…``, else nothing.

    Raises:
        NotFound: the plan or its list is not the actor's.
    """
    code, number = given.get("plan"), given.get("list", type=int)
    if not code or number is None:
        return {}
    session = db.session()
    story = list_story(session, plan_head(session, actor(), code), number)
    currency = story.row.currency
    lines = story.answer.lines if story.answer else ()
    return {
        "warehouse": session.scalar(select(Place.id).where(Place.code == story.warehouse)),
        "expected_on": story.deliver_on,
        "currency": currency,
        "rows": [
            {
                "item": as_typed(story.items[line.item]),
                "known": f"{story.items[line.item].id}:{story.units(line.item)}",
                "packs": line.packs,
                "price": ""
                if line.cost is None
                else shown_decimal(line.cost, places=minor_digits(currency)),
            }
            for line in lines
        ],
    }
