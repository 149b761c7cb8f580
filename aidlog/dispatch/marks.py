"""What makes a printed waybill hard to mistype and hard to guess: check code and token.

Both are worked out from the number with a key kept outside the database, so a paper can be
printed again and nothing that opens it is stored.
"""

from __future__ import annotations

import base64
import hashlib

from sqlalchemy.orm import Session

from aidlog.db.audit import keyed_digest

#: Letters and digits that nobody takes for one another: no 0 O, 1 I L, 2 Z, 5 S, 8 B.
ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"


def check_code(session: Session, number: str) -> str:
    """Return the two characters printed beside ``number``; they catch a mistyped number."""
    first, second = keyed_digest(session, "waybill check code", number)[:2]
    return ALPHABET[first % len(ALPHABET)] + ALPHABET[second % len(ALPHABET)]


def token(session: Session, number: str) -> str:
    """Return the 80 secret bits of the QR code of ``number``, as 16 letters and digits."""
    return base64.b32encode(keyed_digest(session, "waybill token", number)[:10]).decode("ascii")


def token_hash(text: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(text.upper().encode()).hexdigest()


def typed_code(number: str, check: str) -> str:
    """Return number and check code as printed for typing: ``KRB-26-0017-K7``."""
    return f"{number.split('-', 1)[1]}-{check}"


def tidy(typed: str) -> str:
    """Return what a person typed, reduced to what counts: ``KRB260017K7``."""
    kept = "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())
    return kept.removeprefix("WB")
