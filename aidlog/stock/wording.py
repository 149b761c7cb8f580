"""What a movement was, in a sentence: for the stock card and for a document's page."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.text import N_, Message
from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.stock.history import MovementLine
from aidlog.stock.models import Correcting, Reason

REASON_WORDS: Mapping[Reason, str] = {
    Reason.LOST: N_("lost"),
    Reason.STOLEN: N_("stolen"),
    Reason.DAMAGED: N_("damaged"),
    Reason.EXPIRED: N_("expired"),
    Reason.UNRECORDED_ISSUE: N_("given out without a record"),
    Reason.FOUND: N_("found"),
    Reason.MISCOUNTED: N_("counted wrong before"),
    Reason.QUALITY_CHECK: N_("quality checked"),
    Reason.WRONG_ENTRY: N_("entered wrong"),
    Reason.RECALLED: N_("recalled"),
    Reason.UNKNOWN: N_("reason not known"),
}

#: What was done by a correction, or is asked for.
CORRECTING_WORDS: Mapping[Correcting, str] = {
    Correcting.ADD: N_("Added to the books"),
    Correcting.TAKE_OFF: N_("Taken off the books"),
    Correcting.TAKE_OFF_HELD: N_("Taken off the books, held back before"),
    Correcting.HOLD: N_("Held back"),
}

_SENTENCES: Mapping[MovementKind, str] = {
    MovementKind.RECEIVED_DAMAGED: N_("Received damaged, held back"),
    MovementKind.LOADED: N_("Sent to {place}"),
    MovementKind.ARRIVED: N_("Arrived at {place}"),
    MovementKind.ARRIVED_DAMAGED: N_("Arrived damaged at {place}"),
    MovementKind.ARRIVED_EXCESS: N_("More than sent arrived at {place}"),
    MovementKind.MISSING: N_("Did not arrive at {place}"),
    MovementKind.RETURNED: N_("Came back from the road to {place}"),
    MovementKind.HANDED_OUT: N_("Given to households at {place}"),
    MovementKind.HANDED_OVER: N_("Handed over to another organisation"),
    MovementKind.TAKEN_OVER: N_("Taken over from another organisation"),
    MovementKind.HELD: N_("Held back: {reason}"),
    MovementKind.RELEASED: N_("Let go for use: {reason}"),
    MovementKind.DESTROYED: N_("Destroyed: {reason}"),
    MovementKind.SENT_BACK: N_("Sent back to the giver: {reason}"),
    MovementKind.REPACKED_FROM: N_("Repacked into other packs"),
    MovementKind.REPACKED_INTO: N_("Came from repacking"),
    MovementKind.USED_FOR_KITS: N_("Put into kits"),
    MovementKind.KITS_BUILT: N_("Kits built"),
    MovementKind.KITS_BROKEN: N_("Kits taken apart"),
    MovementKind.OUT_OF_KITS: N_("Came out of kits"),
    MovementKind.ADJUSTED_UP: N_("Added to the books: {reason}"),
    MovementKind.ADJUSTED_DOWN: N_("Taken off the books: {reason}"),
}


def reason_word(reason: Reason | None) -> Message:
    """Return the words for a reason."""
    return Message(REASON_WORDS[reason or Reason.UNKNOWN])


def sentence(line: MovementLine, names: Mapping[Account, str]) -> Message:
    """Return what ``line`` was; ``names`` are those of its accounts (naming.names_of)."""
    if line.kind is MovementKind.RECEIVED:
        return _received(line)
    if line.counted is not None:
        return Message(N_("Stock take: {reason}"), {"reason": reason_word(line.reason)})
    if line.kind is MovementKind.REVERSED:
        return Message(N_("Reversal of {document}"), {"document": line.undoes or line.document})
    if line.kind is MovementKind.RETURNED and line.source.kind is AccountKind.SITE:
        return Message(N_("Sent back by {place}"), {"place": names.get(line.source, "?")})
    return Message(
        _SENTENCES[line.kind],
        {"place": names.get(_far_end(line), "?"), "reason": reason_word(line.reason)},
    )


def _received(line: MovementLine) -> Message:
    if line.gift_code:
        return Message(N_("Received, pledge {pledge}"), {"pledge": line.gift_code})
    if line.donor_name:
        return Message(N_("Received from {giver}"), {"giver": line.donor_name})
    return Message(N_("Received"))


def _far_end(line: MovementLine) -> Account:
    """The account that names the place: where it went, or for people and losses, whence."""
    if line.kind in {MovementKind.HANDED_OUT, MovementKind.MISSING}:
        return line.source
    if line.target.kind in {AccountKind.LOSS, AccountKind.PEOPLE}:
        return line.source
    return line.target
