"""What persons decided for a plan beyond its frozen question, and why, as it is kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from aidlog.core.text import Message
from aidlog.needs.models import Counts
from aidlog.planning.choices import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as a sentence, and the reason that a person gave.

    ``promise`` is what it promises, ``rounds`` how many earlier plans count, and ``counting``
    which figure is the need in the whole plan, where it does.
    """

    message: Message
    reason: str
    promise: Promise | None = None
    rounds: int = 0
    counting: Counts | None = None


def decisions_text(decisions: Iterable[Decision]) -> str:
    """Return decisions as the plan keeps them; "" for none."""
    rows = [
        {
            "message": decision.message.as_data(),
            "reason": decision.reason,
            "promise": None if decision.promise is None else asdict(decision.promise),
            "rounds": decision.rounds,
            "counting": decision.counting,
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
            promise=None if row["promise"] is None else Promise(**row["promise"]),
            rounds=row["rounds"],
            counting=Counts(row["counting"]) if row.get("counting") else None,
        )
        for row in json.loads(text or "[]")
    ]
