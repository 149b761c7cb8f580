"""What persons decided for a plan beyond its frozen question, and why, as it is kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from aidlog.core.text import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as a sentence, and the reason that a person gave.

    ``site`` and ``item`` are codes where it is about one need (a promised share of it).
    """

    message: Message
    reason: str
    site: str = ""
    item: str = ""


def decisions_text(decisions: Iterable[Decision]) -> str:
    """Return decisions as the plan keeps them; "" for none."""
    rows = [
        {
            "message": decision.message.as_data(),
            "reason": decision.reason,
            "site": decision.site,
            "item": decision.item,
        }
        for decision in decisions
    ]
    return json.dumps(rows, sort_keys=True, ensure_ascii=False) if rows else ""


def read_decisions(text: str) -> list[Decision]:
    """Return what :func:`decisions_text` wrote."""
    return [
        Decision(
            message=Message.from_data(row["message"]),
            reason=row["reason"],
            site=row["site"],
            item=row["item"],
        )
        for row in json.loads(text or "[]")
    ]
