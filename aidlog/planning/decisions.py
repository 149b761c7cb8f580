"""What persons decided for a plan beyond its frozen question, and why, as it is kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from aidlog.core.text import Message
from aidlog.planning.choices import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as a sentence, and the reason that a person gave.

    ``promise`` is what it promises, and ``rounds`` how many earlier plans count, where it does.
    """

    message: Message
    reason: str
    promise: Promise | None = None
    rounds: int = 0


def decisions_text(decisions: Iterable[Decision]) -> str:
    """Return decisions as the plan keeps them; "" for none."""
    rows = [
        {
            "message": decision.message.as_data(),
            "reason": decision.reason,
            "promise": None if decision.promise is None else asdict(decision.promise),
            "rounds": decision.rounds,
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
        )
        for row in json.loads(text or "[]")
    ]
